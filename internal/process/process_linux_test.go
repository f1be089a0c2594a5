package process_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"keysweep/internal/process"
	"keysweep/internal/testneed"
)

// parentVar makes this test binary a process with a child that would stay for a minute.
const parentVar = "KEYSWEEP_TEST_PARENT"

func TestMain(m *testing.M) {
	if os.Getenv(parentVar) == "" {
		os.Exit(m.Run())
	}
	if err := parent(); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func parent() error {
	cmd := exec.CommandContext(context.Background(), "sleep", "60")
	process.Session(cmd)
	wait, err := process.Start(cmd)
	if err != nil {
		return err
	}
	fmt.Println(cmd.Process.Pid)
	return wait()
}

// gone waits until a process has ended: nobody is left who would wait for it, so it is nowhere, or a zombie.
func gone(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if _, state, ok := bytes.Cut(stat, []byte(") ")); err != nil || ok && state[0] == 'Z' {
			return
		}
		if time.Now().After(deadline) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
			t.Fatalf("process %d lives on: %s", pid, stat)
		}
	}
}

// TestDiesWithUs kills a process, and wants the child, which has a session of its own, to end.
func TestDiesWithUs(t *testing.T) {
	testneed.Program(t, "sleep")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), parentVar+"=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	must(t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	must(t, err)
	must(t, syscall.Kill(pid, 0)) // it is there
	must(t, cmd.Process.Kill())
	_ = cmd.Wait() // it was killed
	gone(t, pid)
}

// TestThreadEnds starts a child from a goroutine that takes its thread with it: the child does not mind.
func TestThreadEnds(t *testing.T) {
	testneed.Program(t, "sleep")
	cmd := exec.CommandContext(t.Context(), "sleep", "60")
	process.Group(cmd)
	type outcome struct {
		wait func() error
		err  error
	}
	started := make(chan outcome)
	thread := make(chan int)
	go func() {
		runtime.LockOSThread() // and never unlock it: the thread ends
		wait, err := process.Start(cmd)
		started <- outcome{wait, err}
		thread <- syscall.Gettid()
	}()
	o := <-started
	must(t, o.err)
	path := fmt.Sprintf("/proc/self/task/%d", <-thread)
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if _, err := os.Stat(path); err != nil {
			break
		}
	}
	must(t, cmd.Cancel()) // it would say that there is nothing to kill
	if err := o.wait(); err == nil || err.Error() != "signal: killed" {
		t.Errorf("it ended so: %v", err)
	}
	if err := o.wait(); err == nil {
		t.Error("the second wait forgot how it ended")
	}
}

// TestChildrenDie ends a context: the program's children hold its pipe no longer.
func TestChildrenDie(t *testing.T) {
	testneed.Program(t, "sh")
	for name, lead := range map[string]func(*exec.Cmd){"group": process.Group, "session": process.Session} {
		ctx, cancel := context.WithCancel(t.Context())
		cmd := exec.CommandContext(ctx, "sh", "-c", "sleep 60 & echo $!; wait")
		lead(cmd)
		out, err := cmd.StdoutPipe()
		must(t, err)
		wait, err := process.Start(cmd)
		must(t, err)
		line, err := bufio.NewReader(out).ReadString('\n')
		must(t, err)
		cancel()
		if err := wait(); err == nil {
			t.Errorf("%s: it ended well", name)
		}
		pid, err := strconv.Atoi(strings.TrimSpace(line))
		must(t, err)
		gone(t, pid)
	}
}

func TestCannotStart(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "/nowhere/at/all")
	process.Group(cmd)
	if err := process.Run(cmd); err == nil {
		t.Error("it was started")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
