package finding

import "time"

// Report is what a command that looks for things found, what it looked at, and where it could not look.
type Report struct {
	Schema      string // "keysweep.scan/v1"
	Tool        Tool
	GeneratedAt time.Time
	Salt        string // where the fingerprints' salt comes from: "baseline", "root commit", "constant (...)"
	Coverage    Coverage
	Problems    []Problem // where it could not look: any one makes the exit code 3
	Findings    []Finding // worst first, then by path and position
	Suppressed  []Suppressed
	Notices     []Notice
}

// Tool names what made a report.
type Tool struct {
	Name, Version, Commit string
	Ruleset               string // hash of the rules in force
	Rules                 int    // how many
}

// Coverage says what was looked at. Counts are of things looked at whole.
type Coverage struct {
	Source  string // in words: "work tree", "staged changes", "history of 3 refs"
	Root    string // the directory or repository, as the user named it
	Files   int64
	Blobs   int64
	Commits int64
	Bytes   int64
	Elapsed time.Duration
	Skipped []Skip   // left out on purpose
	Entered []string // submodules and nested repositories that were entered
	Empty   string   // why there was nothing to look at: "nothing staged"; "" when there was something
}

// Skip counts what was left out on purpose for one reason.
type Skip struct {
	Reason string
	Count  int64
	Paths  []string // some of them, at most SkipExamples
}

// SkipExamples is how many paths a Skip keeps.
const SkipExamples = 5

// Problem is a place that could not be looked at although it should have been.
type Problem struct {
	Where string // path, object id or ref
	Op    string // what was tried: "read", "list tracked files"
	Err   string // what went wrong
	Hint  string // what to do next: a command or a question; "" if there is nothing better than the error
}

// Suppressed is a finding's place that is not reported, and why.
type Suppressed struct {
	Fingerprint Fingerprint
	Place       Place
	By          string // "allow comment", "gitleaks:allow", ".gitleaksignore", "baseline"
	Reason      string // the reason that was given, or ""
}

// Notice is something a person should know that is neither a finding nor a failure: an expired, unreasoned or stale
// suppression, a change of configuration in the scanned range.
type Notice struct {
	Kind  string // "expired", "unreasoned", "stale", "config-changed", "allow-added", ...
	Where string // path:line, or path
	Text  string
}
