//go:build unix

package launch

import (
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestChildEndsAsTheProgramDoes(t *testing.T) {
	if out, status := outcome(t, helper("child", "sh", "-c", "echo said; exit 9")); out != "said" || status.ExitStatus() != 9 {
		t.Errorf("%q, %v", out, status)
	}
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGKILL} {
		_, status := outcome(t, helper("child", "sh", "-c", "kill -"+strings.TrimPrefix(signalName(s), "SIG")+" $$"))
		if !status.Signaled() || status.Signal() != s {
			t.Errorf("%v: ended with %v", s, status)
		}
	}
	for _, s := range []syscall.Signal{syscall.SIGQUIT, syscall.SIGUSR1} {
		_, status := outcome(t, helper("child", "sh", "-c", "ulimit -c 0; kill -"+strings.TrimPrefix(signalName(s), "SIG")+" $$"))
		if status.ExitStatus() != 128+int(s) {
			t.Errorf("%v: ended with %v", s, status)
		}
	}
	if out, status := outcome(t, helper("child", t.TempDir()+"/gone")); status.ExitStatus() != CodeNotFound {
		t.Errorf("%q, %v", out, status)
	}
}

func signalName(s syscall.Signal) string {
	return map[syscall.Signal]string{syscall.SIGTERM: "TERM", syscall.SIGINT: "INT", syscall.SIGHUP: "HUP", syscall.SIGKILL: "KILL",
		syscall.SIGQUIT: "QUIT", syscall.SIGUSR1: "USR1", syscall.SIGUSR2: "USR2", syscall.SIGALRM: "ALRM"}[s]
}

// TestSignalsArePassedOn sends signals to the helper alone, which has no terminal.
func TestSignalsArePassedOn(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGALRM} {
		cmd := helper("child", "sh", "-c", `trap 'echo got; exit 5' `+signalName(s)+`; echo READY; while :; do sleep 0.01; done`)
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		rest := started(t, cmd)
		if err := cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		said, _ := io.ReadAll(rest)
		_ = cmd.Wait()
		if string(said) != "got\n" || cmd.ProcessState.ExitCode() != 5 {
			t.Errorf("%v: the program said %q, and the end was %v", s, said, cmd.ProcessState)
		}
	}
}

// TestIgnoredStaysIgnored is a job that a script put into the background, or nohup.
func TestIgnoredStaysIgnored(t *testing.T) {
	for _, mode := range []string{"child", "replace"} {
		cmd := helper(mode, "sh", "-c", `kill -HUP $$; echo alive`)
		cmd.Args = append([]string{"sh", "-c", `trap '' HUP; exec "$@"`, "sh", os.Args[0]}, cmd.Args[1:]...)
		cmd.Path = "/bin/sh"
		if out, status := outcome(t, cmd); out != "alive" || status.ExitStatus() != 0 {
			t.Errorf("%s: %q, %v", mode, out, status)
		}
	}
}
