package rules

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"keysweep/finding"
	"keysweep/secretscan"
	"keysweep/secretscan/rules/internal/about"
)

// Describe fills in what people need to know about a rule: title, why it matters, provider, the page where the secret is
// rotated, and severity, from the tables by the rule's id. A rule that they do not know gets a title made of its id and severity high: whoever
// wrote it wanted the match stopped. A text that the rule has already stays.
func Describe(r *secretscan.Rule) {
	known, ok := about.Of(r.ID)
	if !ok {
		known, ok = described(r.ID)
	}
	if !ok {
		known = about.Info{Title: titleOf(r.ID), Severity: finding.High}
	}
	for _, f := range []struct{ to, from *string }{
		{&r.Title, &known.Title}, {&r.Why, &known.Why}, {&r.Provider, &known.Provider}, {&r.RotateURL, &known.RotateURL},
	} {
		if *f.to == "" {
			*f.to = *f.from
		}
	}
	r.Severity = known.Severity
}

// titleOf makes a title of an id: "acme-api_key" becomes "Acme api key".
func titleOf(id string) string {
	words := strings.FieldsFunc(id, func(r rune) bool { return r == '-' || r == '_' || unicode.IsSpace(r) })
	title := strings.Join(words, " ")
	first, size := utf8.DecodeRuneInString(title)
	if size == 0 {
		return id
	}
	return string(unicode.ToUpper(first)) + title[size:]
}
