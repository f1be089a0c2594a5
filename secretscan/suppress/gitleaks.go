package suppress

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"keysweep/finding"
)

// gitleaksEntry is what is read of one finding in gitleaks' JSON report (report/finding.go of gitleaks v8).
type gitleaksEntry struct {
	RuleID, Description    string
	StartLine, StartColumn int
	EndLine, EndColumn     int
	Match, Secret          string
	File, Commit           string
	Entropy                float64
}

// FromGitleaksReport reads a gitleaks JSON report, such as one used with gitleaks' --baseline-path, and returns its findings
// with fingerprints under salt, for Baseline.Add. Entries with the same secret become one finding.
//
// A report only serves if it has the secrets: each entry whose secret was redacted (gitleaks --redact) or damaged is left out
// and makes a notice of kind "not-imported". name is the file's name for those and for errors, which are *ParseErrors. Neither
// quotes any secret.
func FromGitleaksReport(name string, data, salt []byte) ([]finding.Finding, []finding.Notice, error) {
	entries, err := decodeReport(name, data)
	if err != nil {
		return nil, nil, err
	}
	var findings []finding.Finding
	var notices []finding.Notice
	at := map[finding.Fingerprint]int{}
	for i, e := range entries {
		if why := e.unusable(); why != "" {
			notices = append(notices, finding.Notice{
				Kind: "not-imported", Where: name,
				Text: fmt.Sprintf("entry %d (%s, %s:%d): %s", i+1, escape(e.RuleID, ""), escape(e.File, ""), e.StartLine, why),
			})
			continue
		}
		f := e.finding(salt)
		if j, known := at[f.Fingerprint]; known {
			findings[j].Places = append(findings[j].Places, f.Places...)
			continue
		}
		at[f.Fingerprint] = len(findings)
		findings = append(findings, f)
	}
	return findings, notices, nil
}

const reportHint = "make one with \"gitleaks git --report-format json --report-path FILE\", without --redact"

func decodeReport(name string, data []byte) ([]gitleaksEntry, error) {
	if len(data) > MaxSize {
		return nil, &ParseError{name, 1, fmt.Sprintf("report of %d bytes is over the limit of %d", len(data), MaxSize), reportHint}
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	entries, err := decodeList(decoder)
	if err == nil {
		if _, err = decoder.Token(); errors.Is(err, io.EOF) {
			return entries, nil
		}
		err = errors.New("something follows the list of findings")
	}
	at := decoder.InputOffset()
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	msg := err.Error()
	switch {
	case errors.As(err, &syntax):
		at = syntax.Offset
	case errors.As(err, &kind): // its text may quote a value
		what, _, _ := strings.Cut(kind.Value, " ")
		msg = fmt.Sprintf("%s where %s belongs", what, kind.Type)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		at, msg = int64(len(data)), "it ends too early"
	}
	line := 1 + bytes.Count(data[:min(max(at, 0), int64(len(data)))], []byte("\n"))
	return nil, &ParseError{name, line, "not a gitleaks JSON report: " + msg, reportHint}
}

// decodeList reads a list entry by entry, so that a list of very many is refused before it takes the memory.
func decodeList(decoder *json.Decoder) ([]gitleaksEntry, error) {
	start, err := decoder.Token()
	if err != nil || start == nil { // null is how an empty list may be written
		return nil, err
	}
	if start != json.Delim('[') {
		return nil, errors.New("it is not a list")
	}
	var entries []gitleaksEntry
	for decoder.More() {
		if len(entries) == maxItems {
			return nil, fmt.Errorf("over %d entries", maxItems)
		}
		var e gitleaksEntry
		if err := decoder.Decode(&e); err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	_, err = decoder.Token()
	return entries, err
}

// unusable says why an entry cannot be imported; "" if it can.
func (e *gitleaksEntry) unusable() string {
	switch {
	case e.File == "" && e.RuleID == "":
		return "it names neither file nor rule: not an entry of gitleaks"
	case e.Secret == "" && !strings.HasPrefix(e.Match, "file detected: "):
		return "it has no secret"
	case e.Secret == finding.Redacted:
		return "its secret was redacted: make the report without --redact"
	case strings.HasSuffix(e.Secret, "...") && !e.entropyFits():
		return "its secret was redacted in part: make the report without --redact"
	case strings.ContainsRune(e.Secret, utf8.RuneError):
		return "its secret has bytes that are not UTF-8, which JSON cannot carry: accept it with \"keysweep baseline add\""
	}
	return ""
}

// entropyFits reports whether the entropy in the report, which gitleaks computes before it redacts, is that of the secret as
// it stands there. So a secret that really ends in three dots can be told from one that was cut.
func (e *gitleaksEntry) entropyFits() bool {
	counts := map[rune]int{}
	for _, r := range e.Secret {
		counts[r]++
	}
	entropy := 0.0
	for _, n := range counts {
		p := float64(n) / float64(len(e.Secret))
		entropy -= p * math.Log2(p)
	}
	const tolerance = 1e-4 // reports carry 32-bit floats
	return e.Entropy > 0 && math.Abs(entropy-e.Entropy) < tolerance
}

func (e *gitleaksEntry) finding(salt []byte) finding.Finding {
	secret := finding.NewSecret(e.Secret)
	place := finding.Place{Kind: finding.KindFile, Rule: e.RuleID, Path: strings.ReplaceAll(e.File, `\`, "/")}
	if e.Commit != "" {
		place.Kind, place.Commit = finding.KindBlob, &finding.Commit{ID: e.Commit}
	}
	place.Span = finding.Span{
		Start: finding.Position{Line: e.StartLine, Column: e.StartColumn},
		End:   finding.Position{Line: e.EndLine, Column: e.EndColumn},
	}
	return finding.Finding{
		Fingerprint: finding.FingerprintOf(salt, secret),
		Rules:       []string{e.RuleID},
		Title:       e.Description,
		Entropy:     e.Entropy,
		Secret:      secret,
		Places:      []finding.Place{place},
	}
}
