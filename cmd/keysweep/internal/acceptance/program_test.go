//go:build linux

package acceptance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"keysweep/cmd/keysweep/internal/cli"
)

// The passphrases of these tests.
const (
	keyPass    = "quite unguessable zebra lantern fjord"
	newPass    = "mulberry trombone glacier cabinet nine"
	ledgerPass = "another orchard velvet walrus signal"
	backupPass = "copper hinge dolphin staircase plum"
)

// The exit codes of the program.
const (
	exitOK          = 0
	exitFindings    = 1
	exitUsage       = 2
	exitIncomplete  = 3
	exitInterrupted = 130
)

// cheapName is what the test binary is called when it stands in for the program.
const cheapName = "keysweep-cheap"

// real and cheap are the program, and this test binary as the program with a ledger and archives that are quick to lock: what it
// does is the same.
var real, cheap string

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == cheapName {
		os.Exit(asProgram())
	}
	os.Exit(run(m))
}

// asProgram is the main of the program, with cheap scrypt.
func asProgram() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	env := cli.System("test", "")
	env.LedgerWork = 1
	env.Executable = os.Args[0] // not what the link leads to: the name says what this is
	return cli.Main(ctx, env)
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "keysweep-acceptance-")
	if err == nil {
		defer func() { _ = os.RemoveAll(dir) }()
		err = build(dir)
	}
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

func build(dir string) error {
	real, cheap = filepath.Join(dir, "keysweep"), filepath.Join(dir, cheapName)
	if out, err := exec.Command("go", "build", "-o", real, "keysweep/cmd/keysweep").CombinedOutput(); err != nil {
		return fmt.Errorf("build the program: %w\n%s", err, out)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return os.Symlink(self, cheap)
}

// exitOf returns a process's exit code; -1 if a signal ended it.
func exitOf(t testing.TB, err error) int {
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

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
