package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// testEnv is an environment in an empty directory, with a clock that stands still.
func testEnv(t *testing.T, args ...string) (env Env, out, said *bytes.Buffer) {
	t.Helper()
	out, said = new(bytes.Buffer), new(bytes.Buffer)
	dir := t.TempDir()
	return Env{
		Args: args, Stdin: strings.NewReader(""), Stdout: out, Stderr: said, Dir: dir, Version: "test",
		Environ: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "XDG_RUNTIME_DIR=" + dir, "GIT_CONFIG_NOSYSTEM=1", "GIT_CEILING_DIRECTORIES=" + filepath.Dir(dir)},
		Now:     func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) },
	}, out, said
}

// endless gives a text, calls then, and gives nothing more until it is closed.
type endless struct {
	text string
	then func()
	done chan struct{}
}

func (e *endless) Read(p []byte) (int, error) {
	if e.text == "" {
		e.then()
		<-e.done
		return 0, io.EOF
	}
	n := copy(p, e.text)
	e.text = e.text[n:]
	return n, nil
}

// long is a secret with so much text behind it that the scanner does not wait for more before it judges it (it scans blocks of
// 8 MiB).
func long() string {
	return "token = \"" + fakeSecrets()[secretPrefix+"GITHUB"] + "\"\n" + strings.Repeat("nothing to see in this line\n", 1<<20)
}

func TestCancelledScanReportsWhatItFound(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	env, out, said := testEnv(t, "scan", "-")
	in := &endless{text: long(), then: cancel, done: make(chan struct{})}
	defer close(in.done)
	env.Stdin = in
	if code := Main(ctx, env); code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
	for _, want := range []string{"github-pat", "interrupted", "1 secret found; 1 place could not be looked at"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report does not say %q:\n%s", want, out)
		}
	}
	if got := said.String(); got != "keysweep: interrupted\n" {
		t.Errorf("said %q", got)
	}
}

func TestTimeoutIsIncomplete(t *testing.T) {
	env, out, said := testEnv(t, "scan", "-", "--timeout", "1s")
	in := &endless{text: long(), then: func() {}, done: make(chan struct{})}
	defer close(in.done)
	env.Stdin = in
	if code := Main(context.Background(), env); code != exitIncomplete {
		t.Errorf("exit code %d, want %d", code, exitIncomplete)
	}
	for _, want := range []string{"github-pat", "the time limit of 1s ran out", "hint: raise --timeout, or scan a part"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report does not say %q:\n%s", want, out)
		}
	}
	if said.Len() > 0 {
		t.Errorf("said %q", said)
	}
}

// broken is a terminal or a pipe that has gone away.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestReportThatCannotBeWritten(t *testing.T) {
	env, _, said := testEnv(t, "scan")
	env.Stdout = broken{}
	if code := Main(context.Background(), env); code != exitIncomplete {
		t.Errorf("exit code %d, want %d: nobody saw the report", code, exitIncomplete)
	}
	if !strings.Contains(said.String(), "write report") {
		t.Errorf("said %q", said)
	}
}

func TestNoGit(t *testing.T) {
	env, _, said := testEnv(t, "scan", "--staged")
	env.Environ = []string{"PATH=" + env.Dir}
	if code := Main(context.Background(), env); code != exitIncomplete {
		t.Errorf("exit code %d, want %d", code, exitIncomplete)
	}
	if want := "keysweep: git is not installed or not in PATH\nhint: install git, and see that PATH names its directory\n"; said.String() != want {
		t.Errorf("said %q, want %q", said, want)
	}
}
