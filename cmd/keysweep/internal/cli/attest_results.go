package cli

import (
	"context"
	"fmt"

	"keysweep/attest"
	"keysweep/finding"
	"keysweep/policy/audit"
	"keysweep/policy/practice"
)

// attestedSubject is the subject of results that rest on what somebody attested, or did not.
const attestedSubject = "attestation"

// attestedResults says of the practices with one of some scopes that a person judges how they stand, as results of an audit. What is attested
// is passed, also if it is due soon; what is stale, was never attested or is not done is open. A chain that is broken is among the problems.
func attestedResults(ctx context.Context, env *Env, scopes ...practice.Scope) (list []finding.Result, problems []finding.Problem, notices []finding.Notice, err error) {
	every, err := attestEvery(env)
	if err != nil {
		return nil, nil, nil, err
	}
	kept, err := openAttestations(ctx, env)
	if err != nil {
		return nil, nil, nil, err
	}
	for _, p := range practice.All() {
		days := every(p)
		if days == 0 || !hasScope(scopes, p.Scope) {
			continue
		}
		list = append(list, attestedResult(env, p, days, attest.Worst(kept.standings(p, days))))
	}
	if hasScope(scopes, practice.Account) {
		s, err := readAuditPolicy(env)
		if err != nil {
			return nil, nil, nil, err
		}
		list = append(list, audit.Policy(s.audit.rules, s.audit.days, env.Now())...)
	}
	return list, kept.problems, kept.notices, nil
}

func hasScope(scopes []practice.Scope, one practice.Scope) bool {
	for _, s := range scopes {
		if s == one {
			return true
		}
	}
	return len(scopes) == 0
}

// attestedResult says of one practice how it stands.
func attestedResult(env *Env, p practice.Practice, days int, s attest.Standing) finding.Result {
	r := finding.Result{
		Check: p.ID, Area: p.Area, Subject: attestedSubject, Severity: p.Severity, Confidence: finding.MediumConfidence,
		Title: standingWords(s, env.Now()), Wanted: fmt.Sprintf("attested every %d days: %s", days, p.Evidence), Why: p.Title,
		Where: finding.Spot{Fact: "attestations"}, Fix: attestCommand(p, &s), FixBy: finding.FixCommand, State: finding.Open,
	}
	if s.Record != nil {
		r.Where.Fact, r.Found = "attestations, "+s.Scope, s.Record.Evidence.Text
	}
	switch s.State {
	case attest.Attested, attest.Due:
		r.State = finding.Pass
	case attest.Excluded:
		r.State = finding.NotApplicable
	}
	return r
}
