package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"keysweep/attest"
	"keysweep/finding"
	"keysweep/policy"
	"keysweep/policy/audit"
	"keysweep/policy/practice"
	"keysweep/report"
	"keysweep/rotation"
	"keysweep/script"
)

// practiceState is how a practice stands today.
type practiceState struct {
	practice.Practice
	checked   finding.State     // by the last audits; notChecked if none looked at all of it, "" if no machine judges it
	says      []string          // what fails or is unknown, in words
	worst     string            // the check that says the worst; "" if none fails or is unknown
	standings []attest.Standing // in each scope
	standing  attest.Standing   // the one that counts; without a state if nobody is asked
	next      string            // the next command
}

// notChecked is the state of what no audit has looked at yet.
const notChecked finding.State = "not checked"

// done reports whether all that judges the practice is content. Only an attestation can speak for what no machine judges.
func (st *practiceState) done() bool {
	machine := st.checked == "" || st.checked == finding.Pass || st.checked == finding.NotApplicable || st.checked == finding.Waived
	person := st.standing.State == "" || !st.standing.State.Open()
	return machine && person
}

// practiceSight is what is known today of all practices.
type practiceSight struct {
	env      *Env
	kept     *attestations
	last     map[string][]lastResult  // by check, of the last audits
	keys     finding.State            // of what the last audit of keys does not name, since that names only what is wrong; "" if there was none
	scripts  finding.State            // the same of the repository's scripts
	commands map[string]finding.State // what else is remembered, by command
	due      map[string]finding.State // by practice
	sources  []report.Source
	lists    []report.ChecklistList // contacts and channels of the policy
	every    func(practice.Practice) int
	problems []finding.Problem
}

// lookAtPractices gathers what is remembered of audits, scans and attestations. It audits nothing itself.
func lookAtPractices(ctx context.Context, env *Env) (*practiceSight, error) {
	kept, err := openAttestations(ctx, env)
	if err != nil {
		return nil, err
	}
	s := &practiceSight{env: env, kept: kept, last: map[string][]lastResult{}, commands: map[string]finding.State{}, due: map[string]finding.State{}}
	if s.every, err = attestEvery(env); err != nil {
		return nil, err
	}
	s.problems = append(s.problems, kept.problems...)
	root := ""
	if kept.inside != nil {
		root = kept.inside.Dir
		s.scanned("scan", root, scanOfTree)
		s.scanned("scan --history", root, scanOfHistory)
	}
	s.audited(root)
	settings, err := readAuditPolicy(env)
	if err != nil {
		return nil, err
	}
	s.lists = peopleLists(settings.audit.rules)
	for _, r := range audit.Policy(settings.audit.rules, settings.audit.days, env.Now()) { // as they are now
		s.last[r.Check] = []lastResult{{Check: r.Check, State: string(r.State), Severity: r.Severity.String(), Title: r.Title}}
	}
	return s, s.rotated(ctx)
}

// audited takes of each check the results of the newest audit that has any: those of this machine, of the keys, and of the repository and its scripts.
func (s *practiceSight) audited(root string) {
	names := []string{"host", "keys", "all", "all --no-history"}
	if root != "" {
		names = append(names, (&auditRepoOptions{}).of(root), (&auditRepoOptions{noHistory: true}).of(root), "scripts "+root)
	}
	var audits []lastAudit
	for _, of := range names {
		last, err := readLastAudit(s.env, of)
		if err != nil {
			if !errors.Is(err, fs.ErrNotExist) {
				s.problems = append(s.problems, finding.Problem{Where: "the last audit of " + of, Err: err.Error(), Hint: "keysweep audit makes a new one"})
			}
			continue
		}
		if strings.HasPrefix(of, "scripts ") {
			s.scripts = last.unnamed()
		}
		audits = append(audits, last)
		s.sources = append(s.sources, report.Source{Kind: "audit", Where: last.Target, At: last.GeneratedAt})
	}
	slices.SortStableFunc(audits, func(a, b lastAudit) int { return b.GeneratedAt.Compare(a.GeneratedAt) })
	for i := range audits {
		s.older(&audits[i], root != "" && strings.Contains(audits[i].Target+", ", repositoryWords+root+", "))
	}
}

// older takes of an audit what newer ones do not have. here says that it is about the repository around the working directory, too.
func (s *practiceSight) older(a *lastAudit, here bool) {
	news := map[string][]lastResult{}
	keys := strings.Contains(a.Target+", ", keysTarget+", ")
	for _, r := range a.Items {
		keys = keys || r.Check == "key" || isKeyCheck(r.Check)
		ofKeys, ofRepo := isKeyCheck(r.Check), isRepoCheck(r.Check)
		if _, known := s.last[r.Check]; known || r.Subject == attestedSubject || ofKeys && s.keys != "" || ofRepo && !here {
			continue // the attestations of today count, and not those of the audit
		}
		news[r.Check] = append(news[r.Check], r)
	}
	if keys && s.keys == "" {
		s.keys = a.unnamed()
	}
	maps.Copy(s.last, news)
}

// scanned takes what is remembered of the last scan of the repository.
func (s *practiceSight) scanned(command, root, kind string) {
	last, err := readLastScan(s.env, root, kind)
	if err != nil {
		return // it is a convenience, and scans say the rest
	}
	switch {
	case last.Findings > 0:
		s.commands[command] = finding.Fail
	case last.Problems > 0:
		s.commands[command] = finding.Undetermined
	default:
		s.commands[command] = finding.Pass
	}
	s.sources = append(s.sources, report.Source{Kind: "scan", Where: last.Source, At: last.At})
}

// rotated asks what is due, as keysweep status does: without a passphrase.
func (s *practiceSight) rotated(ctx context.Context) error {
	a, err := dueItems(ctx, s.env, ownSnapshotQuestion(s.env))
	if err != nil {
		return err
	}
	of := func(counts func(policy.DueItem) bool, bad ...policy.DueState) finding.State {
		state := finding.NotApplicable
		for _, it := range a.items {
			switch {
			case !counts(it):
			case slices.Contains(bad, it.State):
				return finding.Fail
			default:
				state = finding.Pass
			}
		}
		if len(a.problems) > 0 {
			return finding.Undetermined
		}
		return state
	}
	s.due["api.key-age"] = of(func(it policy.DueItem) bool { return it.Kind == rotation.KindAPI },
		policy.StateDue, policy.StateOverdue, policy.StateUnknown, policy.StateCompromised)
	s.due["api.env-separation"] = of(func(it policy.DueItem) bool { return it.Kind == rotation.KindAPI })
	for _, shared := range policy.Shared(a.records) {
		if shared.Check == "cred-shared-env" {
			s.due["api.env-separation"] = finding.Fail
		}
	}
	s.due["key.compromised-active"] = of(func(policy.DueItem) bool { return true }, policy.StateCompromised)
	return nil
}

// states judges every practice.
func (s *practiceSight) states() (list []practiceState) {
	checks := auditChecks()
	for _, p := range practice.All() {
		st := practiceState{Practice: p}
		s.check(&st, checks)
		if every := s.every(p); every > 0 {
			st.standings = s.kept.standings(p, every)
			st.standing = attest.Worst(st.standings)
		}
		st.next = nextOf(&st)
		list = append(list, st)
	}
	return list
}

// auditChecks says which checks audits give results of.
func auditChecks() map[string]bool {
	known := map[string]bool{}
	for _, c := range slices.Concat(audit.HostChecks(), audit.RepoChecks()) {
		known[c.ID] = true
	}
	for _, c := range policy.KeyChecks() {
		known[c.ID] = true
	}
	for _, r := range script.Rules() {
		known[r.ID] = true
	}
	return known
}

// check says how a practice stands by the last audits: as the worst of what judges it. What nobody looked at is not passed.
func (s *practiceSight) check(st *practiceState, known map[string]bool) {
	rank := []finding.State{"", finding.NotApplicable, finding.Pass, finding.Waived, notChecked, finding.Undetermined, finding.Fail}
	take := func(state finding.State, words string) {
		if slices.Index(rank, state) > slices.Index(rank, st.checked) {
			st.checked = state
		}
		if words != "" && !slices.Contains(st.says, words) {
			st.says = append(st.says, words)
		}
	}
	for _, id := range st.Checks {
		before := st.checked
		if known[id] {
			s.take(id, take)
		}
		if st.checked != before && (st.checked == finding.Fail || st.checked == finding.Undetermined) {
			st.worst = id
		}
	}
	if len(s.last[st.ID]) > 0 && !slices.Contains(st.Checks, st.ID) { // a check of the policy's own
		s.take(st.ID, take)
	}
	if state, asked := s.due[st.ID]; asked {
		take(state, "")
	}
	if st.checked == "" && (st.Kind == practice.Repo || st.Kind == practice.Inventory || st.Kind == practice.Check) {
		state := notChecked
		for _, c := range st.Commands {
			if remembered, ok := s.commands[c]; ok {
				state = remembered
			}
		}
		take(state, "")
	}
}

// take gives the results of a check to what judges a practice.
func (s *practiceSight) take(id string, take func(finding.State, string)) {
	results := s.last[id]
	if len(results) == 0 {
		state := notChecked
		switch {
		case isKeyCheck(id):
			state = cmp.Or(s.keys, notChecked)
		case isScriptRule(id):
			state = cmp.Or(s.scripts, notChecked)
		}
		words := ""
		if state == finding.Undetermined {
			words = "the last audit could not look everywhere"
		}
		take(state, words)
	}
	for _, r := range results {
		state := finding.State(r.State)
		if state == finding.Fail && r.Severity == finding.Info.String() && isKeyCheck(id) { // it will be due, and is not yet
			state = finding.Pass
		}
		words := ""
		if state == finding.Fail || state == finding.Undetermined {
			words = strings.TrimPrefix(r.Subject+": "+r.Title, ": ")
		}
		take(state, words)
	}
}

func isKeyCheck(id string) bool {
	return slices.ContainsFunc(policy.KeyChecks(), func(c policy.Check) bool { return c.ID == id })
}

func isRepoCheck(id string) bool {
	return slices.ContainsFunc(audit.RepoChecks(), func(c audit.Check) bool { return c.ID == id })
}

func isScriptRule(id string) bool {
	return slices.ContainsFunc(script.Rules(), func(r script.Rule) bool { return r.ID == id })
}

// nextOf is the next command for a practice; "" if there is nothing to do.
func nextOf(st *practiceState) string {
	switch {
	case st.checked == finding.Fail || st.checked == finding.Undetermined || st.checked == notChecked:
		if len(st.Commands) > 0 && len(st.Checks) == 0 {
			return "keysweep " + st.Commands[0]
		}
		if st.worst != "" {
			return "keysweep explain " + st.worst
		}
		if st.Every > 0 && len(st.Checks) == 0 {
			return "keysweep policy show"
		}
		return "keysweep audit " + auditOf(st.Checks)
	case st.standing.State.Open() || st.standing.State == attest.Due:
		return attestCommand(st.Practice, &st.standing)
	}
	return ""
}

// attestCommand is the command that attests a practice in the scope that is open: with evidence, or, of a script that is gone, that there is nothing to it
// any more. What is for the case of need is attested by a drill.
func attestCommand(p practice.Practice, s *attest.Standing) string {
	if p.Kind == practice.Incident || p.ID == planPractice {
		return "keysweep incident drill"
	}
	command := "keysweep attest " + p.ID
	switch {
	case s.Record != nil && s.Scope != string(p.Scope) && p.Scope != practice.Host: // of a machine this one is meant
		command += " --scope " + shellWord(s.Scope)
	case p.Scope == practice.Script:
		command += " --scope script:FILE"
	}
	if s.Gone {
		return command + " --not-applicable"
	}
	return command + ` --evidence "..."`
}

// auditOf says which audit looks at checks.
func auditOf(ids []string) string {
	for _, id := range ids {
		switch {
		case isKeyCheck(id):
			return "keys"
		case isRepoCheck(id):
			return "repo"
		case isScriptRule(id):
			return "scripts"
		}
	}
	return "host"
}

// standingWords says how an attestation stands.
func standingWords(s attest.Standing, now time.Time) string {
	if s.Record == nil {
		return "never attested"
	}
	by := fmt.Sprintf("by %s on %s", s.Record.By, s.Record.Date.Format(time.DateOnly))
	switch s.State {
	case attest.Due:
		return fmt.Sprintf("attested %s, due again in %s", by, counted(max(0, int(s.Until.Sub(now).Hours()/24)+1), "day", "days"))
	case attest.Stale:
		return "stale: " + s.Why + ", attested " + by
	case attest.Refuted:
		return "not done, said " + by
	case attest.Excluded:
		return fmt.Sprintf("not applicable, said %s, until %s", by, s.Until.Format(time.DateOnly))
	}
	return fmt.Sprintf("attested %s, until %s", by, s.Until.Format(time.DateOnly))
}
