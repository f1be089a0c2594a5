package openssh_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"keysweep/internal/testneed"
	"keysweep/internal/testsshd"
)

// TestKilled kills a process with an ssh that is logged in: that ends, too.
func TestKilled(t *testing.T) {
	testneed.Program(t, "ssh")
	s := testsshd.Start(t, testsshd.Options{})
	key, line := newKey(t, "")
	s.Authorize(t, line)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %s", stayVar, s.Config, s.Target(), key))
	cmd.Stderr = os.Stderr
	must(t, cmd.Start())
	eventually(t, "it does not log in", func() bool { _, err := os.Stat(s.Home + "/here"); return err == nil })
	children := childrenOf(t, cmd.Process.Pid)
	must(t, cmd.Process.Kill())
	_ = cmd.Wait() // it was killed
	if len(children) != 1 {
		t.Fatalf("it had the children %v", children)
	}
	eventually(t, "ssh lives on", func() bool {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", children[0]))
		return err != nil || bytes.Contains(stat, []byte(") Z ")) // nobody may wait for it
	})
}

func eventually(t *testing.T, otherwise string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(otherwise)
		}
	}
}

// childrenOf returns the children of all threads of a process.
func childrenOf(t *testing.T, pid int) (children []int) {
	t.Helper()
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	must(t, err)
	for _, list := range lists {
		text, err := os.ReadFile(list)
		must(t, err)
		for field := range strings.FieldsSeq(string(text)) {
			child, err := strconv.Atoi(field)
			must(t, err)
			children = append(children, child)
		}
	}
	return children
}
