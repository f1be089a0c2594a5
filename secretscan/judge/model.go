package judge

import (
	"cmp"
	"slices"
)

// Model is a set of weights: the score of a claim is the sum of those of its features, the shared ones and its lane's.
type Model struct {
	Shared [FeatureCount]float32
	Lanes  [LaneCount][FeatureCount]float32
}

// Score returns how sure the model is that a claim with these features is a credential: the logarithm of the odds.
func (m *Model) Score(lane Lane, f *Features) float64 {
	sum := 0.0
	for i, on := range f {
		if on {
			sum += m.weight(lane, Feature(i))
		}
	}
	return sum
}

func (m *Model) weight(lane Lane, f Feature) float64 {
	return float64(m.Shared[f]) + float64(m.Lanes[lane][f])
}

// Reason is a feature and what it adds to the score.
type Reason struct {
	Feature Feature
	Weight  float64
}

// Reasons returns what decided: the features that hold for a claim, the weightiest first.
func (m *Model) Reasons(lane Lane, f *Features) []Reason {
	var all []Reason
	for i, on := range f {
		if on {
			all = append(all, Reason{Feature(i), m.weight(lane, Feature(i))})
		}
	}
	slices.SortStableFunc(all, func(a, b Reason) int { return cmp.Compare(abs(b.Weight), abs(a.Weight)) })
	return all
}

func abs(x float64) float64 { return max(x, -x) }
