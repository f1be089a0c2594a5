package report

import (
	"time"

	"keysweep/finding"
)

// The types below are the JSON envelope, version 1: docs/schema/keysweep.scan.v1.schema.json describes every field. Fields may be
// added within a version, never renamed or removed.

type jsonReport struct {
	Schema      string           `json:"schema"`
	Kind        string           `json:"kind"`
	Tool        jsonTool         `json:"tool"`
	GeneratedAt string           `json:"generated_at"`
	Salt        string           `json:"salt"`
	Coverage    jsonCoverage     `json:"coverage"`
	Errors      []jsonError      `json:"errors"`
	Items       []jsonItem       `json:"items"`
	Suppressed  []jsonSuppressed `json:"suppressed"`
	Notices     []jsonNotice     `json:"notices"`
	Summary     jsonSummary      `json:"summary"`
}

type jsonTool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Commit  string `json:"commit"`
	Ruleset string `json:"ruleset"`
	Rules   int    `json:"rules"`
}

type jsonCoverage struct {
	Source         string     `json:"source"`
	Root           string     `json:"root"`
	Files          int64      `json:"files"`
	Blobs          int64      `json:"blobs"`
	Commits        int64      `json:"commits"`
	Bytes          int64      `json:"bytes"`
	ElapsedSeconds float64    `json:"elapsed_seconds"`
	Skipped        []jsonSkip `json:"skipped"`
	Entered        []string   `json:"entered"`
	Empty          string     `json:"empty"`
}

type jsonSkip struct {
	Reason string   `json:"reason"`
	Count  int64    `json:"count"`
	Paths  []string `json:"paths"`
}

type jsonError struct {
	Where string `json:"where"`
	Op    string `json:"op"`
	Error string `json:"error"`
	Hint  string `json:"hint"`
}

type jsonItem struct {
	Fingerprint string      `json:"fingerprint"`
	Rules       []string    `json:"rules"`
	Title       string      `json:"title"`
	Why         string      `json:"why"`
	Provider    string      `json:"provider"`
	RotateURL   string      `json:"rotate_url"`
	Severity    string      `json:"severity"`
	Confidence  string      `json:"confidence"`
	Entropy     float64     `json:"entropy"`
	Tags        []string    `json:"tags"`
	Proof       []jsonFact  `json:"proof"`
	Masked      string      `json:"masked"`
	Secret      *string     `json:"secret,omitempty"`
	Places      []jsonPlace `json:"places"`
	MorePlaces  int         `json:"more_places"`
}

type jsonFact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type jsonPlace struct {
	Kind    string        `json:"kind"`
	Rule    string        `json:"rule"`
	Path    string        `json:"path"`
	Also    []string      `json:"also"`
	Start   *jsonPosition `json:"start"`
	End     *jsonPosition `json:"end"`
	Excerpt string        `json:"excerpt"`
	Match   string        `json:"match"`
	Object  string        `json:"object"`
	Commit  *jsonCommit   `json:"commit"`
	InHead  string        `json:"in_head"`
	Pushed  string        `json:"pushed"`
	Note    string        `json:"note"`
}

type jsonPosition struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

type jsonCommit struct {
	ID      string `json:"id"`
	Author  string `json:"author"`
	Email   string `json:"email"`
	Date    string `json:"date"`
	Subject string `json:"subject"`
}

type jsonSuppressed struct {
	Fingerprint string    `json:"fingerprint"`
	By          string    `json:"by"`
	Reason      string    `json:"reason"`
	Place       jsonPlace `json:"place"`
}

type jsonNotice struct {
	Kind  string `json:"kind"`
	Where string `json:"where"`
	Text  string `json:"text"`
}

type jsonSummary struct {
	Outcome    string         `json:"outcome"`
	Verdict    string         `json:"verdict"`
	Findings   int            `json:"findings"`
	Places     int            `json:"places"`
	BySeverity map[string]int `json:"by_severity"`
	Errors     int            `json:"errors"`
	Suppressed int            `json:"suppressed"`
}

// each maps a slice; it never returns nil, so that JSON has [] rather than null.
func each[A, B any](in []A, f func(A) B) []B {
	out := make([]B, 0, len(in))
	for _, a := range in {
		out = append(out, f(a))
	}
	return out
}

// timestamp writes a time as RFC 3339 in UTC, whole seconds; "" for the zero time.
func timestamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func tri(t finding.Tri) string {
	if t == finding.Unknown {
		return "unknown"
	}
	return string(t)
}
