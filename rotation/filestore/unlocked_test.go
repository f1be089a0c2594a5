package filestore

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"keysweep/rotation"
)

func TestOpenUnlocked(t *testing.T) {
	place, s := create(t)
	put(t, s, "a", "1")
	identity, err := s.Identity()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ChangePassphrase(t.Context(), []byte("other words")); err != nil {
		t.Fatal(err)
	}
	u, err := OpenUnlocked(t.Context(), options(place), identity)
	if err != nil {
		t.Fatal(err)
	}
	if data, err := u.Get(t.Context(), "a"); err != nil || string(data) != "1" || u.ID() != s.ID() {
		t.Errorf("%q, %v", data, err)
	}
	put(t, u, "b", "2")
	if data, err := s.Get(t.Context(), "b"); err != nil || string(data) != "2" {
		t.Errorf("%q, %v", data, err)
	}
}

// TestOpenUnlockedStale gives what opens another ledger, or nothing: no error shows any of it.
func TestOpenUnlockedStale(t *testing.T) {
	place, s := create(t)
	_, other := create(t)
	stale, err := other.Identity()
	if err != nil {
		t.Fatal(err)
	}
	mine, err := s.Identity()
	if err != nil {
		t.Fatal(err)
	}
	theirs := other.id.X25519
	for _, identity := range [][]byte{stale, nil, []byte("{}"), []byte("[]"), stale[:len(stale)/2], []byte(strings.Replace(string(mine), s.id.X25519, theirs, 1)),
		[]byte(strings.ToLower(string(mine)))} {
		_, err := OpenUnlocked(t.Context(), options(place), identity)
		if !errors.Is(err, ErrStale) || errors.Is(err, rotation.ErrTampered) || strings.Contains(err.Error(), theirs[:20]) {
			t.Errorf("%.40q: %v", identity, err)
		}
	}
	if _, err := OpenUnlocked(t.Context(), options(t.TempDir()), mine); !errors.Is(err, ErrNone) {
		t.Errorf("no ledger: %v", err)
	}
}

// TestOpenUnlockedTampered notices what Open does.
func TestOpenUnlockedTampered(t *testing.T) {
	place, s := create(t)
	put(t, s, "a", "1")
	identity, err := s.Identity()
	if err != nil {
		t.Fatal(err)
	}
	head, err := os.ReadFile(s.path(headFile))
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "a", "2")
	if err := os.WriteFile(filepath.Join(place, "ledger", headFile), head, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = OpenUnlocked(t.Context(), options(place), identity)
	wantTamper(t, err)
	if err := os.Remove(filepath.Join(place, "ledger", headFile)); err != nil {
		t.Fatal(err)
	}
	_, err = OpenUnlocked(t.Context(), options(place), identity)
	wantTamper(t, err, "is gone")
}
