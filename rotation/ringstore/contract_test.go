package ringstore

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"

	"keysweep/internal/keyring"
	"keysweep/internal/keyring/guard"
	"keysweep/internal/testkeyring"
	"keysweep/rotation"
	"keysweep/rotation/storetest"
)

// site is where a store of the contract suite is, as its other processes are told.
type site struct {
	Dir     string
	Backend string   // of package keyring; "" is a ring in memory
	Environ []string // of the keyring
}

func (s site) String() string {
	text, _ := json.Marshal(s) // strings can always be written
	return string(text)
}

// rings are the clients of this process by place: a process has one for each keyring.
type rings struct {
	mu   sync.Mutex
	open map[string]*keyring.Client
}

// options returns how to reach the store at a place.
func (r *rings) options(ctx context.Context, place string) (Options, error) {
	var at site
	if err := json.Unmarshal([]byte(place), &at); err != nil {
		return Options{}, err
	}
	if at.Backend == "" {
		return optionsAt(at.Dir, newMemory(filepath.Join(at.Dir, "ring.json"))), nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.open[place]
	if c == nil {
		var err error
		c, err = keyring.Start(ctx, keyring.Options{Backend: at.Backend, Executable: os.Args[0],
			Environ: append(os.Environ(), at.Environ...), Prefix: "keysweep-test/" + filepath.Base(filepath.Dir(at.Dir)) + "/"})
		if err != nil {
			return Options{}, err
		}
		r.open[place] = c
	}
	return optionsAt(at.Dir, c), nil
}

func (r *rings) close(t *testing.T, place string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c := r.open[place]; c != nil {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		delete(r.open, place)
	}
}

// harness runs the contract suite on a keyring, which its stores share.
func harness(backend string, environ []string) storetest.Harness {
	clients := &rings{open: map[string]*keyring.Client{}}
	kills, _ := strconv.Atoi(os.Getenv("KEYSWEEP_KILLS"))
	return storetest.Harness{
		New: func(t *testing.T) string {
			at := site{Dir: t.TempDir(), Backend: backend, Environ: environ}
			t.Cleanup(func() { clients.close(t, at.String()) })
			o, err := clients.options(t.Context(), at.String())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Create(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			return at.String()
		},
		Open: func(ctx context.Context, place string) (rotation.Store, error) {
			o, err := clients.options(ctx, place)
			if err != nil {
				return nil, err
			}
			return Open(ctx, o)
		},
		Start: startWorker,
		Raw: func(place string) (storetest.Raw, error) {
			o, err := clients.options(context.Background(), place)
			return rawRing{o.Ring}, err
		},
		Kills: kills,
	}
}

// rawRing is a ring as somebody else finds it. The identity has tests of its own.
type rawRing struct{ Ring }

func (r rawRing) All(ctx context.Context) (map[string][]byte, error) {
	keys, err := r.Keys(ctx)
	all := map[string][]byte{}
	for _, key := range keys {
		if key != identityKey && err == nil {
			all[key], err = r.Get(ctx, key)
		}
	}
	return all, err
}

func (r rawRing) Set(ctx context.Context, key string, data []byte) error {
	if data == nil {
		return r.Remove(ctx, key)
	}
	return r.Ring.Set(ctx, key, "changed", data)
}

// worker is this test binary, run again.
type worker struct {
	*exec.Cmd
	said *bytes.Buffer
}

func (w worker) Kill() error { return w.Process.Kill() }

func (w worker) Wait() error {
	if err := w.Cmd.Wait(); err != nil {
		return fmt.Errorf("%w: %s", err, w.said)
	}
	return nil
}

const (
	placeVar = "KEYSWEEP_STORETEST_PLACE"
	jobVar   = "KEYSWEEP_STORETEST_JOB"
)

func startWorker(place, job string) (storetest.Process, error) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), placeVar+"="+place, jobVar+"="+job)
	said := &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = said, said
	return worker{cmd, said}, cmd.Start()
}

func TestContractInMemory(t *testing.T) {
	t.Parallel()
	h := harness("", nil)
	h.Changes = 20
	storetest.Run(t, h)
}

// A change costs what the keyring takes to write its file, which grows with what is in it: so there are fewer.
func TestContractInSecretService(t *testing.T) {
	t.Parallel()
	h := harness(keyring.SecretService, testkeyring.Start(t).Environ(nil))
	h.Slow, h.Changes, h.Kills = true, 5, cmp.Or(h.Kills, 12)
	storetest.Run(t, h)
}

func TestContractInPass(t *testing.T) {
	t.Parallel()
	h := harness(keyring.Pass, testkeyring.StartPass(t).Environ(nil))
	h.Slow, h.Changes, h.Kills = true, 1, cmp.Or(h.Kills, 6)
	storetest.Run(t, h)
}

// TestMain is also what the processes of the contract suite run, and the child that talks to the keyring.
func TestMain(m *testing.M) {
	if keyring.Asked(os.Args[1:], os.Environ()) {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		defer stop()
		end(guard.Restore())
		end(keyring.Serve(ctx, os.Stdin, os.Stdout, os.Environ()))
		return
	}
	place := os.Getenv(placeVar)
	if place == "" {
		os.Exit(m.Run())
	}
	end(storetest.Work(context.Background(), harness("", nil), place, os.Getenv(jobVar)))
}

func end(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
