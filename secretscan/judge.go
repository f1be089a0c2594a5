package secretscan

import (
	"slices"

	"keysweep/finding"
	"keysweep/secretscan/judge"
)

// appliesAt reports whether a rule can report anything at a path: its own path expression, and allowlists that allow the path
// outright. The empty path is that of content without a name.
func (e *Engine) appliesAt(i int32, path string) bool {
	r := e.at(i)
	if r.SkipReport && !r.needed {
		return false
	}
	if r.path != nil && !onPath(path, r.path.get().MatchString) {
		return false
	}
	return !allowedOutright(r.allow, path, "")
}

// Skips reports whether a path is left out whatever it holds: it is the configuration itself, or an allowlist for all rules
// allows it.
func (e *Engine) Skips(path string) bool {
	return e.own[path] || allowedOutright(e.global, path, "")
}

// allowedOutright reports whether a list allows a path or commit whatever the content is.
func allowedOutright(lists []allowlist, path, commit string) bool {
	if path == "" && commit == "" {
		return false
	}
	for i := range lists {
		a := &lists[i]
		if a.wantsPlace() && (!a.and || !a.wantsText()) && a.allowsPlace(path, commit) {
			return true
		}
	}
	return false
}

// Keep returns the candidates that count at a path and commit, however little sure they are; see Court.
func (e *Engine) Keep(candidates []Candidate, path, commit string) []Candidate {
	return e.keep(candidates, path, commit, finding.LowConfidence)
}

// keep is Keep for those of some confidence or more.
func (e *Engine) keep(candidates []Candidate, path, commit string, least finding.Confidence) []Candidate {
	if len(candidates) == 0 || e.own[path] || allowedOutright(e.global, path, commit) {
		return nil
	}
	kept := make([]Candidate, 0, len(candidates))
	kind := judge.KindOf(asDirectories(path))
	for i := range candidates {
		if !e.keeps(&candidates[i], path, commit) {
			continue
		}
		kept = append(kept, candidates[i])
		if last := len(kept) - 1; !e.rate(&kept[last], kind) {
			kept = kept[:last]
		}
	}
	kept = slices.DeleteFunc(e.required(kept), func(c Candidate) bool { return c.Confidence < least })
	return e.precedence(kept)
}

// rate settles how sure it is that a candidate in a kind of text is a credential. It reports false if it is none.
func (e *Engine) rate(c *Candidate, kind judge.Kind) bool {
	r := e.at(c.rule)
	c.Confidence = r.Confidence
	if c.scores == nil {
		c.Confidence = max(c.Confidence, finding.MediumConfidence) // whoever wrote the rule wanted its matches reported
		return true
	}
	judged, ok := confidenceOf(c.scores[kind])
	if c.Confidence = judged; r.rank == rankSpecific {
		c.Confidence = min(judged, r.Confidence)
	}
	if c.example.in(kind) {
		c.Confidence = finding.LowConfidence
	}
	return ok
}

func (e *Engine) keeps(c *Candidate, path, commit string) bool {
	r := e.at(c.rule)
	if r.path != nil && !onPath(path, r.path.get().MatchString) || allowedOutright(r.allow, path, commit) {
		return false
	}
	for _, n := range c.allowed {
		lists := e.global
		if n&1 != 0 {
			lists = r.allow
		}
		if lists[n>>1].allowsPlace(path, commit) {
			return false
		}
	}
	return true
}

// nameRule is a rule that looks at names of files alone.
type nameRule struct {
	rule     int32
	literals []string // one of which stands in every path that it finds, folded; nil: not known
	first    byteSet  // what they start with, folded or not
}

// named returns what is to be known of a rule that looks at names of files alone.
func (c *compiler) named(i int32, r *rule) nameRule {
	n := nameRule{rule: i}
	for _, a := range c.anchors(r.path) {
		for _, l := range a.Literals {
			n.literals = append(n.literals, string(foldAll(l)))
		}
	}
	n.first = foldedFirst(n.literals)
	return n
}

// may reports whether it is worth trying the rule on a path.
func (n *nameRule) may(path string) bool {
	for i := range len(path) {
		if !n.first.has(path[i]) {
			continue
		}
		for _, l := range n.literals {
			if i+len(l) <= len(path) && foldByte(path[i]) == l[0] && hasFolded([]byte(path[i:i+len(l)]), l) {
				return true
			}
		}
	}
	return n.literals == nil
}

// byName returns candidates for the rules that look at names of files alone.
func (e *Engine) byName(path string) []Candidate {
	var out []Candidate
	for i := range e.named {
		n := &e.named[i]
		if r := e.at(n.rule); onPath(path, n.may) && onPath(path, r.path.get().MatchString) {
			out = append(out, Candidate{Rule: r.ID, rule: n.rule})
		}
	}
	return out
}
