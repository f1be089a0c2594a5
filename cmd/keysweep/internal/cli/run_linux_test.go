package cli

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// runHome is a home with a ledger that holds prod/CANARY, and the environment to use it in.
func runHome(t *testing.T, canary string) (home string, environ []string) {
	t.Helper()
	home = t.TempDir()
	pass := filepath.Join(home, "pass")
	if err := os.WriteFile(pass, []byte("quartz-lantern-7-mossy-veto-plumb-otter\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	runtime := filepath.Join(home, "runtime")
	if err := os.Mkdir(runtime, 0o700); err != nil {
		t.Fatal(err)
	}
	environ = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "XDG_RUNTIME_DIR=" + runtime, ledgerPassphraseFile + "=" + pass}
	add := exec.Command("keysweep", "cred", "add", "CANARY", "--env", "prod", "--purpose", "tests") // quick to unlock, for the real program too
	add.Env, add.Stdin = environ, strings.NewReader(canary)
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return home, environ
}

// TestRunLeaksNothing looks for a secret while a program has it: in the arguments of all processes, in files, and in what was said.
func TestRunLeaksNothing(t *testing.T) {
	canary := fmt.Sprintf("canary-%d-%s", os.Getpid(), strings.Repeat("x7", 9))
	home, environ := runHome(t, canary)
	cmd := exec.Command(program(t), "run", "--env", "prod", "--file", "CANARY=PLACE", "--", "sh", "-c", `echo READY; read line; cat "$PLACE" | wc -c; exit 17`)
	cmd.Env = environ
	var said bytes.Buffer
	cmd.Stderr = &said
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	readUntil(t, stdout, "READY\n")
	if lines, _ := filepath.Glob("/proc/[0-9]*/cmdline"); len(lines) == 0 {
		t.Error("there are no processes to look at")
	} else {
		for _, line := range lines {
			if data, _ := os.ReadFile(line); bytes.Contains(data, []byte(canary)) {
				t.Errorf("%s holds the secret", line)
			}
		}
	}
	if data, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", cmd.Process.Pid)); err != nil || bytes.Contains(data, []byte(canary)) {
		t.Errorf("the environment holds what was to be a file alone: %v", err)
	}
	err = filepath.WalkDir(home, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		if data, err := os.ReadFile(path); err != nil || bytes.Contains(data, []byte(canary)) {
			t.Errorf("%s holds the secret, %v", path, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	_ = stdin.Close()
	if size := readUntil(t, stdout, "\n"); strings.TrimSpace(size) != fmt.Sprint(len(canary)) {
		t.Errorf("the program read %q", size)
	}
	if code := exitOf(t, cmd.Wait()); code != 17 || strings.Contains(said.String(), canary) {
		t.Errorf("ended with %d and said %q", code, said.String())
	}
}

// TestRunKeepsIgnoredSignals starts the program as nohup and scripts with background jobs do: what they have ignored stays ignored.
func TestRunKeepsIgnoredSignals(t *testing.T) {
	_, environ := runHome(t, "of no use to anybody")
	for _, flags := range []string{"", "--file CANARY --real-file"} {
		script := `trap "" HUP INT; "$0" run --env prod ` + flags + ` -- sh -c 'kill -HUP $$; kill -INT $$; kill -INT $PPID; grep SigIgn /proc/self/status'`
		cmd := exec.Command("sh", "-c", script, program(t))
		cmd.Env = environ
		out, err := cmd.Output()
		if fields := strings.Fields(string(out)); err != nil || len(fields) != 2 || !strings.HasSuffix(fields[1], "3") {
			t.Errorf("%q: %v, %q; want signals 1 and 2 to be ignored", flags, err, out)
		}
	}
}

// TestRunIsSignalled sends a signal to the process that was started: it is the program's, and so is its end; real files are deleted.
func TestRunIsSignalled(t *testing.T) {
	home, environ := runHome(t, "of no use to anybody")
	for _, flags := range [][]string{{}, {"--file", "CANARY", "--real-file"}} {
		args := append([]string{"run", "--env", "prod"}, flags...)
		cmd := exec.Command(program(t), append(args, "--", "sh", "-c", `echo READY; exec sleep 1000`)...)
		cmd.Env = environ
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = cmd.Process.Kill() })
		readUntil(t, stdout, "READY\n")
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGTERM {
			t.Errorf("%q: ended with %v", flags, cmd.ProcessState)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(home, "runtime", "keysweep", "run-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
