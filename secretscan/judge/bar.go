package judge

// Bar is what claims have to come to so that they count. Whether a value could be a credential at all is asked last, of few: most claims are
// so far from counting that their form tells.
type Bar struct {
	Model func() (*Model, *[LaneCount]float64) // and its Hopes
	Least [LaneCount]float64                   // the score from which on claims count
}

// barSlack is more than sums of weights in another order can differ by.
const barSlack = 1e-6

// may reports whether a claim may come to the bar, by what ScoresFrom looks at first. If it is false, ScoresFrom says so, too.
func (b *Bar) may(c *Claim) bool {
	var f Features
	f[bias] = true
	f.ofKey(c)
	f.ofForm(c, Unknown)
	f.ofShape(c, shapeOf(c.Value))
	f.ofAfter(c)
	model, hopes := b.Model()
	score := model.Score(c.Lane, &f)
	best := score
	if c.Quote == Bare && c.Lane != URL {
		was := bareIn(c, Unknown)
		for kind := Unknown + 1; int(kind) < KindCount; kind++ {
			best = max(best, score-model.weight(c.Lane, was)+model.weight(c.Lane, bareIn(c, kind)))
		}
	}
	return best+hopes[c.Lane]+barSlack >= b.Least[c.Lane]
}
