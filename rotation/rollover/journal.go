package rollover

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"keysweep/keys"
)

// Schema is what the field of that name in a journal says.
const Schema = "keysweep.rotation/v1"

// Phase is how far a rotation has come as a whole.
type Phase string

// The phases, in order.
const (
	Planned   Phase = "planned"   // the new key may be in its file, and is nowhere else
	Generated Phase = "generated" // the new key is in its file and in the ledger, and goes to the hosts
	Promoting Phase = "promoting" // the files are changing their names
	Promoted  Phase = "promoted"  // the new key has the old one's name, and the old one goes from the hosts
)

// Step is how far a rotation has come on one host.
type Step string

// The steps, in order.
const (
	Waiting  Step = "waiting"  // it has the old key alone
	Begun    Step = "begun"    // the new key may be there
	Verified Step = "verified" // the new key has logged in
	Removed  Step = "removed"  // the old key is no longer in authorized_keys; that it is refused was not shown
	Refused  Step = "refused"  // the new key logs in, and the old one is refused
	Gone     Step = "gone"     // the host is no more, somebody said
)

// Over reports whether nothing is left to be done on a host.
func (s Step) Over() bool { return s == Refused || s == Gone }

// Moved reports whether a host has let the new key in.
func (s Step) Moved() bool { return s == Verified || s == Removed || s == Refused }

// Host is an account and how far it has come.
type Host struct {
	Target  string    `json:"target"`
	Step    Step      `json:"step"`
	At      time.Time `json:"at,omitzero"`       // when it came there
	Expires time.Time `json:"expires,omitzero"`  // when the host itself will refuse the new key; zero for never
	Trouble string    `json:"trouble,omitempty"` // what went wrong there last
}

// Key is the public half of a key.
type Key struct {
	Fingerprint string `json:"fingerprint"`
	Line        string `json:"line"` // as in a .pub file, without its end
}

// KeyOf describes a key. The comment may be empty.
func KeyOf(public keys.Public, comment string) Key {
	return Key{Fingerprint: public.SHA256(), Line: string(bytes.TrimSpace(public.Line(comment)))}
}

// Public returns the key itself and its comment.
func (k Key) Public() (keys.Public, string, error) { return keys.ParsePublicLine([]byte(k.Line)) }

// Journal says how far a rotation has come. It holds nothing secret.
type Journal struct {
	Schema  string    `json:"schema"`
	Record  string    `json:"record"` // the ledger's ID of the old key
	Name    string    `json:"name"`   // that both keys have in turn
	File    string    `json:"file"`   // that both keys lie in in turn, absolute
	Phase   Phase     `json:"phase"`
	Begun   time.Time `json:"begun"`
	Old     Key       `json:"old"`
	New     Key       `json:"new,omitzero"`
	Expires time.Time `json:"expires,omitzero"` // when hosts are to refuse the new key; zero for never
	// OwnPassphrase says that the new key does not have the old one's passphrase.
	OwnPassphrase bool `json:"own_passphrase,omitempty"`
	// Archive is the file that the old key is to be archived in, encrypted; "" if it is to be destroyed.
	Archive string `json:"archive,omitempty"`
	Hosts   []Host `json:"hosts"`
}

// NewFile is where the new key lies until it takes the old one's place.
func (j *Journal) NewFile() string { return j.File + ".new" }

// OldFile is where the old key lies from then on.
func (j *Journal) OldFile() string { return j.File + ".old" }

// Names are those that must be free when a rotation begins.
func (j *Journal) Names() []string {
	return []string{j.NewFile(), j.NewFile() + ".pub", j.OldFile(), j.OldFile() + ".pub", j.OldFile() + certSuffix}
}

// Places returns the files in which the two private keys lie, unless their names are changing just now.
func (j *Journal) Places() (old, fresh string) {
	if j.Phase == Promoted {
		return j.OldFile(), j.File
	}
	return j.File, j.NewFile()
}

// Host returns the host of that name; nil if it is not among them.
func (j *Journal) Host(target string) *Host {
	for i := range j.Hosts {
		if j.Hosts[i].Target == target {
			return &j.Hosts[i]
		}
	}
	return nil
}

// Add adds hosts that are not among them yet.
func (j *Journal) Add(targets ...string) {
	for _, t := range targets {
		if j.Host(t) == nil {
			j.Hosts = append(j.Hosts, Host{Target: t, Step: Waiting})
		}
	}
}

// Count returns how many hosts have come to one of the steps.
func (j *Journal) Count(steps ...Step) (n int) {
	for _, h := range j.Hosts {
		if slices.Contains(steps, h.Step) {
			n++
		}
	}
	return n
}

// Behind returns the hosts that still have the old key, as far as is known.
func (j *Journal) Behind() (hosts []Host) {
	for _, h := range j.Hosts {
		if !h.Step.Over() {
			hosts = append(hosts, h)
		}
	}
	return hosts
}

// clone returns a copy that shares nothing.
func (j *Journal) clone() Journal {
	c := *j
	c.Hosts = slices.Clone(j.Hosts)
	return c
}

// ErrJournal says that a journal is not one that this program wrote.
var ErrJournal = errors.New("not a journal of a rotation")

// parseJournal reads a journal and refuses what cannot be gone on with.
func parseJournal(data []byte) (Journal, error) {
	var j Journal
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&j); err != nil {
		return Journal{}, fmt.Errorf("%w: %w", ErrJournal, err)
	}
	if err := j.check(); err != nil {
		return Journal{}, fmt.Errorf("%w: %w", ErrJournal, err)
	}
	return j, nil
}

func (j *Journal) check() error {
	switch {
	case j.Schema != Schema:
		return fmt.Errorf("schema %.40q, not %q: it is another version's", j.Schema, Schema)
	case j.Record == "" || j.Name == "":
		return errors.New("it names no key")
	case !filepath.IsAbs(j.File):
		return fmt.Errorf("file %.100q is no absolute path", j.File)
	case !slices.Contains([]Phase{Planned, Generated, Promoting, Promoted}, j.Phase):
		return fmt.Errorf("there is no phase %.40q", j.Phase)
	}
	for _, k := range []Key{j.Old, j.New} {
		if k == (Key{}) && j.Phase == Planned {
			continue
		}
		if public, _, err := k.Public(); err != nil || public.SHA256() != k.Fingerprint {
			return fmt.Errorf("key %.60q: its line is that of another key, or of none", k.Fingerprint)
		}
	}
	return j.checkHosts()
}

func (j *Journal) checkHosts() error {
	seen := make(map[string]bool, len(j.Hosts))
	for _, h := range j.Hosts {
		switch {
		case h.Target == "" || seen[h.Target]:
			return fmt.Errorf("host %.100q has no name, or is there twice", h.Target)
		case !slices.Contains([]Step{Waiting, Begun, Verified, Removed, Refused, Gone}, h.Step):
			return fmt.Errorf("host %.100q: there is no step %.40q", h.Target, h.Step)
		case (h.Step == Removed || h.Step == Refused) && j.Phase != Promoted:
			return fmt.Errorf("host %.100q has lost the old key before the new one took its place", h.Target)
		}
		seen[h.Target] = true
	}
	return nil
}
