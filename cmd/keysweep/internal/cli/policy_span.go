package cli

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"keysweep/policy"
	"keysweep/rotation"
)

const (
	shortestAge = time.Hour             // less is no age that a person could keep to
	longestSpan = 3660 * 24 * time.Hour // ten years: more is no rule, and dates stay in the range that files can hold
)

// parseMaxAge reads the greatest age that something may have.
func parseMaxAge(text string) (time.Duration, error) {
	d, err := parseSpan(text)
	switch {
	case err != nil:
		return 0, err
	case d < shortestAge:
		return 0, fmt.Errorf("%s is less than an hour", text)
	case d > longestSpan:
		return 0, fmt.Errorf("%s is more than ten years", text)
	}
	return d, nil
}

// parseWarning reads how long before it is due something is announced: a time, or a share of the whole.
func parseWarning(text string) (w policy.Warning, err error) {
	number, percent := strings.CutSuffix(text, "%")
	if !percent {
		if w.Span, err = parsePatience(text); err != nil {
			return w, err
		}
		return w, nil
	}
	if w.Percent, err = strconv.Atoi(number); err != nil || w.Percent < 1 || w.Percent > 99 {
		return policy.Warning{}, fmt.Errorf("%q is no share: 1%% to 99%%", text)
	}
	return w, nil
}

// parsePatience reads how long something may wait.
func parsePatience(text string) (time.Duration, error) {
	d, err := parseSpan(text)
	if err == nil && d > longestSpan {
		return 0, fmt.Errorf("%s is more than ten years", text)
	}
	return d, err
}

// maxAge, warning, patience and dueKind are such values in a policy file, nil or "" if they are not set. Their mistakes are shown
// with the line.
type (
	maxAge   struct{ set *time.Duration }
	warning  struct{ set *policy.Warning }
	patience struct{ set *time.Duration }
	dueKind  struct{ set rotation.Kind }
)

// UnmarshalText reads an age.
func (a *maxAge) UnmarshalText(text []byte) error {
	d, err := parseMaxAge(string(text))
	a.set = &d
	return err
}

// UnmarshalText reads a time or a share.
func (w *warning) UnmarshalText(text []byte) error {
	value, err := parseWarning(string(text))
	w.set = &value
	return err
}

// UnmarshalText reads a time.
func (p *patience) UnmarshalText(text []byte) error {
	d, err := parsePatience(string(text))
	p.set = &d
	return err
}

// UnmarshalText reads a kind.
func (k *dueKind) UnmarshalText(text []byte) error {
	if err := knownWords("kind", "kind", []string{string(text)}, dueKinds()); err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), "kind: ") + " (" + hintOf(err) + ")")
	}
	k.set = rotation.Kind(text)
	return nil
}

// spanWords writes a duration as policy files do.
func spanWords(d time.Duration) string {
	if d%(24*time.Hour) == 0 {
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	}
	return d.String()
}
