package policy

import (
	"time"

	"keysweep/keys/inventory"
	"keysweep/rotation"
)

// Key judges a key at a time. rec is what the ledger knows of it, nil if it does not. The worst verdicts come first.
func Key(k *inventory.Key, rec *rotation.Record, rules KeyRules, now time.Time) []Verdict {
	return nil
}
