package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"keysweep/finding"
	"keysweep/keys/inventory"
	"keysweep/policy"
	"keysweep/rotation"
)

// dueQuestion is what dueItems is asked.
type dueQuestion struct {
	ledger    *ledgerOptions
	snapshot  string     // read this snapshot instead of the ledger; "": the ledger
	unasked   bool       // nobody named that snapshot: if it is not there, that is no mistake of theirs
	snapshots string     // read the snapshots in this directory instead
	search    bool       // look for the keys of this machine, too, if what is read is this machine's
	filter    *dueFilter // what is asked for; nil: all
	command   policy.RotationRule
	now       time.Time // judge as of then; zero: now
}

// dueAnswer is what dueItems found.
type dueAnswer struct {
	*dueData
	items    []policy.DueItem // of all that is in use and asked for, most urgent first
	asOf     time.Time
	coverage finding.Coverage
}

// clockBack is by how much the clock may be behind the latest time that anybody wrote down before it is called wrong: zones and
// summer time do not come into it, two machines may differ a little.
const clockBack = 24 * time.Hour

// dueItems judges everything that the ledger knows and that is found on this machine. It fails if it was asked in a wrong way, or
// interrupted; what could not be looked at is among the problems, and whoever has any must not say that all is well.
func dueItems(ctx context.Context, env *Env, q dueQuestion) (*dueAnswer, error) {
	settings, err := readPolicy(env)
	if err != nil {
		return nil, err
	}
	data, err := readDue(ctx, env, &q)
	if err != nil {
		return nil, err
	}
	a := &dueAnswer{dueData: data}
	if !data.foreign {
		a.notices = append(a.notices, rescueNotices(ctx, env)...)
	}
	a.setClock(env, q.now)
	var found *inventory.Inventory
	if q.search && !data.foreign {
		where := inventory.Options{Paths: append(settings.paths, recordedPaths(env, data.records)...)}
		if found, err = inventory.Walk(ctx, inventoryEnv(env), where); err != nil {
			return nil, err
		}
		a.looked(env, found)
	}
	rules := settings.rules.Rotation
	rules.Command = q.command
	a.judge(env, found, rules)
	if q.filter != nil {
		a.items = q.filter.of(a.items)
	}
	a.shared(q.filter != nil && !q.filter.empty())
	return a, nil
}

// shared notes the secrets that serve for several things: replacing one in time does not mend that. With filtered, only those that one of the items
// has that were asked for.
func (a *dueAnswer) shared(filtered bool) {
	asked := make(map[string]bool, len(a.items))
	for i := range a.items {
		asked[a.items[i].ID] = true
	}
	for _, s := range policy.Shared(a.records) {
		if filtered && !slices.ContainsFunc(s.Records, func(r rotation.Record) bool { return asked[r.ID] }) {
			continue
		}
		a.notices = append(a.notices, finding.Notice{Kind: s.Check, Text: s.Title + ": " + s.Evidence})
	}
}

// setClock decides as of when everything is judged. A clock that went back would make everything younger: then it is judged as of
// the latest time that is known, and that is a failure to look.
func (a *dueAnswer) setClock(env *Env, now time.Time) {
	if a.asOf = now; !now.IsZero() {
		return
	}
	a.asOf = env.Now()
	if !a.latest.IsZero() && a.latest.Sub(a.asOf) > clockBack {
		a.problems = append(a.problems, finding.Problem{Where: "clock",
			Err: fmt.Sprintf("it went back: it says %s, and the ledger was changed or read on %s; all is judged as of then", instant(a.asOf), instant(a.latest)),
			Hint: "set the clock; if it is right and was wrong before, judge by it with: keysweep rotate-due --now " + a.asOf.UTC().Format(time.DateOnly) +
				"; a snapshot of the wrong time is written anew once it is deleted"})
		a.asOf = a.latest
	}
}

// looked notes what the search for keys looked at and where it could not.
func (a *dueAnswer) looked(env *Env, found *inventory.Inventory) {
	for _, p := range found.Problems {
		a.problems = append(a.problems, finding.Problem{Where: p.Where, Op: p.Op, Err: p.Err.Error(), Hint: hintOf(p.Err)})
	}
	a.coverage.Root, a.coverage.Files, a.coverage.Bytes = env.Home, found.Files, found.Bytes
	a.coverage.Source = strings.Join(found.Sources, ", ")
}

// judge judges records and keys, each once.
func (a *dueAnswer) judge(env *Env, found *inventory.Inventory, rules policy.RotationRules) {
	var keys []inventory.Key
	if found != nil {
		keys = found.Keys
	}
	index := indexRecords(env, a.records)
	since := began(a.records)
	here := make(map[string]*inventory.Key, len(keys)) // by the record's id
	a.items = make([]policy.DueItem, 0, len(keys)+len(a.records))
	add := func(s policy.DueSubject) {
		s.Machine, s.Since = env.Hostname, since
		if item := policy.Due(s, rules, a.asOf); item.State != policy.StateRetired {
			a.items = append(a.items, item)
		}
	}
	for i := range keys {
		k := &keys[i]
		known := index.of(k)
		for _, r := range known {
			here[r.ID] = k
		}
		if len(known) == 0 {
			add(policy.DueSubject{Key: k})
		}
		for _, c := range distinctCertificates(k.Certificates) {
			add(policy.DueSubject{Key: k, Certificate: c, Record: policy.Ledger{Records: known}.Record()})
		}
	}
	for i := range a.records {
		r := &a.records[i]
		add(policy.DueSubject{Record: r, Key: here[r.ID]})
	}
	policy.SortDue(a.items)
}

// began returns when the first record was made; zero if there is none.
func began(records []rotation.Record) (since time.Time) {
	for i := range records {
		if at := records[i].FirstSeen; !at.IsZero() && (since.IsZero() || at.Before(since)) {
			since = at
		}
	}
	return since
}

// distinctCertificates returns each certificate of a key once, though a file and the agent may both have it.
func distinctCertificates(all []inventory.Certificate) (list []*inventory.Certificate) {
	for i := range all {
		c := &all[i]
		if !slices.ContainsFunc(list, func(o *inventory.Certificate) bool {
			return o.Serial == c.Serial && o.KeyID == c.KeyID && o.From.Equal(c.From) && o.Until.Equal(c.Until)
		}) {
			list = append(list, c)
		}
	}
	return list
}
