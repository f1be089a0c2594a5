//go:build linux

package cli

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"keysweep/internal/testkeyring"
)

// newVault makes an account with two credentials in a keyring.
func newVault(t *testing.T) (*desk, *testkeyring.Keyring) {
	t.Helper()
	ring := testkeyring.Start(t)
	d := newDesk(t, ring.Environ)
	if err := os.WriteFile(d.path(".env"), []byte("TOKEN=first\nOTHER=second\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.run(0, "cred", "import", ".env", "--env", "prod", "--purpose", "test", "--all", "--yes")
	return d, ring
}

// TestRunLeavesNoProcess: what reached the keyring is no child of the program, not even a dead one.
func TestRunLeavesNoProcess(t *testing.T) {
	d, _ := newVault(t)
	cmd, _, said := d.command("run", "--env", "prod", "-q", "--", "sh", "-c", "echo $TOKEN; read line")
	cmd.Stdout = nil
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "first\n" {
		t.Errorf("the program says %q, %v", line, err)
	}
	if children := childrenOf(t, cmd.Process.Pid); len(children) > 0 {
		t.Errorf("the program has children: %q", children)
	}
	_ = in.Close()
	_ = cmd.Wait() // read(1) fails at the end of the file
	if said.Len() > 0 {
		t.Errorf("said %q", said.String())
	}
}

// childrenOf returns the lines of proc_pid_stat(5) of a process's children, also of those that nobody has waited for.
func childrenOf(t *testing.T, pid int) (children []string) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(files) == 0 {
		t.Fatalf("no processes: %v", err)
	}
	for _, file := range files {
		stat, _ := os.ReadFile(file) // it may have ended
		_, rest, _ := strings.Cut(string(stat), ") ")
		if fields := strings.Fields(rest); len(fields) > 1 && fields[1] == fmt.Sprint(pid) {
			children = append(children, string(stat))
		}
	}
	return children
}

// TestRunWithoutAPresentSnapshot reads the records out of the keyring when the snapshot does not have them.
func TestRunWithoutAPresentSnapshot(t *testing.T) {
	d, _ := newVault(t)
	snapshot := d.path(".local/state/keysweep/snapshot.json")
	old, err := os.ReadFile(snapshot)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(d.path("more"), []byte("THIRD=third\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.run(0, "cred", "import", "more", "--env", "prod", "--purpose", "test", "--all", "--yes")
	for name, spoil := range map[string]func() error{
		"none": func() error { return os.Remove(snapshot) },
		"old":  func() error { return os.WriteFile(snapshot, old, 0o600) },
		"torn": func() error { return os.WriteFile(snapshot, old[:len(old)/2], 0o600) },
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		out, _ := d.run(0, "run", "--env", "prod", "--", "printenv", "TOKEN", "THIRD")
		if out != "first\nthird\n" {
			t.Errorf("%s: the program has %q", name, out)
		}
		if now, err := os.ReadFile(snapshot); err != nil || !strings.Contains(string(now), "THIRD") || slices.Equal(now, old) {
			t.Errorf("%s: the snapshot is not written anew: %v", name, err)
		}
	}
}

// TestRunWithALockedKeyring fails, and runs nothing.
func TestRunWithALockedKeyring(t *testing.T) {
	d, ring := newVault(t)
	ring.Lock(t)
	d.says(exitNotRun, []string{"secret-service", "locked"}, "run", "--env", "prod", "--", "printenv", "TOKEN")
	ring.Stop(t)
	d.says(exitNotRun, []string{"secret-service"}, "run", "--env", "prod", "--", "printenv", "TOKEN")
	d.says(127, []string{"no-such-program"}, "run", "--env", "prod", "--", "no-such-program")
}
