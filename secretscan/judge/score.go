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

// Scores returns a claim's score in each kind of text.
func (m *Model) Scores(c *Claim) (all [KindCount]float64) {
	for kind := range all {
		if kind > 0 && c.Quote != Bare {
			all[kind] = all[0] // the kind tells whether a word without quotes is a name
			continue
		}
		all[kind] = m.Score(c.Lane, FeaturesOf(c, Kind(kind)))
	}
	return all
}
