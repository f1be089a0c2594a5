package keyring

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	library "github.com/99designs/keyring"
)

// errAbsent says that there is no such item.
var errAbsent = errors.New("there is no such item")

// ring is a keyring as the child uses it. Names of items have their prefix.
type ring interface {
	get(key string) ([]byte, error)
	set(key, label string, data []byte) error
	remove(key string) error
	keys() ([]string, error) // of other programs too, where they share the keyring
	locked() (bool, error)
}

// bulkRing is a ring that reads many items faster than one by one.
type bulkRing interface {
	getAll(keys []string) (map[string][]byte, error)
}

func (s *server) many(keys []string) (map[string][]byte, error) {
	if r, ok := s.ring.(bulkRing); ok {
		return s.trimmed(r, keys)
	}
	found := map[string][]byte{}
	for _, key := range keys {
		data, err := s.ring.get(s.prefix + key)
		if errors.Is(err, errAbsent) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found[key] = data
	}
	return found, nil
}

func (s *server) trimmed(r bulkRing, keys []string) (map[string][]byte, error) {
	full := make([]string, len(keys))
	for i, key := range keys {
		full[i] = s.prefix + key
	}
	all, err := r.getAll(full)
	found := make(map[string][]byte, len(all))
	for key, data := range all {
		found[strings.TrimPrefix(key, s.prefix)] = data
	}
	return found, err
}

// keys returns the names of our items: in the collection "login" there are those of every program.
func (s *server) keys() ([]string, error) {
	all, err := s.ring.keys()
	if err != nil {
		return nil, err
	}
	ours := []string{}
	for _, key := range all {
		if name, ok := strings.CutPrefix(filepath.ToSlash(key), s.prefix); ok {
			ours = append(ours, name)
		}
	}
	slices.Sort(ours)
	return slices.Compact(ours), nil
}

// openRing opens the one keyring that is asked for. The library would turn to the next where one fails; so it is given one, and
// what is missing is found out before, as the library does not say it.
func openRing(ask request, environ []string, waits func() error) (ring, error) {
	config := library.Config{
		AllowedBackends: []library.BackendType{library.BackendType(ask.Backend)},
		ServiceName:     "keysweep", WinCredPrefix: "keysweep",
		KeychainTrustApplication: true, KeychainAccessibleWhenUnlocked: true,
	}
	switch ask.Backend {
	case SecretService, KWallet:
		return openOnBus(ask.Backend, config, environ, waits)
	case Pass:
		config.PassDir = passDir(ask.PassDir, environ)
		if err := checkPass(config.PassDir); err != nil {
			return nil, err
		}
	}
	return openLibrary(config)
}

func openLibrary(config library.Config) (*plainRing, error) {
	backend := config.AllowedBackends[0]
	if !slices.Contains(library.AvailableBackends(), backend) {
		return nil, &NoneError{Why: absence(string(backend))}
	}
	opened, err := library.Open(config)
	if err != nil {
		return nil, &NoneError{Why: "it cannot be opened"}
	}
	return &plainRing{opened}, nil
}

// absence says why a build of this program has no part for a keyring.
func absence(backend string) string {
	if backend == Keychain && runtime.GOOS == "darwin" {
		return "this build of keysweep cannot reach it: it was built without cgo"
	}
	return "there is none on " + runtime.GOOS
}

// checkPass sees that pass is installed and set up (pass(1)).
func checkPass(dir string) error {
	if _, err := exec.LookPath("pass"); err != nil {
		return &NoneError{Why: "the program pass is not installed"}
	}
	if _, err := os.Stat(filepath.Join(dir, ".gpg-id")); err != nil {
		return &NoneError{Why: "pass is not set up: there is no .gpg-id in " + dir, Do: "set it up: pass init GPG-ID"}
	}
	return nil
}

// plainRing is a keyring of the library with its differences evened out.
type plainRing struct{ library.Keyring }

func (r *plainRing) get(key string) ([]byte, error) {
	item, err := r.Get(key)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, library.ErrKeyNotFound):
		return nil, errAbsent
	case errors.As(err, &syntax), errors.As(err, &kind), err == nil && item.Key != key:
		return nil, &ForeignError{Key: key}
	}
	return item.Data, err
}

func (r *plainRing) set(key, label string, data []byte) error {
	return r.Set(library.Item{Key: key, Data: data, Label: label, Description: "keysweep", KeychainNotSynchronizable: true})
}

func (r *plainRing) remove(key string) error {
	err := r.Remove(key)
	if errors.Is(err, library.ErrKeyNotFound) {
		return nil
	}
	return err
}

func (r *plainRing) keys() ([]string, error) { return r.Keys() }
func (r *plainRing) locked() (bool, error)   { return false, nil }
