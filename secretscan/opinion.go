package secretscan

import (
	"strings"

	"keysweep/secretscan/judge"
)

// opinion is what the text of a match says about it, wherever it stands.
type opinion struct {
	secretStart, secretEnd int // in the text
	entropy                float64
	dropped                bool    // it is no candidate
	gated                  bool    // it holds no keyword: there must be one elsewhere in the content
	allowed                []int32 // as in Candidate
}

// opinions remembers those that were asked for, for one goroutine: the same text comes again and again in the versions of a file,
// and asking costs a run of the rule's expression and those of allowlists. Of a nil one all are formed anew.
type opinions struct {
	known    map[opinionKey]opinion
	examples map[string]bool // whether surroundings of a value speak of examples
	size     int             // of those, in bytes
}

type opinionKey struct {
	rule int32
	text string
}

const (
	// opinionsMost is how many are remembered: what a large history of changing files has at once.
	opinionsMost = 4096
	// opinionText is how long a text may be for that.
	opinionText = 512
	// surroundingsMost is how many bytes of surroundings are remembered.
	surroundingsMost = 1 << 20
)

// of returns the opinion on a match of a rule.
func (o *opinions) of(e *Engine, rule int32, text []byte) opinion {
	if o == nil || len(text) > opinionText {
		return e.opinion(rule, string(text))
	}
	if known, ok := o.known[opinionKey{rule, string(text)}]; ok {
		return known
	}
	if o.known == nil || len(o.known) >= opinionsMost {
		o.known = make(map[opinionKey]opinion)
	}
	key := opinionKey{rule, string(text)}
	o.known[key] = e.opinion(rule, key.text)
	return o.known[key]
}

// speaksOfExamples is judge.SpeaksOfExamples.
func (o *opinions) speaksOfExamples(surroundings []byte) bool {
	if o == nil {
		return judge.SpeaksOfExamples(surroundings)
	}
	speaks, known := o.examples[string(surroundings)]
	if known {
		return speaks
	}
	if o.size += len(surroundings); o.examples == nil || o.size > surroundingsMost {
		o.examples, o.size = make(map[string]bool), len(surroundings)
	}
	speaks = judge.SpeaksOfExamples(surroundings)
	o.examples[string(surroundings)] = speaks
	return speaks
}

// opinion looks at the match of a rule, trimmed.
func (e *Engine) opinion(rule int32, match string) (o opinion) {
	r := e.at(rule)
	o.secretStart, o.secretEnd = r.secretIn(match)
	if r.check != nil {
		start, end, ok := r.check(match[o.secretStart:o.secretEnd])
		if o.dropped = !ok; o.dropped {
			return o
		}
		o.secretStart, o.secretEnd = o.secretStart+start, o.secretStart+end
	}
	e.ask(&o, rule, match)
	return o
}

// ask completes an opinion that says where in the match the secret is.
func (e *Engine) ask(o *opinion, rule int32, match string) {
	r, secret := e.at(rule), match[o.secretStart:o.secretEnd]
	o.entropy = shannon(secret)
	if o.dropped = r.Entropy != 0 && o.entropy <= r.Entropy; o.dropped {
		return
	}
	o.gated = r.gated && !containsAny(strings.ToLower(match), r.Keywords)
	for n, lists := range [...][]allowlist{e.global, r.allow} {
		for i := range lists {
			a := &lists[i]
			if !a.wantsText() || a.target == TargetLine {
				continue
			}
			subject := secret
			if a.target == TargetMatch {
				subject = match
			}
			if !a.allowsText(subject != "" && anyMatch(a.regexes, subject), secret) {
				continue
			}
			if o.dropped = !a.and || !a.wantsPlace(); o.dropped {
				return
			}
			o.allowed = append(o.allowed, allowedBy(n, i))
		}
	}
}

// allowedBy names a list in Candidate.allowed: 0 for those of all rules, 1 for those of its own.
func allowedBy(n, i int) int32 { return int32(i)<<1 | int32(n) }

// secretIn finds the secret in a match as gitleaks does: the group that the rule names, or the first that is not empty, of the
// expression matched against the match alone.
func (r *rule) secretIn(match string) (start, end int) {
	text := []byte(match)
	if r.content.in(text).NumSubexp() == 0 {
		return 0, len(match)
	}
	groups := r.groupsOf(text)
	group := r.SecretGroup
	for g := 1; group == 0 && g < len(groups)/2; g++ {
		if groups[2*g] < groups[2*g+1] {
			group = g
		}
	}
	if group > 0 && 2*group < len(groups) {
		return max(groups[2*group], 0), max(groups[2*group+1], 0)
	}
	return 0, len(match)
}
