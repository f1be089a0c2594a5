package cli

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the test binary stand in for keysweep: scripts, and the git hooks in them, find it in PATH.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"keysweep": asProgram})
}

// testNow is the time of day in scripts, unless KEYSWEEP_TEST_NOW says otherwise.
const testNow = "2026-03-01T12:00:00Z"

// exitLeak is the exit code of a run that showed a secret, or the same hint twice. No script expects it.
const exitLeak = 70

// asProgram is main as scripts run it: the real entry point, with a clock that stands still and streams that are watched.
func asProgram() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	env := System("test", "0123456789abcdef0123456789abcdef01234567")
	now, err := time.Parse(time.RFC3339, cmp.Or(env.Getenv("KEYSWEEP_TEST_NOW"), testNow))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitLeak)
	}
	env.Now = func() time.Time { return now }
	env.OpenTerminal = nil // a script has none, wherever it is run; dialogues are tested on terminals of their own
	env.LedgerWork = 1     // unlocking takes no time; what the figure does is proven elsewhere
	var out, said bytes.Buffer
	env.Stdout, env.Stderr = io.MultiWriter(os.Stdout, &out), io.MultiWriter(os.Stderr, &said)
	code := Main(ctx, env)
	watched := said.String()
	if !strings.Contains(strings.Join(env.Args, " "), "--show-secrets") {
		watched += out.String()
	}
	for name, secret := range secretsIn(env.Environ) {
		if strings.Contains(watched, secret) {
			fmt.Fprintf(os.Stderr, "test: the secret %s is shown\n", name)
			code = exitLeak
		}
	}
	hints := map[string]bool{}
	for line := range strings.Lines(said.String()) {
		hint, ok := strings.CutPrefix(line, "hint: ")
		if ok && hints[hint] {
			fmt.Fprintln(os.Stderr, "test: the same hint twice")
			code = exitLeak
		}
		hints[hint] = ok
	}
	os.Exit(code)
}
