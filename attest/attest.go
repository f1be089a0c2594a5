// Package attest keeps what people attest of practices that no machine can check: who said what of what, when, with which evidence, and
// for how long it counts.
//
// Start at Store, which appends to a file of JSON lines, and at Latest and Judge, which say how a practice stands. Each line holds the
// hash of the line before it, so that a line that is changed or taken out later is noticed; who can write the whole file anew is
// not stopped by that. The package reads no clock.
package attest

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"keysweep/internal/chain"
)

// Status is what somebody attests.
type Status string

// The statuses.
const (
	Done          Status = "done"
	NotDone       Status = "not-done"
	NotApplicable Status = "not-applicable"
)

// Record is one attestation. It holds no secret: who appends it sees to that.
type Record struct {
	Schema   int       `json:"schema"`
	ID       string    `json:"id"`    // of the practice: "account.mfa"
	Scope    string    `json:"scope"` // what it is about: "account", "account:aws", "host:web1", "repository", "script:PATH"
	Status   Status    `json:"status"`
	By       string    `json:"by"`
	Date     time.Time `json:"date"` // in UTC, in whole seconds
	Evidence Evidence  `json:"evidence,omitzero"`
	Until    string    `json:"until,omitempty"`   // the last day on which it counts, "2027-05-21"; "": as long as the policy says
	Subject  string    `json:"subject,omitempty"` // SHA-256 of the script that it is about, in hex: it ends when that changes
	Prev     string    `json:"prev"`              // SHA-256 of the line before, in hex; "" in the first line
}

// Evidence is what shows that an attestation is true.
type Evidence struct {
	Kind   string `json:"kind"`             // "text", "url", "file"
	Text   string `json:"text"`             // the text, the address or the path
	SHA256 string `json:"sha256,omitempty"` // of a file's content when it was attested, in hex
}

const schema = 1

// Limits of a record, in bytes. Evidence is to be named, not to be kept here.
const (
	maxWord = 200
	maxText = 4 << 10
)

// Scopes lists the kinds of scopes.
func Scopes() []string { return []string{"account", "host", "repository", "script"} }

// ScopeKind returns the kind of a scope, "script" of "script:PATH", and what stands behind the colon.
func ScopeKind(scope string) (kind, name string) {
	kind, name, _ = strings.Cut(scope, ":")
	return kind, name
}

// Check says what is wrong with an attestation that is about to be appended, nil if nothing is.
func (r Record) Check() error {
	r.Schema = schema
	return r.valid()
}

// valid refuses what no record may hold. Files are made by people and by merges, too.
func (r *Record) valid() error {
	kind, name := ScopeKind(r.Scope)
	switch {
	case r.Schema < 1:
		return errors.New("it has no schema")
	case r.Schema > schema:
		return fmt.Errorf("it has schema %d, and this version knows up to %d: use the newest keysweep", r.Schema, schema)
	case !word(r.ID) || strings.ContainsAny(r.ID, " \t"):
		return errors.New("it names no practice")
	case !known(kind) || (kind == "script" || kind == "host") && name == "" || kind == "repository" && r.Scope != kind || !word(r.Scope):
		return fmt.Errorf("the scope %.80q is none of account[:NAME], host:NAME, repository, script:PATH", r.Scope)
	case r.Status != Done && r.Status != NotDone && r.Status != NotApplicable:
		return fmt.Errorf("the status %.80q is none of done, not-done, not-applicable", r.Status)
	case strings.TrimSpace(r.By) == "":
		return errors.New("it does not say who attests it")
	case !word(r.By):
		return fmt.Errorf("who attests it is not said in a line of up to %d bytes", maxWord)
	case r.Date.IsZero() || r.Date.Year() < 1 || r.Date.Year() > 9999:
		return errors.New("it has no date")
	case r.Subject != "" && !chain.IsHash(r.Subject):
		return errors.New("a hash in it is none")
	}
	if r.Until != "" {
		if _, err := time.Parse(time.DateOnly, r.Until); err != nil {
			return fmt.Errorf("until: %.80q is no date", r.Until)
		}
	}
	return r.Evidence.valid()
}

func (e Evidence) valid() error {
	switch {
	case e == Evidence{}:
		return nil
	case e.Kind != "text" && e.Kind != "url" && e.Kind != "file":
		return fmt.Errorf("evidence of the kind %.80q is unknown", e.Kind)
	case e.Text == "":
		return errors.New("the evidence is empty")
	case len(e.Text) > maxText:
		return fmt.Errorf("the evidence has more than %d bytes: keep it in a file, and name that", maxText)
	case !utf8.ValidString(e.Text):
		return errors.New("the evidence is no text in UTF-8")
	case (e.Kind == "file") != (e.SHA256 != "") || e.SHA256 != "" && !chain.IsHash(e.SHA256):
		return errors.New("the evidence needs the SHA-256 of its file, and of nothing else")
	}
	return nil
}

func known(kind string) bool {
	for _, k := range Scopes() {
		if k == kind {
			return true
		}
	}
	return false
}

// word reports whether a text is there, short, and without control characters.
func word(text string) bool {
	control := func(r rune) bool { return r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 }
	return strings.TrimSpace(text) != "" && len(text) <= maxWord && utf8.ValidString(text) && !strings.ContainsFunc(text, control)
}
