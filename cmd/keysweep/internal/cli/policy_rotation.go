package cli

import (
	"time"

	"keysweep/policy"
	"keysweep/rotation"
)

// policyRotation is the table [rotation] of a policy file.
type policyRotation struct{}

// keyAges takes max_age and warn of the table [keys]: they are rules for the rotation of SSH keys.
func (s *policySettings) keyAges(maxAge, warn span, where string) error {
	rule := policy.RotationRule{Selector: policy.Selector{Kind: rotation.KindSSH}, Where: where}
	if maxAge.set {
		rule.MaxAge = &maxAge.Duration
	}
	if warn.set {
		rule.Warn = &policy.Warning{Span: warn.Duration}
	}
	return s.addRule(rule)
}

// addRule adds a rule whose figures make sense.
func (s *policySettings) addRule(rule policy.RotationRule) error {
	if rule.MaxAge != nil && *rule.MaxAge < time.Hour {
		return usagef("for example: max_age = \"90d\"", "%s: max_age (%s) is less than an hour", rule.Where, *rule.MaxAge)
	}
	if rule.MaxAge != nil && rule.Warn != nil && rule.Warn.Span >= *rule.MaxAge {
		return usagef("for example: max_age = \"90d\", warn = \"14d\"", "%s: warn (%s) is not shorter than max_age (%s)", rule.Where, rule.Warn.Span, *rule.MaxAge)
	}
	s.rules.Rotation.Rules = append(s.rules.Rotation.Rules, rule)
	return nil
}

// readRotation takes one file's settings.
func (s *policySettings) readRotation(_ *Env, _ policyPlaces, _ policyRotation) error { return nil }
