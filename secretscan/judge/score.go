package judge

// Scores from which on a claim is a credential with high, medium and low confidence. In cross-validation nine of ten claims of at least
// MediumScore are credentials.
const (
	HighScore   = 2.0
	MediumScore = 0.35
	LowScore    = -0.75
)

// KindCount is how many kinds of text there are.
const KindCount = int(Prose) + 1

// Scores returns a claim's score in each kind of text. The kind only tells whether a word without quotes is a name.
func (m *Model) Scores(c *Claim) (all [KindCount]float64) {
	f := FeaturesOf(c, Unknown)
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
	return all
}
