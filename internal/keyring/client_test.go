package keyring

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"keysweep/internal/keyring/guard"
	"keysweep/internal/testkeyring"
	"keysweep/rotation"
)

// parentVar makes the test binary a process that talks to the keyring of a bus.
const parentVar = "KEYSWEEP_TEST_PARENT"

// onBus reaches a bus, and a keyring on it that answers.
func onBus(address string) Options {
	return Options{Backend: SecretService, Executable: os.Args[0], Environ: append(os.Environ(), busVariable+"="+address), Deadline: time.Minute}
}

// TestMain is also the child, as cli.Main is.
func TestMain(m *testing.M) {
	if Asked(os.Args[1:], os.Environ()) {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		defer stop()
		_ = guard.Restore()
		if err := Serve(ctx, os.Stdin, os.Stdout, os.Environ()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if address := os.Getenv(parentVar); address != "" {
		_, _ = Start(context.Background(), onBus(address)) // it never comes back
		return
	}
	os.Exit(m.Run())
}

// connect starts a client that ends with the test.
func connect(t *testing.T, o Options) *Client {
	t.Helper()
	o.Executable = os.Args[0]
	c, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// rings are the real keyrings that there are on this system.
func rings() map[string]func(*testing.T) Options {
	return map[string]func(*testing.T) Options{
		SecretService: func(t *testing.T) Options {
			return Options{Backend: SecretService, Environ: testkeyring.Start(t).Environ(os.Environ())}
		},
		Pass: func(t *testing.T) Options {
			return Options{Backend: Pass, Environ: testkeyring.StartPass(t).Environ(os.Environ())}
		},
	}
}

func TestItems(t *testing.T) {
	for name, start := range rings() {
		t.Run(name, func(t *testing.T) {
			o := start(t)
			c := connect(t, o)
			wantKeys(t, c)
			if _, err := c.Get(t.Context(), "a"); !errors.Is(err, rotation.ErrNotFound) {
				t.Errorf("an absent item: %v, want ErrNotFound", err)
			}
			if err := c.Remove(t.Context(), "a"); err != nil {
				t.Errorf("remove an absent item: %v", err)
			}
			binary := slices.Repeat([]byte{0, '\n', 0xff, 'x'}, 640)
			for key, data := range map[string][]byte{"a": []byte("1"), "item/b-2": binary} {
				if err := c.Set(t.Context(), key, "label", data); err != nil {
					t.Fatal(err)
				}
			}
			other := o
			other.Prefix = "other/v1/"
			stranger := connect(t, other)
			if err := stranger.Set(t.Context(), "c", "label", []byte("3")); err != nil {
				t.Fatal(err)
			}
			again := connect(t, o)
			wantKeys(t, again, "a", "item/b-2")
			if data, err := again.Get(t.Context(), "item/b-2"); err != nil || !bytes.Equal(data, binary) {
				t.Errorf("read %d bytes, %v", len(data), err)
			}
			all, err := again.GetAll(t.Context(), []string{"a", "item/b-2", "none"})
			if err != nil || len(all) != 2 || string(all["a"]) != "1" || !bytes.Equal(all["item/b-2"], binary) {
				t.Errorf("read %d items: %v", len(all), err)
			}
			seen, err := again.View(t.Context(), filepath.Join(t.TempDir(), "lock"), []string{"item/b-2", "none"})
			if err != nil || len(seen) != 1 || !bytes.Equal(seen["item/b-2"], binary) {
				t.Errorf("saw %d items: %v", len(seen), err)
			}
			if err := c.Remove(t.Context(), "a"); err != nil {
				t.Fatal(err)
			}
			wantKeys(t, again, "item/b-2")
			wantKeys(t, stranger, "c")
			if !strings.HasPrefix(c.Describe(), name+" ") {
				t.Errorf("describe: %q", c.Describe())
			}
		})
	}
}

// TestBegin asks before it is known whether there is a keyring.
func TestBegin(t *testing.T) {
	bus := testkeyring.StartBus(t)
	for name, ask := range map[string]func(*Client) error{
		"asked":   func(c *Client) error { _, err := c.Get(t.Context(), "a"); return err },
		"unasked": nil,
	} {
		c, err := Begin(onBus(bus.Address))
		if err != nil {
			t.Fatal(err)
		}
		if ask != nil {
			var none *NoneError
			for range 2 {
				if err := ask(c); !errors.As(err, &none) {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		if err := c.Close(); err != nil {
			t.Errorf("%s: close: %v", name, err)
		}
	}
	if _, err := Begin(Options{Backend: SecretService, Environ: []string{busVariable + "=disabled"}}); !errors.Is(err, ErrNone) {
		t.Errorf("without a bus: %v", err)
	}
	o := onBus(bus.Address)
	o.Executable = "/nowhere/at/all"
	if c, err := Begin(o); err != nil {
		t.Error(err)
	} else if _, err := c.Get(t.Context(), "a"); !errors.Is(err, os.ErrNotExist) || c.Close() != nil {
		t.Errorf("without a program: %v", err)
	}
}

// TestEnd leaves nothing behind, and what is asked afterwards fails.
func TestEnd(t *testing.T) {
	c := connect(t, Options{Backend: SecretService, Environ: testkeyring.Start(t).Environ(os.Environ())})
	if _, err := c.GetAll(t.Context(), []string{"a"}); err != nil {
		t.Fatal(err)
	}
	c.End()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if _, err := c.Get(t.Context(), "a"); err == nil || errors.Is(err, rotation.ErrNotFound) {
		t.Errorf("after the end: %v", err)
	}
}

func wantKeys(t *testing.T, c *Client, want ...string) {
	t.Helper()
	if keys, err := c.Keys(t.Context()); err != nil || !slices.Equal(keys, want) {
		t.Errorf("keys %q, %v; want %q", keys, err, want)
	}
}
