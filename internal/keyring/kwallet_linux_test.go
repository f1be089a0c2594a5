package keyring

import (
	"errors"
	"sync"
	"testing"

	"github.com/godbus/dbus"

	"keysweep/internal/testkeyring"
)

// wallet stands in for kwalletd5, as far as the library uses it
// (https://invent.kde.org/frameworks/kwallet, src/runtime/kwalletd/org.kde.KWallet.xml).
type wallet struct {
	mu      sync.Mutex
	refuses bool // the user closes its window
	open    bool
	entries map[string][]byte
}

const handle int32 = 7

// IsOpen is called with a handle, or with the name of a wallet.
func (w *wallet) IsOpen(dbus.Variant) (bool, *dbus.Error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.open, nil
}

func (w *wallet) Open(string, int64, string) (int32, *dbus.Error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refuses {
		return -1, nil
	}
	w.open = true
	return handle, nil
}

func (w *wallet) EntryList(int32, string, string) ([]string, *dbus.Error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	names := []string{}
	for name := range w.entries {
		names = append(names, name)
	}
	return names, nil
}

func (w *wallet) WriteEntry(h int32, _, key string, value []byte, _ string) (int32, *dbus.Error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if h != handle {
		return -1, nil
	}
	w.entries[key] = value
	return 0, nil
}

func (w *wallet) ReadEntry(_ int32, _, key, _ string) ([]byte, *dbus.Error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.entries[key], nil
}

func (w *wallet) RemoveEntry(_ int32, _, key, _ string) (int32, *dbus.Error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.entries, key)
	return 0, nil
}

// startWallet puts a wallet on a bus of its own.
func startWallet(t *testing.T, w *wallet) Options {
	t.Helper()
	bus := testkeyring.StartBus(t)
	conn := bus.Dial(t)
	t.Cleanup(func() { _ = conn.Close() })
	names := map[string]string{"IsOpen": "isOpen", "Open": "open", "EntryList": "entryList", "WriteEntry": "writeEntry", "ReadEntry": "readEntry", "RemoveEntry": "removeEntry"}
	if err := conn.ExportWithMap(w, names, "/modules/kwalletd5", "org.kde.KWallet"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName(kwalletName, 0); err != nil {
		t.Fatal(err)
	}
	o := onBus(bus.Address)
	o.Backend = KWallet
	return o
}

func TestKWallet(t *testing.T) {
	c := connect(t, startWallet(t, &wallet{entries: map[string][]byte{"another program's": []byte("x")}}))
	if err := c.Set(t.Context(), "a", "label", []byte("1")); err != nil {
		t.Fatal(err)
	}
	wantKeys(t, c, "a")
	if data, err := c.Get(t.Context(), "a"); err != nil || string(data) != "1" {
		t.Errorf("read %q, %v", data, err)
	}
	if err := c.Remove(t.Context(), "a"); err != nil {
		t.Error(err)
	}
	wantKeys(t, c)
}

// TestKWalletRefuses: the library takes a wallet that the user does not open for an empty one.
func TestKWalletRefuses(t *testing.T) {
	c := connect(t, startWallet(t, &wallet{refuses: true, entries: map[string][]byte{}}))
	_, get := c.Get(t.Context(), "a")
	_, keys := c.Keys(t.Context())
	for what, err := range map[string]error{"get": get, "keys": keys, "set": c.Set(t.Context(), "a", "label", []byte("1")), "remove": c.Remove(t.Context(), "a")} {
		if !errors.Is(err, ErrLocked) {
			t.Errorf("%s: %v, want ErrLocked", what, err)
		}
	}
}
