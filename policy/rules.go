package policy

import (
	"slices"
	"time"
)

const day = 24 * time.Hour

// KeyRules are the figures that keys are judged by. The zero value is not usable; start from DefaultKeyRules.
type KeyRules struct {
	Rotation   RotationRules // when a key is due
	Verify     time.Duration // how long the proof of a backup counts
	RSABits    int           // the least size of RSA keys; below 3072 and 2048 it is worse whatever this says
	Types      []string      // kinds that are welcome: "ed25519", "rsa", "ecdsa"; security keys count as their curve
	Exemptions []Exemption
}

// DefaultKeyRules returns the rules in force where nobody set others: ED25519 or RSA of 4096 bits, a new key every 90 days, and
// a backup that was proven within half a year.
//
// The 90 days are the usual demand for keys and credentials of people (CIS benchmarks for cloud accounts); 4096 bits are what
// ssh-keygen's users are told to take where ED25519 is not understood. NIST SP 800-57 part 1 puts RSA of 3072 bits at the strength
// of 128 bits, that of 2048 bits at 112.
func DefaultKeyRules() KeyRules {
	return KeyRules{Rotation: DefaultRotationRules(), Verify: 180 * day, RSABits: 4096, Types: []string{"ed25519", "rsa"}}
}

// Exemption is a decision to live with what a check says about a key.
type Exemption struct {
	Check  string    // id of the check
	Key    string    // fingerprint, path, or name in the ledger
	Reason string    // why; never empty
	Until  time.Time // the last day on which it counts, in UTC; zero: no end
	Where  string    // file and line that hold it
}

// excuse returns the exemption that covers a verdict now, or nil.
func (r KeyRules) excuse(s *subject, v Verdict, now time.Time) *Excuse {
	for _, e := range slices.Concat(r.Exemptions, r.Rotation.excuses(v.Check)) {
		if e.Check != v.Check || !slices.Contains(s.aliases(v), e.Key) || !e.Until.IsZero() && !now.Before(e.Until.Add(day)) {
			continue
		}
		x := &Excuse{Reason: e.Reason, By: e.Where}
		if !e.Until.IsZero() {
			x.Until = e.Until.Format(time.DateOnly)
		}
		return x
	}
	return nil
}

// aliases are what an exemption may call the key: for a verdict about one file, that file, and the key itself.
func (s *subject) aliases(v Verdict) (names []string) {
	if print := s.Fingerprint(); print != "" {
		names = append(names, print)
	}
	if v.Path != "" {
		names = append(names, v.Path)
	} else if path := s.Path(); path != "" {
		names = append(names, path)
	}
	for i := range s.ledger.Records {
		names = append(names, s.ledger.Records[i].Name)
	}
	return names
}
