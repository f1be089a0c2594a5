package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"keysweep/finding"
)

// writeJSON writes the whole report as one object.
func writeJSON(w io.Writer, v *view) error {
	return encode(w, "  ", jsonReport{
		Schema: v.Schema, Kind: v.kind(), Tool: v.jsonTool(), GeneratedAt: timestamp(v.GeneratedAt), Salt: v.text(v.Salt),
		Coverage:   v.jsonCoverage(),
		Errors:     each(v.Problems, v.jsonError),
		Items:      each(v.Findings, v.jsonItem),
		Suppressed: each(v.Suppressed, v.jsonSuppressed),
		Notices:    each(v.Notices, v.jsonNotice),
		Summary:    v.jsonSummary(),
	})
}

// encode writes a value as JSON with <, > and & as they are, and a line break.
func encode(w io.Writer, indent string, value any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(value); err != nil {
		return err
	}
	_, err := w.Write(escapeUnprintable(b.Bytes()))
	return err
}

// escapeUnprintable writes the characters of a JSON text that are not printable as \u escapes: JSON asks that of those below
// U+0020 only, and a terminal obeys others too (U+009B begins a sequence as ESC [ does, U+202E turns the line around). They stand
// in strings only, so the value stays the same.
func escapeUnprintable(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		plain := 0 // nearly all of it
		for plain < len(text) && (text[plain] >= ' ' && text[plain] <= '~' || text[plain] == '\n') {
			plain++
		}
		out, text = append(out, text[:plain]...), text[plain:]
		if len(text) == 0 {
			break
		}
		r, n := utf8.DecodeRune(text)
		switch {
		case r == '\n' || unicode.IsPrint(r):
			out = append(out, text[:n]...)
		case r < 0x10000:
			out = fmt.Appendf(out, `\u%04x`, r)
		default:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		}
		text = text[n:]
	}
	return out
}

func (v *view) jsonTool() jsonTool {
	t := v.Tool
	return jsonTool{t.Name, t.Version, t.Commit, t.Ruleset, t.Rules}
}

func (v *view) jsonCoverage() jsonCoverage {
	c := v.Coverage
	return jsonCoverage{
		Source: v.text(c.Source), Root: v.text(c.Root),
		Files: c.Files, Blobs: c.Blobs, Commits: c.Commits, Bytes: c.Bytes,
		ElapsedSeconds: math.Round(c.Elapsed.Seconds()*1000) / 1000,
		Skipped: each(c.Skipped, func(s finding.Skip) jsonSkip {
			return jsonSkip{v.text(s.Reason), s.Count, each(s.Paths, v.text)}
		}),
		Entered: each(c.Entered, v.text),
		Empty:   v.text(c.Empty),
	}
}

func (v *view) jsonError(p finding.Problem) jsonError {
	return jsonError{v.text(p.Where), v.text(p.Op), v.text(p.Err), v.text(p.Hint)}
}

func (v *view) jsonItem(f finding.Finding) jsonItem {
	item := jsonItem{
		Fingerprint: f.Fingerprint.String(), Rules: each(f.Rules, v.text), Title: v.text(title(&f)), Why: v.text(f.Why),
		Provider: v.text(f.Provider), RotateURL: v.text(f.RotateURL),
		Severity: f.Severity.String(), Confidence: f.Confidence.String(),
		Entropy: math.Round(f.Entropy*1e4) / 1e4, Tags: each(f.Tags, v.text), Proof: each(f.Proof, v.jsonFact),
		Places: each(f.Places, v.jsonPlace), MorePlaces: f.MorePlaces,
	}
	if !f.Secret.IsZero() {
		item.Masked = f.Secret.Masked()
		if v.o.ShowSecrets {
			secret := v.secret(f.Secret)
			item.Secret = &secret
		}
	}
	return item
}

func (v *view) jsonFact(f finding.Fact) jsonFact { return jsonFact{v.text(f.Name), v.text(f.Value)} }

func (v *view) jsonPlace(p finding.Place) jsonPlace {
	out := jsonPlace{
		Kind: string(p.Kind), Rule: v.text(p.Rule), Path: v.text(p.Path), Also: each(p.Also, v.text),
		Excerpt: v.excerpt(p.Excerpt), Match: v.excerpt(p.Match), Object: v.text(p.Object),
		InHead: tri(p.InHead), Pushed: tri(p.Pushed), Note: v.text(p.Note),
	}
	if p.Span.Start.Line > 0 {
		out.Start = &jsonPosition{p.Span.Start.Line, p.Span.Start.Column}
		out.End = &jsonPosition{p.Span.End.Line, p.Span.End.Column}
	}
	if c := p.Commit; c != nil {
		out.Commit = &jsonCommit{v.text(c.ID), v.text(c.Author), v.text(c.Email), timestamp(c.Date), v.text(c.Subject)}
	}
	return out
}

func (v *view) jsonSuppressed(s finding.Suppressed) jsonSuppressed {
	return jsonSuppressed{s.Fingerprint.String(), v.text(s.By), v.text(s.Reason), v.jsonPlace(s.Place)}
}

func (v *view) jsonNotice(n finding.Notice) jsonNotice {
	return jsonNotice{v.text(n.Kind), v.text(n.Where), v.text(n.Text)}
}

func (v *view) jsonSummary() jsonSummary {
	c := v.counts()
	s := jsonSummary{
		Outcome: string(v.outcome()), Verdict: v.verdict(), Findings: len(v.Findings), Places: c.places,
		BySeverity: map[string]int{}, Errors: len(v.Problems), Suppressed: len(v.Suppressed),
	}
	for severity, n := range c.bySeverity {
		s.BySeverity[finding.Severity(severity).String()] = n
	}
	return s
}
