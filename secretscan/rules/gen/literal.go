package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// allowlist is one allowlist of either kind that gitleaks' configuration has.
type allowlist struct {
	description, condition, target     string
	commits, paths, regexes, stopWords []string
}

// writeAllowlists writes a composite literal.
func writeAllowlists(b *bytes.Buffer, lists []allowlist) {
	b.WriteString("[]secretscan.Allowlist{\n")
	for _, a := range lists {
		b.WriteString("{\n")
		writeString(b, "Description", a.description)
		if c := strings.ToUpper(a.condition); c == "AND" || c == "&&" {
			b.WriteString("And: true,\n")
		}
		writeStrings(b, "Commits", lower(a.commits, true))
		writeStrings(b, "Paths", a.paths)
		writeStrings(b, "Regexes", a.regexes)
		if a.target == "match" || a.target == "line" {
			fmt.Fprintf(b, "Target: secretscan.Target%s,\n", capital(a.target))
		}
		writeStrings(b, "StopWords", lower(a.stopWords, true))
		b.WriteString("},\n")
	}
	b.WriteString("}")
}

// lower returns the words in lower case; once leaves out repeated ones.
func lower(words []string, once bool) []string {
	var out []string
	seen := map[string]bool{}
	for _, w := range words {
		w = strings.ToLower(w)
		if once && seen[w] {
			continue
		}
		seen[w] = true
		out = append(out, w)
	}
	return slices.Clip(out)
}

func writeString(b *bytes.Buffer, field, value string) {
	if value != "" {
		fmt.Fprintf(b, "%s: %s,\n", field, literal(value))
	}
}

// writeStrings writes a list: expressions one a line, words as many as fit.
func writeStrings(b *bytes.Buffer, field string, values []string) {
	if len(values) == 0 {
		return
	}
	const width = 110
	perLine := field == "Regexes" || field == "Paths"
	fmt.Fprintf(b, "%s: []string{", field)
	column := width
	if len(values) == 1 {
		column, perLine = 0, false
	}
	for i, v := range values {
		text := literal(v)
		if perLine || column+len(text) > width && len(values) > 1 {
			b.WriteString("\n")
			column = 0
		}
		b.WriteString(text)
		column += len(text) + 2
		if i < len(values)-1 || len(values) > 1 {
			b.WriteString(", ")
		}
	}
	if len(values) > 1 {
		b.WriteString("\n")
	}
	b.WriteString("},\n")
}

// literal returns a Go string literal, a raw one where it reads better.
func literal(s string) string {
	if strings.ContainsAny(s, "\\\"") && !strings.ContainsAny(s, "`\r\n") {
		return "`" + s + "`"
	}
	return fmt.Sprintf("%q", s)
}
