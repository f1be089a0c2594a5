package incident

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"keysweep/internal/chain"
)

// Kind is what an event is about.
type Kind string

// The kinds of events.
const (
	Started  Kind = "started"
	Added    Kind = "added" // more is affected than was known
	Noted    Kind = "note"
	Kept     Kind = "evidence"
	Stepped  Kind = "step"
	Blocking Kind = "block" // addresses for which commands were asked; whether somebody ran them, the step tells
	Closed   Kind = "closed"
	Ticked   Kind = "action" // an action item is done, or was dropped
)

// Audience is who may be told something.
type Audience string

// The audiences, those that hear most first.
const (
	Internal Audience = ""
	Provider Audience = "provider"
	Client   Audience = "client"
	Public   Audience = "public"
)

// Audiences lists whom a report can be for.
func Audiences() []Audience { return []Audience{Provider, Client, Public} }

// Hears reports whether what may be told to other may be told to a, too: clients hear what the public hears, and we hear all.
func (a Audience) Hears(other Audience) bool {
	order := []Audience{Internal, Provider, Client, Public}
	return slices.Index(order, a) <= slices.Index(order, other)
}

// State is how a step stands.
type State string

// The states of a step.
const (
	Open State = "open"
	Done State = "done"
	NA   State = "na" // there is nothing that it is about
)

// States lists the states of a step.
func States() []State { return []State{Done, NA, Open} }

// The kinds of what is affected.
const (
	Key        = "key"
	Credential = "credential"
	Host       = "host"
	Other      = "other" // what no ledger knows: an account, a bucket, a token that was never recorded
)

// Affected is something that is, or may be, in the hands of somebody else.
type Affected struct {
	Kind        string `json:"kind"`
	Name        string `json:"name"`                  // as the ledger calls it; else the path, fingerprint or name that was given
	Record      string `json:"record,omitempty"`      // its id in the ledger
	Fingerprint string `json:"fingerprint,omitempty"` // of a key
	Path        string `json:"path,omitempty"`        // of a key that was named by a file
}

// File is a file that is evidence. Its content stays where it is.
type File struct {
	Path   string `json:"path"` // absolute
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

// Outcome is how something that was affected ended.
type Outcome struct {
	Name string    `json:"name"`
	How  string    `json:"how"` // "revoked", "replaced", "as somebody says"
	At   time.Time `json:"at,omitzero"`
}

// Event is one line of an incident's log. It holds no secret.
type Event struct {
	Schema    int        `json:"schema"`
	Kind      Kind       `json:"kind"`
	At        time.Time  `json:"at"` // when it was written, in UTC, in whole seconds
	By        string     `json:"by"`
	When      time.Time  `json:"when,omitzero"` // when it happened, where that is not when it was written: the detection, a step
	Title     string     `json:"title,omitempty"`
	Drill     bool       `json:"drill,omitempty"`
	Affected  []Affected `json:"affected,omitempty"`
	Text      string     `json:"text,omitempty"` // a note; why a step; the cause
	Tell      Audience   `json:"tell,omitempty"` // who may hear the note
	Step      string     `json:"step,omitempty"`
	State     State      `json:"state,omitempty"`
	File      *File      `json:"file,omitempty"`
	Addresses []string   `json:"addresses,omitempty"`
	Actions   []string   `json:"actions,omitempty"`
	Action    int        `json:"action,omitempty"` // from 1
	Outcomes  []Outcome  `json:"outcomes,omitempty"`
	Report    string     `json:"report,omitempty"` // path of the post-mortem
	Prev      string     `json:"prev"`
}

const schema = 1

// Limits of an event. What is larger is kept in a file, and named as evidence.
const (
	maxWord = 300     // bytes of a title or a name
	MaxText = 8 << 10 // bytes of a note
	maxList = 500
)

// kind says what the lines of a log are.
func kind() chain.Kind[Event] {
	return chain.Kind[Event]{
		One: "event", Many: "events of an incident", Prev: func(e *Event) *string { return &e.Prev }, Valid: (*Event).valid,
		Hint: "put the file back as it was, from a backup; to go on at once, begin another incident, and name the file as its evidence",
	}
}

// valid refuses what no event may hold. Files are made by people, too.
func (e *Event) valid() error {
	switch {
	case e.Schema < 1:
		return errors.New("it has no schema")
	case e.Schema > schema:
		return fmt.Errorf("it has schema %d, and this version knows up to %d: use the newest keysweep", e.Schema, schema)
	case !isTime(e.At) || !e.When.IsZero() && !isTime(e.When):
		return errors.New("it has no time")
	case !word(e.By):
		return errors.New("it does not say who did it")
	case e.Text != "" && !text(e.Text):
		return fmt.Errorf("the text is not text of 1 to %d bytes", MaxText)
	case len(e.Affected) > maxList || len(e.Addresses) > maxList || len(e.Actions) > maxList || len(e.Outcomes) > maxList:
		return fmt.Errorf("a list in it has more than %d entries", maxList)
	case !slices.Contains([]Audience{Internal, Provider, Client, Public}, e.Tell):
		return fmt.Errorf("the audience %.80q is none of provider, client, public", e.Tell)
	}
	for _, a := range e.Affected {
		if !slices.Contains([]string{Key, Credential, Host, Other}, a.Kind) || !word(a.Name) || len(a.Record)+len(a.Fingerprint) > maxWord || a.Path != "" && !text(a.Path) {
			return fmt.Errorf("%.80q is nothing that can be affected", a.Name)
		}
	}
	if slices.ContainsFunc(e.Addresses, func(s string) bool { return !word(s) }) || slices.ContainsFunc(e.Actions, func(s string) bool { return !text(s) }) {
		return errors.New("an address or an action item in it is none")
	}
	return e.validKind()
}

// validKind refuses an event that lacks what its kind is about.
func (e *Event) validKind() error {
	whole := true
	switch e.Kind {
	case Started:
		whole = word(e.Title) && isTime(e.When)
	case Added:
		whole = len(e.Affected) > 0
	case Noted:
		whole = e.Text != ""
	case Kept:
		whole = e.File != nil && text(e.File.Path) && chain.IsHash(e.File.SHA256) && e.File.Size >= 0
	case Stepped:
		_, known := FindStep(e.Step)
		whole = known && slices.Contains(States(), e.State)
	case Blocking:
		whole = len(e.Addresses) > 0
	case Closed:
		whole = e.Text != ""
	case Ticked:
		whole = e.Action > 0 && (e.State == Done || e.State == NA)
	default:
		return fmt.Errorf("an event of the kind %.80q is unknown", e.Kind)
	}
	if !whole {
		return fmt.Errorf("an event of the kind %q lacks what it is about", e.Kind)
	}
	return nil
}

// stamp makes times whole seconds of UTC.
func (e *Event) stamp() {
	e.Schema, e.At = schema, e.At.UTC().Truncate(time.Second)
	if !e.When.IsZero() {
		e.When = e.When.UTC().Truncate(time.Second)
	}
}

// happened is when what the event tells of was so.
func (e *Event) happened() time.Time {
	if e.When.IsZero() {
		return e.At
	}
	return e.When
}

func isTime(t time.Time) bool { return !t.IsZero() && t.Year() >= 1 && t.Year() <= 9999 }

// word reports whether a text is there, short, and without control characters.
func word(s string) bool {
	control := func(r rune) bool { return r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 }
	return strings.TrimSpace(s) != "" && len(s) <= maxWord && utf8.ValidString(s) && !strings.ContainsFunc(s, control)
}

// IsWord reports whether a text can be a title, a name or an address: one line without control characters, and not too long.
func IsWord(s string) bool { return word(s) }

func text(s string) bool {
	return strings.TrimSpace(s) != "" && len(s) <= MaxText && utf8.ValidString(s)
}
