// Package incident keeps what happens in an incident: when it was detected, what is affected, which steps were taken by whom, what was seen,
// and how it ended. It also says what was within reach of whoever has a key, a credential or a host, out of what the ledger knows.
//
// Start at Book, which holds the incidents of an account, and at Incident, which is one of them as its events make it. Each incident is a
// file of events that only grows, chained by hashes (internal/chain). It holds no secret: who appends sees to that. The package reads no
// clock, prints nothing, and changes nothing of a key or a host.
package incident

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"keysweep/policy/practice"
)

// Phase is a part of the work on an incident.
type Phase string

// The phases, in their order.
const (
	Detect      Phase = "Detect"
	Contain     Phase = "Contain"
	Assess      Phase = "Assess"
	Remediate   Phase = "Remediate"
	Communicate Phase = "Communicate"
	Learn       Phase = "Learn"
)

// Phases lists the phases in their order.
func Phases() []Phase { return []Phase{Detect, Contain, Assess, Remediate, Communicate, Learn} }

// Step is something that is to be done in an incident: a practice of the kind practice.Incident.
type Step struct {
	ID    string // "incident.isolate"
	Phase Phase
	Title string // what should be so, in our words
}

// Short returns the id without what all of them begin with: "isolate".
func (s Step) Short() string { return strings.TrimPrefix(s.ID, "incident.") }

// RevokeStep is the step whose end says that what the ledger does not know is revoked, too.
const RevokeStep = "incident.revoke-rotate"

// The steps that are about hosts: once rebuildStep is done they are trusted again.
const (
	isolateStep = "incident.isolate"
	rebuildStep = "incident.rebuild"
)

// LearnStep is done by closing the incident.
const LearnStep = "incident.learn"

// Steps lists all steps, by phase. The slice is shared: change it not.
func Steps() []Step { return steps() }

// steps puts the practices of the table in the order in which they are done. Detecting has none: the incident begins with it.
var steps = sync.OnceValue(func() (list []Step) {
	for _, s := range []struct {
		phase Phase
		ids   string
	}{
		{Contain, "isolate password terminate"}, {Assess, "assess billing"}, {Remediate, "revoke-rotate rebuild"},
		{Communicate, "report notify report-phishing"}, {Learn, "learn"},
	} {
		for short := range strings.FieldsSeq(s.ids) {
			if p, known := practice.Find("incident." + short); known {
				list = append(list, Step{p.ID, s.phase, p.Title})
			}
		}
	}
	return list
})

// FindStep returns the step of an id, with or without "incident." before it.
func FindStep(name string) (Step, bool) {
	i := slices.IndexFunc(steps(), func(s Step) bool { return s.ID == name || s.Short() == name })
	if i < 0 {
		return Step{}, false
	}
	return steps()[i], true
}

// The beginnings of ids.
const (
	realID  = "INC"
	drillID = "DRILL"
)

var idForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:INC|DRILL)-\d{4}-\d{3,6}$`) })

// IsID reports whether a text has the form of an incident's id: "INC-2026-001", "DRILL-2026-002".
func IsID(text string) bool { return idForm().MatchString(text) }

// IsDrill reports whether an id is of a drill.
func IsDrill(id string) bool { return strings.HasPrefix(id, drillID+"-") }

// newID returns the first id of a year behind those that are there.
func newID(drill bool, year int, taken []string) string {
	kind := realID
	if drill {
		kind = drillID
	}
	last := 0
	for _, id := range taken {
		var n int
		if rest, ok := strings.CutPrefix(id, fmt.Sprintf("%s-%04d-", kind, year)); ok {
			if _, err := fmt.Sscanf(rest, "%d", &n); err == nil {
				last = max(last, n)
			}
		}
	}
	return fmt.Sprintf("%s-%04d-%03d", kind, year, last+1)
}
