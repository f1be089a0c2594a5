package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"keysweep/internal/keyctl"
	"keysweep/rotation/filestore"
)

// unlockedPrefix begins the names of the keys in the kernel's keyring that open ledgers.
const unlockedPrefix = "keysweep:ledger:"

// unlockedName is the name of the key that opens a ledger: another ledger has another id, and does not find it.
func unlockedName(ledger string) string { return unlockedPrefix + ledger }

// unlockedLedger is what ledger unlock puts into the kernel's keyring.
type unlockedLedger struct {
	Schema   int       `json:"schema"`
	Ledger   string    `json:"ledger"`
	Since    time.Time `json:"since"`
	Until    time.Time `json:"until"` // the kernel counts too; this can be shown
	Identity []byte    `json:"identity"`
}

// errUnlockedOdd says that what was found is not what ledger unlock has put there.
var errUnlockedOdd = errors.New("the key in the kernel's keyring does not open this ledger any more")

// keep puts it into the kernel's keyring.
func (u *unlockedLedger) keep() error {
	data, err := json.Marshal(u)
	if err != nil {
		return err
	}
	defer clear(data)
	return keyctl.Set(unlockedName(u.Ledger), data, u.Until.Sub(u.Since))
}

// findUnlocked returns what the kernel's keyring has for a ledger; nil if that is nothing, or its time is over, or the kernel refuses: ledger
// unlock says so, and other commands ask for the passphrase. What is there and is not to be used is an error. The caller clears the identity.
func findUnlocked(ledger string, now time.Time) (*unlockedLedger, error) {
	data, err := keyctl.Get(unlockedName(ledger))
	defer clear(data)
	switch {
	case errors.Is(err, keyctl.ErrForeign):
		return nil, err
	case err == nil:
		return parseUnlocked(data, ledger, now)
	}
	return nil, nil
}

func parseUnlocked(data []byte, ledger string, now time.Time) (*unlockedLedger, error) {
	var u unlockedLedger
	if err := json.Unmarshal(data, &u); err != nil || u.Schema != 1 || u.Ledger != ledger {
		clear(u.Identity)
		return nil, errUnlockedOdd
	}
	if now.Before(u.Since.Add(-time.Minute)) || !now.Before(u.Until) { // a clock that was put back makes it no longer
		clear(u.Identity)
		return nil, nil
	}
	return &u, nil
}

// unlockedOf says until when a ledger is unlocked, without what opens it; nil if it is not.
func unlockedOf(env *Env, home *chosenHome) *unlockedLedger {
	if home.Home != homeFiles || home.Ledger == "" {
		return nil
	}
	u, _ := findUnlocked(home.Ledger, env.Now()) // what is odd is not used: it is not unlocked
	if u != nil {
		clear(u.Identity)
		u.Identity = nil
	}
	return u
}

// openUnlocked opens the ledger with what ledger unlock put into the kernel's keyring; nil if there is nothing. What does not open this
// ledger is taken away, and that is said.
func (p *filesPlace) openUnlocked(ctx context.Context) (homeStore, error) {
	home, err := readHome(p.env)
	if err != nil || home == nil || home.Home != homeFiles || home.Ledger == "" || p.afresh || p.chosen() {
		return nil, err
	}
	u, err := findUnlocked(home.Ledger, p.env.Now())
	if u == nil && err == nil {
		return nil, nil
	}
	if err == nil {
		defer clear(u.Identity)
		var store *filestore.Store
		if store, err = filestore.OpenUnlocked(ctx, p.where, u.Identity); err == nil {
			return store, nil
		}
		if !errors.Is(err, filestore.ErrStale) {
			return nil, err
		}
		err = errUnlockedOdd
	}
	_, _ = keyctl.Remove(unlockedName(home.Ledger)) // if it cannot be taken away it is passed over the next time, too
	_, err = fmt.Fprintf(p.env.Stderr, "note: the ledger is locked again: %v\n", err)
	return nil, err
}

// chosen reports whether a flag says where the passphrase comes from: then it is that one which is to open the ledger. The variable is for
// jobs, and waits until it is needed.
func (p *filesPlace) chosen() bool {
	return p.pass.given() && (p.pass.fd >= 0 || p.pass.stored != "" || p.pass.file != p.env.Getenv(ledgerPassphraseFile))
}
