package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestMemoryKey(t *testing.T) {
	name := filepath.Join(t.TempDir(), "state", "history.key")
	first := memoryKey(name)
	if len(first) != memoryKeySize || !bytes.Equal(first, memoryKey(name)) {
		t.Fatalf("the key has %d bytes, or is another each time", len(first))
	}
	for _, size := range []int64{0, memoryKeySize - 1, memoryKeySize + 1, 1 << 40} { // the last one is not to be read
		if err := os.Truncate(name, size); err != nil {
			t.Fatal(err)
		}
		key := memoryKey(name)
		if len(key) != memoryKeySize || bytes.Equal(key, first) || !bytes.Equal(key, memoryKey(name)) {
			t.Errorf("after a file of %d bytes: a key of %d bytes", size, len(key))
		}
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(os.DevNull, name); err != nil {
		t.Skip("no links here: ", err)
	}
	if key := memoryKey(name); key != nil {
		t.Error("a key is kept in a device")
	}
	if err := os.RemoveAll(name); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(name, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if key := memoryKey(name); key != nil {
		t.Error("there is a key that cannot be kept")
	}
}
