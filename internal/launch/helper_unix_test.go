//go:build unix

package launch

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// helping makes this test binary a program that runs another: MODE PROGRAM [ARG...].
const helping = "LAUNCH_TEST_HELPS"

func TestMain(m *testing.M) {
	if os.Getenv(helping) == "" {
		os.Exit(m.Run())
	}
	os.Exit(help(os.Args[1], os.Args[2:]))
}

// help does what a mode says and returns an exit code. What cannot be run has its own, and a text.
func help(mode string, args []string) int {
	_ = os.Unsetenv(helping)
	p := Program{Args: args, Environ: os.Environ(), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	if dir := os.Getenv("LAUNCH_TEST_HOLDS"); dir != "" {
		held, err := Hold(dir)
		if err != nil {
			return helpFailed(err)
		}
		path, err := held.Add("KEY", []byte("of no use"))
		if err != nil {
			return helpFailed(err)
		}
		p.Environ = append(p.Environ, "FILE="+path)
	}
	if strings.Contains(mode, "sealed") {
		for i := range 2 {
			file, path, err := Sealed(fmt.Appendf(nil, "content %d", i))
			if err != nil {
				return helpFailed(err)
			}
			if i == 1 || mode != "sealed-one" {
				p.Pass = append(p.Pass, file)
			}
			p.Environ = append(p.Environ, fmt.Sprintf("FILE%d=%s", i, path))
		}
	}
	p.Core = Core()
	if mode == "core" {
		if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{Cur: 0, Max: p.Core.limit.Max}); err != nil {
			return helpFailed(err)
		}
	}
	var err error
	if p.Path, err = Find(args[0], ".", p.Environ); err != nil {
		return helpFailed(err)
	}
	if mode != "child" {
		return helpFailed(p.Replace())
	}
	ending, err := p.Child()
	if err != nil {
		return helpFailed(err)
	}
	ending.Repeat()
	return ending.Code
}

func helpFailed(err error) int {
	fmt.Fprintln(os.Stderr, err)
	var e *Error
	if errors.As(err, &e) {
		if e.Hint() != "" {
			fmt.Fprintln(os.Stderr, "hint: "+e.Hint())
		}
		return e.Code
	}
	return 99
}

// helper is the command that runs a program by way of this package.
func helper(mode string, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], append([]string{mode}, args...)...)
	cmd.Env = append(os.Environ(), helping+"=1")
	return cmd
}

// outcome runs a helper to its end.
func outcome(t *testing.T, cmd *exec.Cmd) (out string, status syscall.WaitStatus) {
	t.Helper()
	data, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(data)), cmd.ProcessState.Sys().(syscall.WaitStatus)
}

// started starts a helper whose program says READY, and waits for that.
func started(t *testing.T, cmd *exec.Cmd) (rest io.Reader) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	awaitText(t, out, "READY\n")
	return out
}

func awaitText(t *testing.T, r io.Reader, text string) {
	t.Helper()
	var seen bytes.Buffer
	for c := make([]byte, 1); !strings.HasSuffix(strings.ReplaceAll(seen.String(), "\r", ""), text); {
		if _, err := io.ReadFull(r, c); err != nil {
			t.Fatalf("%v after %q, waiting for %q", err, seen.String(), text)
		}
		seen.Write(c)
	}
}
