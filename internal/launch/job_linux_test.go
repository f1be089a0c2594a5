package launch

import (
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// TestStops has a program that stops itself: who waits for this one sees it stopped, and both go on.
func TestStops(t *testing.T) {
	cmd := helper("child", "sh", "-c", `echo READY; kill -STOP $$; echo on; exit 4`)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	rest := started(t, cmd)
	var status unix.WaitStatus
	if _, err := unix.Wait4(cmd.Process.Pid, &status, unix.WUNTRACED, nil); err != nil || !status.Stopped() {
		t.Fatalf("%v, %v: not stopped", status, err)
	}
	if err := unix.Kill(-cmd.Process.Pid, unix.SIGCONT); err != nil {
		t.Fatal(err)
	}
	said, _ := io.ReadAll(rest)
	_ = cmd.Wait()
	if string(said) != "on\n" || cmd.ProcessState.ExitCode() != 4 {
		t.Errorf("the program said %q, and the end was %v", said, cmd.ProcessState)
	}
}

// onTerminal starts a helper on a terminal of its own, by a shell that has no job control: in the foreground.
func onTerminal(t *testing.T, mode, script string) (terminal *os.File, cmd *exec.Cmd) {
	t.Helper()
	cmd = helper(mode, "sh", "-c", script)
	terminal, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = terminal.Close() })
	notForever(t, cmd)
	awaitText(t, terminal, "READY\n")
	return terminal, cmd
}

// notForever ends what a test waits for if that goes on for too long; then its terminal is at its end.
func notForever(t *testing.T, cmd *exec.Cmd) {
	timer := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
	t.Cleanup(func() { timer.Stop() })
}

// TestKeyboard presses the keys that make signals: the program gets each once, beside keysweep or in its place.
func TestKeyboard(t *testing.T) {
	for _, mode := range []string{"child", "replace"} {
		terminal, cmd := onTerminal(t, mode, `n=0; trap 'n=$((n+1))' INT; trap 'echo $n interrupts; exit 6' QUIT
stty -echo; echo READY; while :; do sleep 0.02; done`)
		for range 3 {
			if _, err := terminal.WriteString("\x03"); err != nil {
				t.Fatal(err)
			}
			unix.Nanosleep(&unix.Timespec{Nsec: 100e6}, nil)
		}
		if _, err := terminal.WriteString("\x1c"); err != nil {
			t.Fatal(err)
		}
		awaitText(t, terminal, "3 interrupts\n")
		_ = cmd.Wait()
		if cmd.ProcessState.ExitCode() != 6 {
			t.Errorf("%s: the end was %v", mode, cmd.ProcessState)
		}
	}
}

// TestSuspend presses ^Z within a shell that has job control: the shell comes back, and fg goes on with the program.
func TestSuspend(t *testing.T) {
	for _, mode := range []string{"child", "replace"} {
		bash := exec.Command("/bin/bash", "--norc", "--noprofile", "--noediting", "-i")
		bash.Env = append(os.Environ(), helping+"=1", "PS1=PROMPT\n", "HISTFILE=")
		terminal, err := pty.Start(bash)
		if err != nil {
			t.Fatal(err)
		}
		notForever(t, bash)
		awaitText(t, terminal, "PROMPT\n")
		write := func(text string) {
			if _, err := terminal.WriteString(text); err != nil {
				t.Fatal(err)
			}
		}
		write("stty -echo; " + os.Args[0] + " " + mode + ` sh -c 'echo REA""DY; read x; echo "read $x"; exit 3'` + "\n")
		awaitText(t, terminal, "READY\n")
		write("\x1a")
		awaitText(t, terminal, "PROMPT\n")
		write("jobs -s | grep -c Stopped\n")
		awaitText(t, terminal, "1\nPROMPT\n")
		write("fg >/dev/null\n")
		write("word\n")
		awaitText(t, terminal, "read word\nPROMPT\n")
		write("echo code $?\n")
		awaitText(t, terminal, "code 3\nPROMPT\n")
		write("exit\n")
		_ = bash.Wait()
		_ = terminal.Close()
	}
}
