package inventory

import (
	"time"

	"keysweep/keys"
)

// Key is everything that is known of one key. Several files, the agent and lines of authorized_keys may hold the same key.
type Key struct {
	Public  *keys.Public // nil if it is hidden: an encrypted PEM or PKCS#8 file without a .pub beside it
	Type    string       // "ssh-ed25519"; "" if unknown
	Bits    int          // 0 if unknown
	Comment string       // the first that is not empty: of the private file, the .pub, the agent, authorized_keys

	Files        []File        // private key files that hold it, in the order they were found; more than one are copies
	PublicFiles  []PublicFile  // public key files that hold it, beside the private one or alone
	Certificates []Certificate // certificates for it, in files and in the agent
	Agent        []AgentKey    // where the agent holds it, with and without a certificate
	Authorized   []Line        // lines of authorized_keys files that let it in
	Hosts        []Use         // blocks of the SSH client's configuration that name one of its files
	HostKey      bool          // a key of this machine's SSH server, in /etc/ssh

	Evidence []Evidence // of its age: it was there at each of these times; oldest first
	Problems []Problem  // what could not be found out about it
}

// Fingerprint returns the key's fingerprint, "SHA256:...", or "" if its public half is hidden.
func (k *Key) Fingerprint() string {
	if k.Public == nil {
		return ""
	}
	return k.Public.SHA256()
}

// Protected reports whether a passphrase protects every private key file; Unknown if there is none to be seen.
func (k *Key) Protected() Answer {
	if len(k.Files) == 0 {
		return Unknown
	}
	for i := range k.Files {
		if !k.Files[i].Protected {
			return No
		}
	}
	return Yes
}

// Path returns the place that names the key best: its first private key file, or else a public one; "" if no file holds it.
func (k *Key) Path() string {
	switch {
	case len(k.Files) > 0:
		return k.Files[0].Path
	case len(k.PublicFiles) > 0:
		return k.PublicFiles[0].Path
	}
	return ""
}

// Oldest returns the evidence that makes the key oldest; false if there is none.
func (k *Key) Oldest() (Evidence, bool) {
	var oldest Evidence
	for _, e := range k.Evidence {
		if oldest.At.IsZero() || e.At.Before(oldest.At) {
			oldest = e
		}
	}
	return oldest, !oldest.At.IsZero()
}

// Answer is yes, no, or not known. The zero value is Unknown.
type Answer string

// The answers.
const (
	Unknown Answer = ""
	No      Answer = "no"
	Yes     Answer = "yes"
)

// String returns the answer as a word: "unknown" for the zero value.
func (a Answer) String() string {
	if a == Unknown {
		return "unknown"
	}
	return string(a)
}

// File is a private key file.
type File struct {
	Path      string // absolute; as it was found, which may be a symbolic link
	Target    string // where it leads, if it is a symbolic link; "" otherwise
	Format    keys.Format
	Protected bool
	Cipher    string   // "none" if it is not protected
	KDF       keys.KDF // zero if it is not protected
	Bytes     int64
	Quirk     string // what keeps ssh from reading it: keys.File.Quirk

	Pub     PubState
	PubPath string // of the .pub file beside it, there or not

	Access Access
	Place  Place

	Born    time.Time // when the file was made, as the file system says; zero if it does not
	Changed time.Time // when its content last changed
}

// PubState says what the .pub file beside a private key file is.
type PubState string

// The states of a .pub file.
const (
	PubMissing  PubState = "missing"  // there is none
	PubMatches  PubState = "matches"  // it holds the same key as the private file shows
	PubMismatch PubState = "mismatch" // it holds another key
	PubUnproven PubState = "unproven" // the private file hides its public half: nothing to compare with
	PubDamaged  PubState = "damaged"  // it holds no key, or could not be read
)

// Access says who may get at a file. On Windows, where modes say nothing, Known is false.
type Access struct {
	Known    bool
	Mode     uint32 // permission bits of the file, as in chmod
	UID      int    // who owns it
	Owner    Owner
	DirMode  uint32 // permission bits of its directory
	DirUID   int
	DirOwner Owner
}

// GroupReadable reports whether the file's group may read it.
func (a Access) GroupReadable() bool { return a.Known && a.Mode&0o040 != 0 }

// OthersReadable reports whether everybody may read it.
func (a Access) OthersReadable() bool { return a.Known && a.Mode&0o004 != 0 }

// Writable reports whether others than the owner may write the file.
func (a Access) Writable() bool { return a.Known && a.Mode&0o022 != 0 }

// DirWritable reports whether others than the owner may put files into the directory, or take them away. With the sticky bit
// nobody may take away another's, but anybody may still put some.
func (a Access) DirWritable() bool { return a.Known && a.DirMode&0o022 != 0 }

// Owner says whose a file is.
type Owner string

// The owners.
const (
	OwnerUnknown Owner = ""
	OwnerSelf    Owner = "you" // the user that runs keysweep
	OwnerRoot    Owner = "root"
	OwnerOther   Owner = "another user"
)

// PublicFile is a file with a public key.
type PublicFile struct {
	Path    string
	Comment string
	Alone   bool // no private key file lies beside it
	Access  Access
	Born    time.Time
	Changed time.Time
}

// Certificate is an OpenSSH certificate for a key.
type Certificate struct {
	Path       string // "" for one that only the agent holds
	Serial     uint64
	KeyID      string
	Host       bool // for a host rather than a user
	Principals []string
	From       time.Time // zero: always
	Until      time.Time // zero: for ever
}

// AgentKey is a key that the agent holds. How long it will is not told by any agent.
type AgentKey struct {
	Comment     string
	Certificate bool
}

// Line is a line of an authorized_keys file.
type Line struct {
	Path    string
	Number  int // counted from 1
	Comment string
	Options string // as written: `from="10.0.0.0/8",no-pty`
	CA      bool   // cert-authority: it lets in whatever the key signs
	Refused bool   // something is wrong with the options: sshd refuses the key
}

// Use is a block of the SSH client's configuration that names a key.
type Use struct {
	Path     string // of the configuration
	Line     int
	Patterns []string // of its Host line: "github.com", "*"; nil outside any block
	Match    bool     // a Match block; Patterns then hold its condition
	HostName string   // what the block's HostName says; "" if nothing
	File     string   // the file it names
	Only     bool     // IdentitiesOnly is set: only the keys named are tried
}

// Evidence says that a key was there at a time: it is at least that old.
type Evidence struct {
	Source string // one of the constants below
	At     time.Time
	Detail string // a path, or what else tells where to look
}

// The sources of evidence, surest first.
const (
	FromCertificate = "certificate's start"
	FromGit         = "git history of the .pub"
	FromBirth       = "file birth time"
	FromPubBirth    = "birth time of the .pub"
	FromAuthorized  = "change time of authorized_keys"
	FromPubChange   = "change time of the .pub"
	FromChange      = "file change time"
)
