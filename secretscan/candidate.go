package secretscan

import (
	"keysweep/finding"
	"keysweep/secretscan/judge"
)

// Candidate is a match of a rule in some content after everything that depends on the content alone: regexp, entropy, and the
// parts of allowlists that look at text. It does not depend on path or commit, so it may be remembered for a blob.
type Candidate struct {
	Rule    string // id
	Secret  finding.Secret
	Entropy float64 // of the secret, bits per byte
	Span    finding.Span
	Line    finding.Excerpt // the match's first line, shortened around the match if it is long
	Match   finding.Excerpt
	Offset  int64  // byte offset of the match in the content (after transcoding to UTF-8, where there was any)
	Member  int32  // which member of a container in a repository it stands in, as the source numbers them; 0: it stands in the content itself
	Allow   *Allow // the allow comment that covers it; nil: none

	// Decoded names the encodings that were taken off to find it, from the outside inwards: "percent, base64"; "": none.
	Decoded string

	// Confidence says how sure it is that this is a credential. It is settled where the place is known: by Court.Keep.
	Confidence finding.Confidence

	rule     int32   // index of the rule in the engine
	secretAt int32   // where the secret starts, counted from Offset
	covers   int32   // how many bytes of the content the secret takes; 0: as many as it has
	scores   *scores // what the judge says of it; nil: it was not asked
	example  example // whether the text around calls it one
	allowed  []int32 // allowlists that ask for path or commit too, and whose other conditions hold (see judge.go)
}

// Allow is an allow comment: keysweep:allow[=RULE,...] -- reason, or gitleaks:allow.
type Allow struct {
	By     string // "allow comment" or "gitleaks:allow"
	Line   int    // where the comment stands
	Reason string // "" if none was given
}

// scores are what the judge says of a value in each kind of text.
type scores [judge.KindCount]float64

// example says in which kinds of text a candidate that was judged is part of an example; see judge.Illustrates.
type example uint8

const (
	exampleInProse example = 1 << iota
	exampleInCode
)

// in reports whether it is one in a kind of text.
func (e example) in(kind judge.Kind) bool {
	return kind == judge.Prose && e&exampleInProse != 0 || kind == judge.Code && e&exampleInCode != 0
}

// scoreFor is the least score that comes to a confidence.
func scoreFor(c finding.Confidence) float64 {
	switch c {
	case finding.HighConfidence:
		return judge.HighScore
	case finding.MediumConfidence:
		return judge.MediumScore
	}
	return judge.LowScore
}

// confidenceOf says what a score comes to; false: it is no credential.
func confidenceOf(score float64) (finding.Confidence, bool) {
	switch {
	case score >= judge.HighScore:
		return finding.HighConfidence, true
	case score >= judge.MediumScore:
		return finding.MediumConfidence, true
	}
	return finding.LowConfidence, score >= judge.LowScore
}
