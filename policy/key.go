package policy

import (
	"time"

	"keysweep/keys/inventory"
	"keysweep/rotation"
)

// Ledger is what the ledger knows of one key. The zero value is that nothing is known.
type Ledger struct {
	Records []rotation.Record   // those with the key's fingerprint, or else its path; several share the key
	Grave   *rotation.Tombstone // the key was retired or given away; nil if not
}

// Key judges a key at a time. The worst verdicts come first.
func Key(k *inventory.Key, l Ledger, rules KeyRules, now time.Time) []Verdict {
	return nil
}
