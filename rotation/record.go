package rotation

import "time"

// Kind is what a record is about.
type Kind string

// The kinds of records.
const (
	KindSSH Kind = "ssh-key"
	KindAPI Kind = "api-key"
)

// Status is where in its life a key stands.
type Status string

// The states of a key.
const (
	Active      Status = "active"
	Retiring    Status = "retiring"    // replaced, but not yet removed everywhere
	Retired     Status = "retired"     // no longer installed anywhere; archived or destroyed
	Revoked     Status = "revoked"     // removed from every authorized_keys, on a revocation list
	Compromised Status = "compromised" // known to others: due at once
)

// Live reports whether a key of this status may still open something.
func (s Status) Live() bool { return s != Retired && s != Revoked }

// SchemaVersion is the number that Record.Schema holds.
const SchemaVersion = 1

const (
	// MaxRecord is the most that a record may take as JSON, in bytes: the smallest keyring takes 2,560 an item.
	MaxRecord = 2048
	// MaxHistory is how many changes a record remembers; fewer if it would grow too large.
	MaxHistory = 16
)

// Record is what the ledger knows of one key or credential. It never holds the secret itself, nor a passphrase. As JSON it
// takes MaxRecord bytes at most, besides installations and backups, of which there may be some thousands; fields that a newer version wrote are kept when an older one rewrites it. Times are in UTC and
// whole seconds.
type Record struct {
	Schema      int            `json:"schema"`
	ID          string         `json:"id"` // opaque, random; never the name
	Kind        Kind           `json:"kind"`
	Name        string         `json:"name"`                  // what people call it; unique among live records, with Env where the kind is KindAPI
	Service     string         `json:"service,omitempty"`     // what it is for: "github", "backup"
	Env         string         `json:"env,omitempty"`         // "prod", "staging"
	Owner       string         `json:"owner,omitempty"`       // person or team
	Provider    string         `json:"provider,omitempty"`    // who issued it: "gitlab", "aws"
	Purpose     string         `json:"purpose,omitempty"`     // why it is needed
	Account     string         `json:"account,omitempty"`     // what the provider calls it, not secret: an access key id, a token's number
	URL         string         `json:"url,omitempty"`         // where a person replaces it
	Hosts       []string       `json:"hosts,omitempty"`       // where it is meant to be used
	Fingerprint string         `json:"fingerprint,omitempty"` // "SHA256:..." of the public key
	Mark        string         `json:"mark,omitempty"`        // keyed hash of the secret: equal for equal secrets of one ledger, and says nothing else
	Type        string         `json:"type,omitempty"`        // "ssh-ed25519"
	Bits        int            `json:"bits,omitempty"`
	Path        string         `json:"path,omitempty"`        // of the private key file, absolute
	Machine     string         `json:"machine,omitempty"`     // host name where Path lies
	Unprotected *Exception     `json:"unprotected,omitempty"` // made without a passphrase, and why
	Status      Status         `json:"status"`
	Evidence    []Evidence     `json:"evidence,omitempty"` // of the age; the oldest counts
	FirstSeen   time.Time      `json:"first_seen"`
	RotatedAt   time.Time      `json:"rotated_at,omitzero"`
	Expires     time.Time      `json:"expires,omitzero"`      // when the provider or the certificate ends it; zero if never or unknown
	Successor   string         `json:"successor,omitempty"`   // ID of the record that took its place
	Predecessor string         `json:"predecessor,omitempty"` // ID of the record whose place it took
	Backups     []Backup       `json:"backups,omitempty"`
	Installed   []Installation `json:"installed,omitempty"`
	History     []Event        `json:"history,omitempty"` // the last MaxHistory changes, oldest first
	Seq         int            `json:"seq"`               // changes so far
	Prev        string         `json:"prev,omitempty"`    // SHA-256 of the record before the last change, hex

	more  unknown // what a newer version wrote
	parts []part  // the continuations in the store
}

// Evidence is one hint at how old a key is.
type Evidence struct {
	Source string    `json:"source"` // "made by keysweep", "file birth time", "git history of the .pub", "stated by owner"
	At     time.Time `json:"at"`
	Detail string    `json:"detail,omitempty"`

	more unknown
}

// FoundUnprotected is the reason of an Exception that nobody decided on: the key had no passphrase when it came into the ledger.
const FoundUnprotected = "found unprotected at adoption"

// Exception is a rule that somebody decided to break.
type Exception struct {
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`

	more unknown
}

// Backup is a copy of a private key that somebody can restore from.
type Backup struct {
	ID       string    `json:"id"`
	Form     string    `json:"form"`            // "age", "words", "sheet"
	Place    string    `json:"place,omitempty"` // where it was written, or what the user calls the place
	At       time.Time `json:"at"`
	Verified time.Time `json:"verified,omitzero"` // when it was last proven; zero if never

	more unknown
}

// Installation is a host that accepts the key.
type Installation struct {
	Target  string    `json:"target"` // "user@host" or "user@host:port"
	At      time.Time `json:"at"`
	Expires time.Time `json:"expires,omitzero"` // the expiry-time that the server enforces
	Removed time.Time `json:"removed,omitzero"`

	more unknown
}

// Event is one thing that happened to a key.
type Event struct {
	At   time.Time `json:"at"`
	What string    `json:"what"` // "generated", "adopted", "passphrase changed", ...

	more unknown
}
