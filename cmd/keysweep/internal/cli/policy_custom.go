package cli

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"keysweep/finding"
	"keysweep/host/setting"
	"keysweep/policy/audit"
)

// policyCustom is a table [[custom]].
type policyCustom struct {
	ID       string            `toml:"id"`
	File     string            `toml:"file"`
	Format   string            `toml:"format"`
	Key      string            `toml:"key"`
	Op       string            `toml:"op"`
	Value    any               `toml:"value"`
	Title    string            `toml:"title"`
	Fix      string            `toml:"fix"`
	Severity *finding.Severity `toml:"severity"`
}

// applyCustom takes one file's own checks.
func (a *auditSettings) applyCustom(l auditLayer) error {
	for i, c := range l.doc.Custom {
		where := l.places.of("custom", i)
		if err := c.validate(where); err != nil {
			return err
		}
		if slices.ContainsFunc(a.rules.Custom, func(x audit.Custom) bool { return x.ID == c.ID }) {
			return usagef("choose another id", "%s: custom %s: there is one of that id already", where, c.ID)
		}
		x := audit.Custom{ID: c.ID, File: path.Clean(c.File), Format: c.Format, Key: c.Key, Op: c.Op, Title: c.Title, Fix: c.Fix, Severity: finding.Medium, Where: where}
		if x.Format == "" {
			x.Format = setting.FormatOf(c.File)
		}
		if c.Value != nil {
			x.Value = fmt.Sprint(c.Value)
		}
		if c.Severity != nil {
			x.Severity = *c.Severity
		}
		a.rules.Custom = append(a.rules.Custom, x)
	}
	return nil
}

func (c *policyCustom) validate(where string) error {
	valueless := c.Op == "exists" || c.Op == "absent"
	switch {
	case !regexp.MustCompile(`^[a-z0-9]+(\.[a-z0-9]+(-[a-z0-9]+)*)+$`).MatchString(c.ID):
		return usagef(`for example: id = "p2p.per-ip-limit"`, "%s: custom: %q is no id", where, c.ID)
	case !path.IsAbs(c.File):
		return usagef("begin it with /", "%s: custom %s: file: %q is not an absolute path", where, c.ID, c.File)
	case c.Key == "":
		return usagef(`for example: key = "p2p.max_per_ip"`, "%s: custom %s: it names no key", where, c.ID)
	case !slices.Contains(audit.CustomOps(), c.Op):
		return usagef("one of: "+strings.Join(audit.CustomOps(), " "), "%s: custom %s: op: there is no %q", where, c.ID, c.Op)
	case c.Format != "" && !slices.Contains(setting.Formats(), c.Format):
		return usagef("one of: "+strings.Join(setting.Formats(), ", "), "%s: custom %s: format: there is no %q", where, c.ID, c.Format)
	case valueless != (c.Value == nil):
		return usagef("", "%s: custom %s: %s", where, c.ID, map[bool]string{true: c.Op + " takes no value", false: "there is no value"}[valueless])
	}
	switch c.Value.(type) {
	case nil, string, int64, float64, bool:
	default:
		return usagef("a text, a number, true or false", "%s: custom %s: value: it is none that can be compared", where, c.ID)
	}
	if c.Op == "matches" {
		if _, err := regexp.Compile(fmt.Sprint(c.Value)); err != nil {
			return usagef("", "%s: custom %s: value: %w", where, c.ID, err)
		}
	}
	return nil
}
