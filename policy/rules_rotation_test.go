package policy

import (
	"strings"
	"testing"
	"time"

	"keysweep/keys/inventory"
	"keysweep/rotation"
)

// ruleOf is a rule that sets the greatest age alone.
func ruleOf(days int, where string, s Selector) RotationRule {
	age := time.Duration(days) * day
	return RotationRule{Selector: s, MaxAge: &age, Where: where}
}

func TestMostSpecificRuleCounts(t *testing.T) {
	made := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	rules := DefaultRotationRules()
	rules.Rules = append(rules.Rules,
		ruleOf(5, "key", Selector{Key: "prod/TOKEN"}),
		ruleOf(10, "service", Selector{Service: "billing"}),
		ruleOf(20, "env and kind", Selector{Env: "prod", Kind: rotation.KindAPI}),
		ruleOf(30, "env, before", Selector{Env: "prod"}),
		ruleOf(40, "env", Selector{Env: "prod"}),
		ruleOf(50, "kind", Selector{Kind: rotation.KindAPI}),
		ruleOf(60, "all", Selector{}),
	)
	for _, c := range []struct {
		where  string
		change func(*rotation.Record)
	}{
		{"key", func(r *rotation.Record) { r.Service = "billing" }},
		{"service", func(r *rotation.Record) { r.Service, r.Name = "billing", "OTHER" }},
		{"env and kind", func(r *rotation.Record) { r.Name = "OTHER" }},
		{"env", func(r *rotation.Record) { r.Name, r.Kind = "OTHER", rotation.KindSSH }},
		{"kind", func(r *rotation.Record) { r.Env = "dev" }},
		{"all", func(r *rotation.Record) { r.Env, r.Kind = "dev", rotation.KindSSH }},
	} {
		r := secret(made)
		c.change(&r)
		it := judged(r, rules, made)
		if it.Rule != c.where || !it.Due.Equal(made.Add(it.MaxAge)) {
			t.Errorf("%s: %q, %s, due %s", c.where, it.Rule, it.MaxAge, it.Due)
		}
	}
	rules.Command = ruleOf(7, "--max-age", Selector{})
	if it := judged(secret(made), rules, made); it.Rule != "--max-age" || it.MaxAge != 7*day {
		t.Errorf("the command line: %+v", it)
	}
}

// A rule that sets one figure leaves the others to other rules.
func TestFiguresComeFromDifferentRules(t *testing.T) {
	made := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	grace := 2 * day
	rules := DefaultRotationRules()
	rules.Rules = append(rules.Rules, RotationRule{Selector: Selector{Key: "TOKEN"}, Grace: &grace, Where: "grace"},
		RotationRule{Selector: Selector{Env: "prod"}, Warn: &Warning{Percent: 50}, Where: "warn"})
	it := judged(secret(made), rules, made)
	if it.Rule != "default" || !it.Soon.Equal(made.Add(45*day)) || !it.Due.Equal(made.Add(90*day)) || !it.Overdue.Equal(made.Add(92*day)) {
		t.Errorf("%+v", it)
	}
}

func TestWarning(t *testing.T) {
	for _, c := range []struct {
		w      Warning
		period time.Duration
		want   time.Duration
	}{
		{Warning{Span: 14 * day, Percent: 20}, 90 * day, 14 * day},
		{Warning{Span: 14 * day, Percent: 20}, 30 * day, 6 * day},
		{Warning{Span: 14 * day, Percent: 20}, 0, 0},
		{Warning{Span: 30 * day}, 90 * day, 30 * day},
		{Warning{Span: 30 * day}, 30 * day, 6 * day}, // not always
		{Warning{Percent: 33}, 100 * day, 33 * day},
		{Warning{}, 90 * day, 0},
	} {
		if got := c.w.before(c.period); got != c.want {
			t.Errorf("%+v of %s: %s, want %s", c.w, c.period, got, c.want)
		}
	}
}

func TestRotationExemptions(t *testing.T) {
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	r := secret(now.Add(-200 * day))
	r.Fingerprint, r.Path = "SHA256:abc", "/home/ann/.ssh/id"
	for _, name := range []string{"TOKEN", "prod/TOKEN", r.ID, r.Fingerprint, r.Path} {
		rules := DefaultRotationRules()
		rules.Exemptions = []RotationExemption{{Key: name, Reason: "vendor", Until: now.Add(99 * day), Where: "policy.toml:3"}}
		it := judged(r, rules, now)
		if it.State != StateExempt || it.Urgency != NotDue || it.Fix != "" || !strings.HasPrefix(it.Why, "exempt until 2026-09-08: vendor (policy.toml:3); 200 days old") {
			t.Errorf("%s: %+v", name, it)
		}
	}
	exempt := func(until time.Time) DueItem {
		rules := DefaultRotationRules()
		rules.Exemptions = []RotationExemption{{Key: "other", Until: now.Add(900 * day)}, {Key: "TOKEN", Reason: "older", Until: now.Add(-300 * day)}, {Key: "TOKEN", Reason: "vendor", Until: until, Where: "policy.toml:3"}}
		return judged(r, rules, now)
	}
	if it := exempt(now.Add(-day)); it.State != StateOverdue || !it.Exemption.Ended || !strings.HasSuffix(it.Why, "the exemption ended on 2026-05-31 (policy.toml:3)") {
		t.Errorf("after its last day: %+v", it)
	}
	if it := exempt(now); it.State != StateExempt || it.Urgency != DueSoon || it.Fix == "" {
		t.Errorf("on its last day it is announced that it ends: %+v", it)
	}
	if it := exempt(time.Time{}); it.State != StateExempt || it.Urgency != NotDue || !strings.HasPrefix(it.Why, "exempt for good: vendor") {
		t.Errorf("without end: %+v", it)
	}
	r.Status = rotation.Compromised
	if it := exempt(now.Add(99 * day)); it.State != StateCompromised {
		t.Errorf("what others know is due whatever was decided: %+v", it)
	}
	k := &inventory.Key{Files: []inventory.File{{Path: r.Path}}}
	rules := DefaultRotationRules()
	rules.Exemptions = []RotationExemption{{Key: r.Path, Reason: "vendor", Until: now.Add(99 * day)}}
	if it := Due(DueSubject{Key: k, Certificate: &inventory.Certificate{KeyID: "ann", Until: now}}, rules, now); it.State != StateDue {
		t.Errorf("what is decided of a key is not decided of its certificate: %+v", it)
	}
}
