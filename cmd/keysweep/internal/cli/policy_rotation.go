package cli

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"keysweep/policy"
	"keysweep/rotation"
)

// policyRotation is the table [rotation] of a policy file.
type policyRotation struct {
	MaxAge     maxAge         `toml:"max_age"`
	Warn       warning        `toml:"warn"`
	Grace      patience       `toml:"grace"`
	Onboarding patience       `toml:"onboarding"`
	Rules      []policyRule   `toml:"rule"`
	Exempt     []policySpared `toml:"exempt"`
}

// policyRule is a table [[rotation.rule]].
type policyRule struct {
	Kind    dueKind  `toml:"kind"`
	Env     string   `toml:"env"`
	Service string   `toml:"service"`
	Key     string   `toml:"key"`
	MaxAge  maxAge   `toml:"max_age"`
	Warn    warning  `toml:"warn"`
	Grace   patience `toml:"grace"`
}

// policySpared is a table [[rotation.exempt]].
type policySpared struct {
	Key    string `toml:"key"`
	Reason string `toml:"reason"`
	Until  any    `toml:"until"` // a date of TOML's own, or a text
}

// keyAges takes max_age and warn of the table [keys]: they are rules for the rotation of SSH keys.
func (s *policySettings) keyAges(age maxAge, warn warning, where string) error {
	return s.addRule(policy.RotationRule{Selector: policy.Selector{Kind: rotation.KindSSH}, MaxAge: age.set, Warn: warn.set, Where: where})
}

// addRule adds a rule whose figures go together.
func (s *policySettings) addRule(rule policy.RotationRule) error {
	if rule.MaxAge != nil && rule.Warn != nil && rule.Warn.Span >= *rule.MaxAge {
		return usagef("for example: max_age = \"90d\", warn = \"14d\"", "%s: warn (%s) is not shorter than max_age (%s)",
			rule.Where, spanWords(rule.Warn.Span), spanWords(*rule.MaxAge))
	}
	s.rules.Rotation.Rules = append(s.rules.Rotation.Rules, rule)
	return nil
}

// readRotation takes one file's settings.
func (s *policySettings) readRotation(env *Env, places policyPlaces, doc policyRotation) error {
	if doc.Onboarding.set != nil {
		s.rules.Rotation.Onboarding = *doc.Onboarding.set
	}
	all := policy.RotationRule{MaxAge: doc.MaxAge.set, Warn: doc.Warn.set, Grace: doc.Grace.set, Where: places.of("rotation", 0)}
	if err := s.addRule(all); err != nil {
		return err
	}
	for i, r := range doc.Rules {
		rule := policy.RotationRule{
			Selector: policy.Selector{Kind: r.Kind.set, Env: r.Env, Service: r.Service, Key: expandHome(env, r.Key)},
			MaxAge:   r.MaxAge.set, Warn: r.Warn.set, Grace: r.Grace.set, Where: places.of("rotation.rule", i),
		}
		switch {
		case rule.Selector == policy.Selector{}:
			return usagef("name kind, env, service or key; what is for all belongs under [rotation]", "%s: rotation.rule: it does not say what it is for", rule.Where)
		case rule.MaxAge == nil && rule.Warn == nil && rule.Grace == nil:
			return usagef("set max_age, warn or grace", "%s: rotation.rule: it sets nothing", rule.Where)
		}
		if err := s.addRule(rule); err != nil {
			return err
		}
	}
	for i, x := range doc.Exempt {
		if err := s.spare(env, places.of("rotation.exempt", i), x); err != nil {
			return err
		}
	}
	return nil
}

// spare takes one exemption.
func (s *policySettings) spare(env *Env, where string, x policySpared) error {
	switch {
	case x.Key == "":
		return usagef("key = a name, ENV/NAME, a fingerprint or a path", "%s: rotation.exempt: it names no key", where)
	case strings.TrimSpace(x.Reason) == "":
		return usagef("say why: reason = \"...\"", "%s: rotation.exempt %s: there is no reason", where, x.Key)
	case x.Until == nil:
		return usagef("for example: until = 2026-12-31", "%s: rotation.exempt %s: it does not say until when", where, x.Key)
	}
	until, err := lastDay(x.Until)
	if err != nil {
		return usagef("for example: until = 2026-12-31", "%s: rotation.exempt %s: until: %w", where, x.Key, err)
	}
	s.rules.Rotation.Exemptions = append(s.rules.Rotation.Exemptions,
		policy.RotationExemption{Key: expandHome(env, x.Key), Reason: x.Reason, Until: until, Where: where})
	return nil
}

// lastDay reads the day until which an exemption counts: a date of TOML's own, or a text.
func lastDay(value any) (time.Time, error) {
	until, err := time.Parse(time.DateOnly, fmt.Sprint(value))
	if err != nil || until.Year() < 1 || until.IsZero() { // 0001-01-01 would mean no end
		return until, fmt.Errorf("%v is no date", value)
	}
	return until, nil
}

// expandHome makes a path of one that begins with ~.
func expandHome(env *Env, path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok && env.Home != "" {
		return filepath.Join(env.Home, rest)
	}
	return path
}
