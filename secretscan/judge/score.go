package judge

import (
	"slices"
	"strings"
)

// Scores from which on a claim is a credential with high, medium and low confidence. In cross-validation nine of ten claims of at least
// MediumScore are credentials.
const (
	HighScore   = 2.0
	MediumScore = 0.75
	LowScore    = -0.75
)

// KindCount is how many kinds of text there are.
const KindCount = int(Prose) + 1

// Scores returns a claim's score in each kind of text. The kind only tells whether a word without quotes is a name.
func (m *Model) Scores(c *Claim) [KindCount]float64 {
	return m.inKinds(c, FeaturesOf(c, Unknown))
}

// inKinds returns the scores of a claim whose features in a text of unknown kind are given.
func (m *Model) inKinds(c *Claim, f *Features) (all [KindCount]float64) {
	all[Unknown] = m.Score(c.Lane, f)
	for kind := Unknown + 1; int(kind) < KindCount; kind++ {
		all[kind] = all[Unknown]
		if c.Quote == Bare && c.Lane != URL {
			if was, is := bareIn(c, Unknown), bareIn(c, kind); was != is {
				f[was], f[is] = false, true
				all[kind] = m.Score(c.Lane, f)
				f[was], f[is] = true, false
			}
		}
	}
	if c.isVariable() {
		all[Code] = surelyNot
	}
	if f[weak] && (c.Lane == Password || c.Lane == URL) {
		all[Prose] = surelyNot
	}
	return all
}

// isVariable reports whether the value is, in code, the name of what is assigned: password = content.
func (c *Claim) isVariable() bool {
	return (c.Sep == Equals || c.Sep == Define) && c.Quote == Bare && c.Lane <= Token && isName(c.Value) && !strings.ContainsAny(c.Value, "0123456789") && bareIn(c, Code) == bareCode
}

// surelyNot is the score of a variable in code, and of one of the most common passwords in a document: it is there to show something. Of the
// labelled lines of this kind none holds a credential.
const surelyNot = -10

// ScoresFrom is Scores for a claim that counts if one of them is least or more; false: none is. hopes are the model's. Most claims are far
// from it, which is told before what takes long is looked at: what stands before the key, and the value as a text.
func (m *Model) ScoresFrom(c *Claim, least float64, hopes *[LaneCount]float64) ([KindCount]float64, bool) {
	var f Features
	f[bias] = true
	f.ofKey(c)
	f.ofForm(c, Unknown)
	f.ofShape(c, shapeOf(c.Value))
	f.ofAfter(c)
	all := m.inKinds(c, &f)
	if slices.Max(all[:])+hopes[c.Lane] < least {
		return all, false
	}
	f.ofContext(c)
	f.ofMeaning(c)
	all = m.inKinds(c, &f)
	return all, slices.Max(all[:]) >= least
}

// Hopes returns what the features that ScoresFrom looks at last can add to the score of a claim in each lane at most.
func (m *Model) Hopes() (hopes [LaneCount]float64) {
	for lane := range hopes {
		for f := range Feature(featureCount) {
			if w := m.weight(Lane(lane), f); w > 0 && f.isLate() {
				hopes[lane] += w
			}
		}
	}
	return hopes
}

// isLate reports whether a feature is one that ScoresFrom looks at last.
func (f Feature) isLate() bool {
	switch f {
	case placeholder, testWord, namesCredential, equalsKey, typeWord, weak, basicDecodes, valueBefore:
		return true
	}
	return f >= beforeComment && f != bias
}
