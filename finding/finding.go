// Package finding holds the words that the parts of keysweep share: what was found, where, how bad it is and how sure we are,
// what was looked at and what could not be. It prints nothing and decides nothing.
//
// Start at Report. A Finding is one secret (or one broken practice) with all its Places; a Secret and an Excerpt never print
// what they hide. Values are plain data: not safe for concurrent change, safe for concurrent reading.
package finding

import "time"

// Finding is one secret with the places where it stands.
type Finding struct {
	Fingerprint Fingerprint // of the secret, under the report's salt
	Rules       []string    // ids of the rules that claim it, the one that names it best first
	Title       string      // what it is, in a few words: "GitHub personal access token"
	Why         string      // one sentence: what it is and why it matters
	Provider    string      // who issued it: "GitHub"; empty when unknown
	RotateURL   string      // the provider's page where it is revoked or rotated; empty when unknown
	Severity    Severity
	Confidence  Confidence
	Entropy     float64 // Shannon entropy of the secret in bits per byte, as gitleaks computes it
	Tags        []string
	Secret      Secret
	Places      []Place // ordered by path, line, column, commit; at least one
	MorePlaces  int     // places counted but not kept, past a limit
	Proof       []Fact  // what is certain about the secret; in the order in which they are told
}

// Kind says what sort of thing a place is in.
type Kind string

// The kinds of places.
const (
	KindFile    Kind = "file"    // a file on disk, as it lies there
	KindIndex   Kind = "index"   // a file as it is staged
	KindBlob    Kind = "blob"    // a version of a file in git's history
	KindMessage Kind = "message" // the text of a commit
	KindTag     Kind = "tag"     // the text of an annotated tag
	KindNote    Kind = "note"    // a git note
	KindStdin   Kind = "stdin"   // standard input
)

// Place is one spot where a secret stands.
type Place struct {
	Kind    Kind
	Rule    string   // the rule that matched here
	Path    string   // slash-separated; relative to the repository or to what was asked for; "" if there is none
	Shown   string   // the path as the user in the working directory would type it, where that differs
	Also    []string // further paths that held the same blob in the same history
	Span    Span     // of the match in the text
	Excerpt Excerpt  // the text of the match's line, for people
	Match   Excerpt  // the match itself: the secret and what showed it
	Object  string   // object id of the blob, commit or tag; "" outside git
	Commit  *Commit  // the commit that brought it; nil outside history
	InHead  Tri      // the same secret still stands in HEAD's tree
	Pushed  Tri      // a remote-tracking ref holds it
	Note    string   // what is special about the place: "new place of a known secret"
}

// ShownPath returns the path for people.
func (p Place) ShownPath() string {
	if p.Shown != "" {
		return p.Shown
	}
	return p.Path
}

// Tri is a truth value that can be unknown, which it is at first.
type Tri string

// The truth values.
const (
	Unknown Tri = ""
	No      Tri = "no"
	Yes     Tri = "yes"
)

// TriOf turns a known truth value into a Tri.
func TriOf(b bool) Tri {
	if b {
		return Yes
	}
	return No
}

// Commit is what a report says about a commit.
type Commit struct {
	ID      string
	Author  string
	Email   string
	Date    time.Time // author date
	Subject string    // first line of the message, secrets in it masked
}

// Span is a half-open range in a text.
type Span struct{ Start, End Position }

// Position is a spot in a text: line from 1, column from 1 counted in Unicode code points (a byte that is not part of valid
// UTF-8 counts as one). The zero Position means "no position", as for a finding about a file's name.
type Position struct{ Line, Column int }
