package ringstore

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"keysweep/internal/keyring"
	"keysweep/internal/testkeyring"
	"keysweep/internal/testneed"
	"keysweep/rotation"
)

// onKeyring connects to a real keyring.
func onKeyring(t *testing.T, bus *testkeyring.Keyring) *keyring.Client {
	t.Helper()
	c, err := keyring.Start(t.Context(), keyring.Options{Backend: keyring.SecretService, Executable: os.Args[0], Environ: bus.Environ(os.Environ())})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() }) // the keyring may be dead
	return c
}

// secretTool is another program that uses the same keyring, as its user can.
func secretTool(t *testing.T, bus *testkeyring.Keyring, input []byte, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(testneed.Program(t, "secret-tool"), args...)
	cmd.Env, cmd.Stdin = bus.Environ(os.Environ()), bytes.NewReader(input)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("secret-tool %q: %v", args, err)
	}
	return out
}

// TestEditedWithSecretTool changes a date in a record, as who wants a key to look younger would.
func TestEditedWithSecretTool(t *testing.T) {
	bus := testkeyring.Start(t)
	place, ring := t.TempDir(), onKeyring(t, bus)
	s, err := Create(t.Context(), optionsAt(place, ring))
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "record-1", `{"first_seen":"2026-01-01"}`)
	put(t, s, "record-2", `{"first_seen":"2026-02-02"}`)
	const key = keyring.DefaultPrefix + itemPrefix + "record-1"
	good := secretTool(t, bus, nil, "lookup", "profile", key)
	var item struct {
		Key, Label, Description string
		Data                    []byte
	}
	if err := json.Unmarshal(good, &item); err != nil {
		t.Fatal(err)
	}
	item.Data = bytes.Replace(item.Data, []byte("2026-01"), []byte("2026-11"), 1)
	edited, err := json.Marshal(item)
	if err != nil {
		t.Fatal(err)
	}
	for what, data := range map[string][]byte{"edited": edited, "nonsense": []byte("nonsense"), "another item": secretTool(t, bus, nil, "lookup", "profile", keyring.DefaultPrefix+itemPrefix+"record-2")} {
		secretTool(t, bus, nil, "clear", "profile", key)
		secretTool(t, bus, data, "store", "--label", key, "profile", key)
		if text, err := all(t.Context(), reopen(t, place, ring)); !errors.Is(err, rotation.ErrTampered) {
			t.Errorf("%s: %q, %v", what, text, err)
		}
	}
	secretTool(t, bus, nil, "clear", "profile", key)
	if text, err := all(t.Context(), reopen(t, place, ring)); !errors.Is(err, rotation.ErrTampered) {
		t.Errorf("deleted: %q, %v", text, err)
	}
	secretTool(t, bus, good, "store", "--label", "a label that somebody changed", "profile", key)
	wantAll(t, reopen(t, place, ring), `record-1={"first_seen":"2026- record-2={"first_seen":"2026-`)
}

// TestDaemonKilledWithinUpdate kills the keyring's daemon while a ledger is written, and wants a beginning of the update.
func TestDaemonKilledWithinUpdate(t *testing.T) {
	const items = 20
	bus := testkeyring.Start(t)
	place, ring := t.TempDir(), onKeyring(t, bus)
	s, err := Create(t.Context(), optionsAt(place, ring))
	if err != nil {
		t.Fatal(err)
	}
	within := 0
	for round := range 6 {
		killed := time.AfterFunc(rand.N(400*time.Millisecond), func() { bus.Stop(t) })
		err := s.Update(t.Context(), func(txn rotation.Txn) error {
			for i := range items {
				if err := txn.Put(fmt.Sprintf("record-%02d", i), fmt.Append(nil, round)); err != nil {
					return err
				}
			}
			return nil
		})
		if errors.Is(err, keyring.ErrHang) || errors.Is(err, rotation.ErrTampered) {
			t.Errorf("round %d: %v", round, err)
		}
		if killed.Stop() {
			bus.Stop(t)
		}
		bus.Run(t)
		again := reopen(t, place, ring)
		text, err := all(t.Context(), again)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		fresh := strings.Count(text+" ", fmt.Sprint("=", round, " "))
		if strings.LastIndex(text, fmt.Sprint("=", round)) > strings.Index(text+fmt.Sprint(" =", round-1), fmt.Sprint("=", round-1)) && round > 0 {
			t.Errorf("round %d: no beginning of the update: %s", round, text)
		}
		if fresh > 0 && fresh < items {
			within++
		}
		t.Logf("round %d: %d of %d items are new", round, fresh, items)
		s = again
	}
	t.Logf("%d of 6 were killed within the update", within)
}
