package chain

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLockedSaysWhy: a lock that cannot be made is not taken for one that somebody else holds, and who gives up is told so.
func TestLockedSaysWhy(t *testing.T) {
	dir := t.TempDir()
	never := func() error { t.Error("it is not locked"); return nil }
	inTheWay := filepath.Join(dir, "directory")
	if err := os.Mkdir(inTheWay, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Locked(context.Background(), "things", inTheWay, never); err == nil || strings.Contains(err.Error(), "somebody else") || !strings.Contains(err.Error(), inTheWay) {
		t.Error(err)
	}
	name := filepath.Join(dir, "lock")
	err := Locked(context.Background(), "things", name, func() error {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		return Locked(ctx, "things", name, never)
	})
	if !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "somebody else") {
		t.Error(err)
	}
}
