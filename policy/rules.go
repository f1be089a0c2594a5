package policy

import "time"

// KeyRules are the figures that keys are judged by. The zero value is not usable; start from DefaultKeyRules.
type KeyRules struct {
	MaxAge time.Duration // a key is due when it is this old
	Warn   time.Duration // and announced this long before
}

// DefaultKeyRules returns the rules in force where nobody set others.
func DefaultKeyRules() KeyRules {
	const day = 24 * time.Hour
	return KeyRules{MaxAge: 90 * day, Warn: 14 * day}
}
