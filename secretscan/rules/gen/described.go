package main

import (
	"bytes"
	"fmt"
	"strconv"

	"keysweep/finding"
	"keysweep/secretscan"
	"keysweep/secretscan/rules/internal/about"
)

// genericRule is gitleaks' rule for anything beside a word such as "key": what it finds has no form of its own.
const genericRule = "generic-api-key"

// writeAbout writes what people need to know about a rule of gitleaks.
func writeAbout(b *bytes.Buffer, id string) error {
	known, ok := about.Of(id)
	if !ok {
		return fmt.Errorf("rule %s: nothing is known about it", id)
	}
	if id == genericRule {
		b.WriteString("Judged: true,\n")
	}
	writeDescription(b, known.Title, known.Why, known.Provider, known.RotateURL, known.Severity)
	return nil
}

func writeDescription(b *bytes.Buffer, title, why, provider, rotate string, severity finding.Severity) {
	writeString(b, "Title", title)
	writeString(b, "Why", why)
	writeString(b, "Provider", provider)
	writeString(b, "RotateURL", rotate)
	fmt.Fprintf(b, "Severity: finding.%s,\n", capital(severity.String()))
}

// writeByHand writes a rule of ours that is not of the catalog.
func writeByHand(b *bytes.Buffer, r *secretscan.Rule) error {
	b.WriteString("{\n")
	writeString(b, "ID", r.ID)
	writeString(b, "Description", r.Description)
	if err := writeRegex(b, r.ID, r.Regex); err != nil {
		return err
	}
	writeString(b, "Reader", string(r.Reader))
	writeString(b, "Check", r.Check)
	writeString(b, "Path", r.Path)
	if r.SecretGroup != 0 {
		fmt.Fprintf(b, "SecretGroup: %d,\n", r.SecretGroup)
	}
	if r.Entropy != 0 {
		fmt.Fprintf(b, "Entropy: %s,\n", strconv.FormatFloat(r.Entropy, 'g', -1, 64))
	}
	writeStrings(b, "Keywords", r.Keywords)
	writeStrings(b, "Tags", r.Tags)
	if len(r.Allowlists) > 0 {
		b.WriteString("Allowlists: ")
		writeAllowlists(b, allowlistsOf(r.Allowlists))
		b.WriteString(",\n")
	}
	writeDescription(b, r.Title, r.Why, r.Provider, r.RotateURL, r.Severity)
	fmt.Fprintf(b, "Confidence: finding.%sConfidence,\nOrigin: KeysweepOrigin,\n},\n", capital(r.Confidence.String()))
	return nil
}

// allowlistsOf returns allowlists of ours as writeAllowlists takes them.
func allowlistsOf(lists []secretscan.Allowlist) (out []allowlist) {
	for _, a := range lists {
		one := allowlist{description: a.Description, commits: a.Commits, paths: a.Paths, regexes: a.Regexes, stopWords: a.StopWords}
		if a.And {
			one.condition = "AND"
		}
		switch a.Target {
		case secretscan.TargetMatch:
			one.target = "match"
		case secretscan.TargetLine:
			one.target = "line"
		}
		out = append(out, one)
	}
	return out
}
