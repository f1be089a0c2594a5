package filestore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"keysweep/rotation"
	"keysweep/rotation/storetest"
)

// The ledger's passphrase in tests, put together here so that it looks like none.
func testSecret() []byte { return []byte(strings.Repeat("word ", 4)) }

func options(place string) Options {
	return Options{Dir: filepath.Join(place, "ledger"), Anchor: filepath.Join(place, "state", "anchor.json"), WorkFactor: 1}
}

func create(t *testing.T) (place string, s *Store) {
	t.Helper()
	place = t.TempDir()
	s, err := Create(t.Context(), options(place), testSecret())
	if err != nil {
		t.Fatal(err)
	}
	return place, s
}

func reopen(t *testing.T, place string) *Store {
	t.Helper()
	s, err := Open(t.Context(), options(place), testSecret())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// child is this test binary, run again.
type child struct {
	*exec.Cmd
	said *bytes.Buffer
}

func (c child) Kill() error { return c.Process.Kill() }

func (c child) Wait() error {
	if err := c.Cmd.Wait(); err != nil {
		return fmt.Errorf("%w: %s", err, c.said)
	}
	return nil
}

const (
	placeVar = "KEYSWEEP_STORETEST_PLACE"
	jobVar   = "KEYSWEEP_STORETEST_JOB"
)

func harness() storetest.Harness {
	kills, _ := strconv.Atoi(os.Getenv("KEYSWEEP_KILLS"))
	return storetest.Harness{
		New: func(t *testing.T) string {
			place, _ := create(t)
			return place
		},
		Open: func(ctx context.Context, place string) (rotation.Store, error) {
			return Open(ctx, options(place), testSecret())
		},
		Start: func(place, job string) (storetest.Process, error) {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), placeVar+"="+place, jobVar+"="+job)
			said := &bytes.Buffer{}
			cmd.Stdout, cmd.Stderr = said, said
			return child{cmd, said}, cmd.Start()
		},
		Raw:   func(place string) (storetest.Raw, error) { return files(filepath.Join(place, "ledger")), nil },
		Kills: kills,
	}
}

// files are the files of a ledger but for its identity, which has a test of its own.
type files string

func (dir files) All(context.Context) (map[string][]byte, error) {
	paths, err := filepath.Glob(filepath.Join(string(dir), "*.age"))
	contents := map[string][]byte{}
	for _, path := range paths {
		if name := filepath.Base(path); name != identityFile && err == nil {
			contents[name], err = os.ReadFile(path)
		}
	}
	return contents, err
}

func (dir files) Set(_ context.Context, name string, data []byte) error {
	path := filepath.Join(string(dir), name)
	if data == nil {
		return os.Remove(path)
	}
	return os.WriteFile(path, data, 0o600)
}

func TestContract(t *testing.T) { storetest.Run(t, harness()) }

// TestMain is also what the processes of the contract suite run.
func TestMain(m *testing.M) {
	place := os.Getenv(placeVar)
	if place == "" {
		os.Exit(m.Run())
	}
	if err := storetest.Work(context.Background(), harness(), place, os.Getenv(jobVar)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func wantTamper(t *testing.T, err error, parts ...string) {
	t.Helper()
	var tamper *rotation.TamperError
	if !errors.As(err, &tamper) || !errors.Is(err, rotation.ErrTampered) || tamper.Hint() == "" {
		t.Errorf("error %v: want a TamperError with a hint", err)
		return
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %v: want it to say %q", err, part)
		}
	}
}
