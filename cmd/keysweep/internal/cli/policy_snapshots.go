package cli

import (
	"crypto/ed25519"
	"time"

	"keysweep/rotation/snapshot"
)

// policySnapshots is the table [snapshots] of a policy file.
type policySnapshots struct {
	Keys   map[string]string `toml:"keys"`
	MaxAge span              `toml:"max_age"`
}

// snapshotRules say which snapshots are believed.
type snapshotRules struct {
	keys   map[string]ed25519.PublicKey // by machine; others are believed on first use
	maxAge time.Duration                // 0: whatever their age
}

// readSnapshots takes one file's settings.
func (s *policySettings) readSnapshots(_ *Env, file string, doc policySnapshots) error {
	if doc.MaxAge.set {
		s.snapshots.maxAge = doc.MaxAge.Duration
	}
	for machine, text := range doc.Keys {
		key, err := snapshot.ParseKey(text)
		if err != nil {
			return usagef("it is the public_key in the snapshot of that machine", "%s: snapshots: keys: %s: %w", file, machine, err)
		}
		if s.snapshots.keys == nil {
			s.snapshots.keys = map[string]ed25519.PublicKey{}
		}
		s.snapshots.keys[machine] = key
	}
	return nil
}
