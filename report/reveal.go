package report

import (
	"sort"
	"strings"
	"unicode/utf8"

	"keysweep/finding"
)

// segment is a part of an excerpt as it may be printed.
type segment struct {
	text   string
	secret bool // it is a secret or stands for one
	own    bool // it is the finding's own secret or stands for it
}

// secret returns a secret as the options allow to print it.
func (v *view) secret(s finding.Secret) string {
	if v.o.ShowSecrets {
		return s.Reveal()
	}
	if s.IsZero() {
		return ""
	}
	return s.Masked()
}

// segments splits an excerpt into parts as the options allow to print them.
func (v *view) segments(e finding.Excerpt) []segment {
	if v.o.ShowSecrets {
		text, own := e.Reveal()
		if own.Start >= own.End {
			return []segment{{text: text}}
		}
		return []segment{{text: text[:own.Start]}, {text: text[own.Start:own.End], secret: true, own: true}, {text: text[own.End:]}}
	}
	var out []segment
	for _, p := range e.Pieces() {
		if !p.Secret {
			p.Text = v.scrub.Replace(p.Text)
		}
		out = append(out, segment{p.Text, p.Secret, p.Own})
	}
	return out
}

// scrubLength is how many characters a secret must have to be masked outside of excerpts too. Shorter ones are ordinary words
// often enough ("admin", "config") that masking them would garble paths.
const scrubLength = 12

// newScrubber returns what masks the report's secrets in text that is not an excerpt: a path, a commit's subject, an error. It is
// a second fence: whoever fills in a report masks them there too. Long secrets go first, so that a secret that is part of
// another does not leave the rest of it standing.
func newScrubber(r *finding.Report, o Options) *strings.Replacer {
	if o.ShowSecrets {
		return strings.NewReplacer()
	}
	seen := map[string]string{}
	for _, f := range r.Findings {
		if s := f.Secret.Reveal(); utf8.RuneCountInString(s) >= scrubLength {
			seen[s] = f.Secret.Masked()
		}
	}
	secrets := make([]string, 0, len(seen))
	for s := range seen {
		secrets = append(secrets, s)
	}
	sort.Slice(secrets, func(i, j int) bool {
		if len(secrets[i]) != len(secrets[j]) {
			return len(secrets[i]) > len(secrets[j])
		}
		return secrets[i] < secrets[j]
	})
	pairs := make([]string, 0, 2*len(secrets))
	for _, s := range secrets {
		pairs = append(pairs, s, seen[s])
	}
	return strings.NewReplacer(pairs...)
}
