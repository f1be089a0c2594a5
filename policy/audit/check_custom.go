package audit

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"keysweep/finding"
	"keysweep/host"
	"keysweep/host/setting"
)

// query is what a policy's own check needs to know.
func (c *Custom) query() setting.Query {
	return setting.Query{File: c.File, Format: c.Format, Key: c.Key}
}

// Queries returns what the policy's own checks need to know of a machine.
func (r *Rules) Queries() (list []setting.Query) {
	for i := range r.Custom {
		list = append(list, r.Custom[i].query())
	}
	return list
}

// check is the policy's own check as others are described.
func (c *Custom) check() Check {
	return Check{ID: c.ID, Area: "policy", Severity: c.Severity, Title: cmp.Or(c.Title, "a setting is not what the policy asks for"),
		Why: "The policy asks for it: " + c.Where + ".", Fix: cmp.Or(c.Fix, "set "+c.Key+" in "+c.File), FixBy: finding.FixAdvice}
}

// custom judges what the policy itself asks for.
func (m *machine) custom() {
	for i := range m.rules.Custom {
		c := &m.rules.Custom[i]
		if m.rules.off(c.ID) {
			continue
		}
		m.check = c.check()
		answer, asked := m.Settings[c.query()]
		if !asked {
			answer.Err = host.ErrNotCollected
		}
		m.setting(c, answer)
	}
}

// setting judges one setting. A file that is not there belongs to a program that is not there.
func (m *machine) setting(c *Custom, a setting.Answer) {
	where := finding.Spot{Path: c.File, Span: finding.Span{Start: finding.Position{Line: a.Origin.Line}}, Note: c.Key}
	wanted := strings.TrimSpace(c.Key + " " + c.Op + " " + c.Value)
	found := c.Key + " = " + a.Value
	unset := errors.Is(a.Err, setting.ErrNoKey)
	switch {
	case host.Missing(a.Err):
		m.absent("there is no " + c.File)
		return
	case a.Err != nil && !unset:
		m.unknown(wanted, a.Err, "see that it can be read, and what is in it")
		return
	case unset:
		found = c.Key + " is not set"
	}
	holds, err := c.holds(a.Value, !unset)
	switch {
	case err != nil:
		m.unknown(wanted, err, "see the setting, and the policy: "+c.Where)
	case holds:
		m.pass(found, where)
	default:
		m.say(finding.Result{State: finding.Fail, Found: found, Wanted: wanted, Where: where})
	}
}

// holds compares a setting with what is wanted.
func (c *Custom) holds(value string, set bool) (bool, error) {
	switch c.Op {
	case "exists":
		return set, nil
	case "absent":
		return !set, nil
	}
	if !set {
		return false, nil
	}
	have, err1 := strconv.ParseFloat(value, 64)
	want, err2 := strconv.ParseFloat(c.Value, 64)
	numbers := err1 == nil && err2 == nil
	switch c.Op {
	case "==":
		return value == c.Value || numbers && have == want, nil
	case "!=":
		return value != c.Value && !(numbers && have == want), nil
	case "contains":
		return strings.Contains(value, c.Value), nil
	case "matches":
		expr, err := regexp.Compile(c.Value)
		if err != nil {
			return false, fmt.Errorf("the policy's expression: %w", err)
		}
		return expr.MatchString(value), nil
	}
	if !numbers {
		return false, fmt.Errorf("%q cannot be compared with %q as a number", value, c.Value)
	}
	switch c.Op {
	case "<":
		return have < want, nil
	case "<=":
		return have <= want, nil
	case ">":
		return have > want, nil
	case ">=":
		return have >= want, nil
	}
	return false, fmt.Errorf("there is no operator %q", c.Op)
}
