package policy

import (
	"cmp"
	"slices"
	"time"

	"keysweep/keys/inventory"
	"keysweep/rotation"
)

// DueState says in one word how a key or credential stands. The words are the same for ever: programs read them.
type DueState string

// The states, most urgent first.
const (
	StateCompromised DueState = "compromised" // others know it
	StateOverdue     DueState = "overdue"     // due for longer than the grace that the rules give
	StateDue         DueState = "due"
	StateUnknown     DueState = "unknown"  // no date tells how old it is; counts as due once the time to find out is over
	StateRetiring    DueState = "retiring" // replaced, but not yet gone everywhere
	StateSoon        DueState = "soon"     // will be due within the time that is set for warnings
	StateExempt      DueState = "exempt"   // somebody decided to leave it as it is, for a time
	StateOK          DueState = "ok"
	StateRetired     DueState = "retired" // out of use: nothing is due
)

// DueStates returns every state that Due gives to what is in use, most urgent first.
func DueStates() []DueState {
	return []DueState{StateCompromised, StateOverdue, StateDue, StateUnknown, StateRetiring, StateSoon, StateExempt, StateOK}
}

// Urgency says how much a state presses. It is what thresholds are compared with: an item of unknown age, for instance, presses
// more once there was time to find out.
type Urgency uint8

// The urgencies, in order.
const (
	NotDue Urgency = iota
	DueSoon
	DueNow
	PastDue // overdue, or compromised
)

// KindCertificate is the kind of an SSH certificate, which the ledger does not keep. The others are rotation's.
const KindCertificate rotation.Kind = "ssh-certificate"

// DueSubject is what Due judges: a record of the ledger, a key that was found, both, or a certificate.
type DueSubject struct {
	Record      *rotation.Record       // nil: the ledger does not know it
	Key         *inventory.Key         // what was found of it on this machine; nil: nothing, or nobody looked
	Certificate *inventory.Certificate // a certificate, which is judged by its own end; Record and Key are those of its key
	Machine     string                 // this machine, where Key was found
	Since       time.Time              // when the ledger began; the time to find out the age of unrecorded keys counts from then
}

// DueItem is what is to be known of one key or credential: when it is due, and why. Times are in UTC and whole seconds.
type DueItem struct {
	State   DueState
	Urgency Urgency

	Kind        rotation.Kind
	ID          string // of the record; "" if the ledger does not know it
	Name        string // what commands call it: a name, ENV/NAME for credentials, or else the place where it was found
	Env         string
	Owner       string
	Service     string
	Provider    string
	Machine     string // where its file is
	Fingerprint string // of the key; "" for credentials
	Path        string // of its file; "" if there is none or it is not known
	Found       bool   // something of it was found on this machine
	Tracked     bool   // the ledger knows it

	Created  time.Time          // it is at least as old as this says; zero if no date is known
	Exact    bool               // and not older
	Evidence inventory.Evidence // what Created rests on
	Age      int                // whole days since Created; -1 if no date is known

	Soon    time.Time // from then on it is announced; zero if it never gets due
	Due     time.Time // from then on it is due; zero if it never gets due
	Overdue time.Time // and from then on overdue
	Expires time.Time // when its provider or its certificate ends it; zero if never or unknown

	MaxAge    time.Duration // the rule for its age; 0 for certificates, which are judged by their end
	Rule      string        // where that is written: "default", "/etc/keysweep/policy.toml:12", "--max-age"
	Exemption *DueExemption // nil if nobody made one

	Why string // in a sentence, what the state rests on
	Fix string // the next command, or what to do where there is none; "" if nothing is to be done
}

// DueExemption is an exemption that was made for an item.
type DueExemption struct {
	Reason string
	Until  time.Time // the last day on which it counts; zero: it has no end
	Where  string    // file and line
	Ended  bool      // it no longer counts
}

// Due judges one subject by the rules, at a time. It is pure. A subject without record, key and certificate is not judged: its
// state is StateRetired.
//
// Something is due when now is not before the oldest evidence of its age plus the greatest age that the rules allow, to the
// second, and in UTC, where a day is 24 hours. What its provider or certificate ends earlier is due then.
func Due(subject DueSubject, rules RotationRules, now time.Time) DueItem {
	s := dueSubject{DueSubject: subject, now: now.UTC().Truncate(time.Second)}
	s.describe()
	s.rule = rules.of(&s)
	s.date(rules)
	s.judge(rules)
	return s.item
}

// SortDue puts the most urgent items first: by urgency, state, and the time at which they are due.
func SortDue(items []DueItem) {
	rank := map[DueState]int{}
	for i, state := range DueStates() {
		rank[state] = i
	}
	type place struct{ rank, at int }
	order := make([]place, len(items)) // items are large: their places are moved around instead
	for i := range items {
		order[i] = place{int(PastDue-items[i].Urgency)*len(rank) + rank[items[i].State], i}
	}
	slices.SortFunc(order, func(x, y place) int {
		if x.rank != y.rank {
			return x.rank - y.rank
		}
		a, b := &items[x.at], &items[y.at]
		if c := compareDue(a.Due, b.Due); c != 0 {
			return c
		}
		if c := cmp.Compare(a.Name, b.Name); c != 0 {
			return c
		}
		return cmp.Or(cmp.Compare(a.ID, b.ID), x.at-y.at)
	})
	sorted := make([]DueItem, len(items))
	for i, p := range order {
		sorted[i] = items[p.at]
	}
	copy(items, sorted)
}

// compareDue orders times; none comes last.
func compareDue(a, b time.Time) int {
	if a.IsZero() != b.IsZero() {
		return b.Compare(a)
	}
	return a.Compare(b)
}
