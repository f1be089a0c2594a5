package secretscan

import (
	"keysweep/finding"
	"keysweep/secretscan/judge"
)

// Ruleset is a set of rules as data: gitleaks' configuration vocabulary and, beside it, what keysweep adds for people. Nothing
// in it is compiled or checked; Compile does both.
type Ruleset struct {
	Title      string
	Path       string // file it was read from, for messages and because scanners skip their own configuration; "" if embedded
	Rules      []Rule
	Allowlists []Allowlist // apply to every rule
	Analyses   []Analysis  // what is known about expressions that may be among the rules', as AnalyseRules returns it
	Plans      string      // what the analyses refer to
	Triples    []string    // a choice that Compile need not make, as ChooseTriples returns it
	Prepared   *Prepared   // what Compile need not find out, if it is for Rules
	// Checks returns the check of a name that a rule has, or nil if there is none by that name. It may be nil if no rule has a check.
	Checks func(name string) Check
	Model  *judge.Model // what values are judged by; nil: judge.Default
}

// Rule is one rule in gitleaks' terms (https://github.com/gitleaks/gitleaks#configuration) with keysweep's additions. A rule
// has a Regex, a Path or both; a rule with only a Path finds files by name. In the place of Regex there may be a Reader.
type Rule struct {
	ID          string
	Description string
	Regex       string // RE2 syntax; searched in the content
	Reader      Reader // finds by code; "" is none
	Judged      bool   // what Regex finds has no form of its own: it counts as far as its surroundings call it a credential
	Check       string // names what decides whether the secret that Regex finds is one; "": nothing does
	Path        string // RE2 syntax; must match somewhere in the path
	SecretGroup int    // capture group that holds the secret; 0: the first non-empty group, else the whole match
	Entropy     float64
	Keywords    []string // the content must hold one of them, in any ASCII or Unicode case; none: no condition
	Tags        []string
	Allowlists  []Allowlist
	Required    []Required
	SkipReport  bool // only serves as another rule's Required

	Title      string // what it finds, in a few words; "" is derived from the id
	Why        string // one sentence: what someone who has it can do; "" is Description
	Provider   string
	RotateURL  string
	Severity   finding.Severity
	Confidence finding.Confidence
	Origin     string // "gitleaks", "keysweep" or the file it comes from
}

// Reader is a way of finding values beside a word, or in a form, that calls them credentials; see package judge. What it finds counts as
// far as the judge is sure of it, and gives way to what a rule with a Regex finds in the same place.
type Reader string

// The readers: one for each of the judge's lanes.
const (
	ReadPassword Reader = "password" // beside a key that names a password
	ReadToken    Reader = "token"    // beside a key that names a token, a secret or a key
	ReadURL      Reader = "url"      // the password in a URL
	ReadHeader   Reader = "header"   // behind the scheme in an authorization header
)

// lane returns the lane of the judge's claims that a reader finds.
func (r Reader) lane() (judge.Lane, bool) {
	switch r {
	case ReadPassword:
		return judge.Password, true
	case ReadToken:
		return judge.Token, true
	case ReadURL:
		return judge.URL, true
	case ReadHeader:
		return judge.Header, true
	}
	return 0, false
}

// Check looks for a secret in what an expression took for one, and says where in the text it is; ok is false if there is none. It goes by
// the text alone, and may be called concurrently.
type Check func(text string) (start, end int, ok bool)

// Allowlist says what a rule, or every rule, must not report. Within each list one hit is enough; Condition says how the
// lists combine.
type Allowlist struct {
	Description string
	And         bool // all non-empty lists must hit; otherwise any
	Commits     []string
	Paths       []string // RE2
	Regexes     []string // RE2, tried on Target
	Target      Target
	StopWords   []string // substrings of the secret, in any case
}

// Target is the text that an allowlist's Regexes are tried on.
type Target uint8

// The targets of an allowlist.
const (
	TargetSecret Target = iota
	TargetMatch
	TargetLine
)

// Required names a rule that must match near by for the rule that requires it to count. A nil distance means anywhere in the
// same content.
type Required struct {
	RuleID        string
	WithinLines   *int
	WithinColumns *int
}
