//go:build unix

package cli

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/creack/pty"
)

// build builds the program once for the tests that need a process of its own, with its own main.
var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "keysweep-test")
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "keysweep.exe")
	out, err := exec.Command("go", "build", "-o", program, "keysweep/cmd/keysweep").CombinedOutput()
	if err != nil {
		return "", &exec.Error{Name: string(out), Err: err}
	}
	return program, nil
})

func program(t *testing.T) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// start starts the program on an endless standard input that holds a secret, with its streams where the test wants them.
func start(t *testing.T, stdout, stderr io.Writer, args ...string) (cmd *exec.Cmd, stdin io.WriteCloser) {
	t.Helper()
	cmd = exec.Command(program(t), args...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "TERM=xterm", "HOME="+cmd.Dir, "GIT_CONFIG_NOSYSTEM=1")
	cmd.Stdout, cmd.Stderr = stdout, stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	if _, err := io.WriteString(stdin, long()); err != nil {
		t.Fatal(err)
	}
	return cmd, stdin
}

func exitOf(t *testing.T, err error) int {
	t.Helper()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if exit == nil {
		return 0
	}
	return exit.ExitCode()
}

func TestProgressOnATerminal(t *testing.T) {
	terminal, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	var out bytes.Buffer
	cmd, stdin := start(t, &out, tty, "scan", "-")
	_ = tty.Close()
	seen := readUntil(t, terminal, "scanning")
	_ = stdin.Close()
	rest, _ := io.ReadAll(terminal) // ends with EIO when the program has closed its side
	if code := exitOf(t, cmd.Wait()); code != exitFindings {
		t.Errorf("exit code %d", code)
	}
	if strings.Contains(out.String(), "scanning") || strings.Contains(out.String(), "\r") {
		t.Errorf("the bar is in the report:\n%q", out.String())
	}
	if drawn := seen + string(rest); strings.Contains(drawn, "github-pat") || strings.TrimRight(drawn[strings.LastIndex(drawn, "\r")+1:], " ") != "" {
		t.Errorf("the bar is not cleared: %q", drawn)
	}
}

// readUntil reads a terminal until it shows a word, and nothing after it.
func readUntil(t *testing.T, terminal io.Reader, word string) string {
	t.Helper()
	var seen strings.Builder
	for c := make([]byte, 1); !strings.Contains(seen.String(), word); {
		if _, err := io.ReadFull(terminal, c); err != nil {
			t.Fatalf("%v after %q", err, seen.String())
		}
		seen.Write(c)
	}
	return seen.String()
}

func TestNoProgressInAPipeOrWhenToldSo(t *testing.T) {
	terminal, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	for _, args := range [][]string{{"scan", "-", "--timeout", "1500ms"}, {"scan", "-", "--timeout", "1500ms", "--no-progress"}, {"scan", "-", "--timeout", "1500ms", "-q"}} {
		var out, said bytes.Buffer
		var stderr io.Writer = tty
		if len(args) == 4 {
			stderr = &said
		}
		cmd, _ := start(t, &out, stderr, args...)
		if code := exitOf(t, cmd.Wait()); code != exitIncomplete || said.Len() > 0 {
			t.Errorf("%v: exit code %d, said %q", args, code, said.String())
		}
	}
	_ = tty.Close()
	if said, _ := io.ReadAll(terminal); len(said) > 0 {
		t.Errorf("the terminal shows %q", said)
	}
}

func TestInterruptReportsWhatWasFound(t *testing.T) {
	var out, said bytes.Buffer
	cmd, _ := start(t, &out, &said, "scan", "-")
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if code := exitOf(t, cmd.Wait()); code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
	if !strings.Contains(out.String(), "github-pat") || said.String() != "keysweep: interrupted\n" {
		t.Errorf("report\n%s\nsaid %q", out.String(), said.String())
	}
}
