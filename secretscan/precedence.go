package secretscan

import (
	"index/suffixarray"
	"strings"
)

// precedence drops a generic rule's match if a specific rule's on the same line holds its secret.
func (e *Engine) precedence(kept []Candidate) []Candidate {
	specific := make(map[int]*secretIndex)
	for i := range kept {
		if c := &kept[i]; !e.rules[c.rule].generic {
			if specific[c.Span.Start.Line] == nil {
				specific[c.Span.Start.Line] = new(secretIndex)
			}
			specific[c.Span.Start.Line].add(c.Secret.Reveal())
		}
	}
	if len(specific) == 0 {
		return kept
	}
	out := kept[:0]
	for _, c := range kept {
		if !e.rules[c.rule].generic || !specific[c.Span.Start.Line].holds(c.Secret.Reveal()) {
			out = append(out, c)
		}
	}
	return out
}

// secretIndex holds the secrets of one line. A line of many megabytes can have 100,000 of them, and as many that are asked for,
// so many are put into a suffix array, which answers in logarithmic time.
type secretIndex struct {
	secrets []string
	many    *suffixarray.Index
}

const (
	// secretsFew is how many secrets are searched one by one.
	secretsFew = 64
	// secretEnds stands between secrets in the suffix array. A secret that holds it is searched for one by one.
	secretEnds = "\x00"
)

func (x *secretIndex) add(secret string) { x.secrets = append(x.secrets, secret) }

// holds reports whether one of the secrets contains s; of a nil index none does.
func (x *secretIndex) holds(s string) bool {
	if x == nil {
		return false
	}
	if len(x.secrets) <= secretsFew || s == "" || strings.Contains(s, secretEnds) {
		return holdsOne(x.secrets, s)
	}
	if x.many == nil {
		x.many = suffixarray.New([]byte(strings.Join(x.secrets, secretEnds)))
	}
	return len(x.many.Lookup([]byte(s), 1)) > 0
}

func holdsOne(secrets []string, s string) bool {
	for _, secret := range secrets {
		if strings.Contains(secret, s) {
			return true
		}
	}
	return false
}
