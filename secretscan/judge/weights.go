package judge

import (
	_ "embed" // the weights
	"slices"
	"strconv"
	"strings"
	"sync"
)

// weightsText is the model that is in force, as train writes it: CSV, one feature a line: its shared weight, those of the lanes, and what it
// is; what it was trained on stands above, in lines that begin with #.
//
//go:embed weights.csv
var weightsText string

var standard = sync.OnceValue(func() *Model { return parseModel(weightsText) })

// Default returns the model that is in force. It must not be changed.
func Default() *Model { return standard() }

// parseModel reads a model. A feature that is not named has no weight, and a line that is none of a feature's is not looked at: the
// program's own file is right, which a test makes sure of. It is read whenever a process first judges anything, so features are expected in
// their order, as String writes them, and weights as thousandths.
func parseModel(text string) *Model {
	m, next := &Model{}, 0
	for line := range strings.Lines(text) {
		var weights [1 + LaneCount]string
		rest, known := strings.TrimSuffix(line, "\n"), true
		for i := range weights {
			if weights[i], rest, known = strings.Cut(rest, ","); !known {
				break
			}
		}
		f := featureNamed(rest, next)
		if !known || f < 0 {
			continue
		}
		next = f + 1
		m.Shared[f] = weightOf(weights[0])
		for lane := range m.Lanes {
			m.Lanes[lane][f] = weightOf(weights[1+lane])
		}
	}
	return m
}

// featureNamed returns the feature of a name, which likely is the one at guess; -1: there is none.
func featureNamed(name string, guess int) int {
	if guess < len(featureNames) && featureNames[guess] == name {
		return guess
	}
	return slices.Index(featureNames[:], name)
}

// weightOf reads a number with three places. Both of what it divides are exact, so that it is the float32 next to what is written.
func weightOf(cell string) float32 {
	digits, n := strings.TrimPrefix(cell, "-"), int32(0)
	whole := len(digits) - len(".000")
	if whole < 1 || whole > 4 || digits[whole] != '.' {
		return parsedWeight(cell)
	}
	for i := range len(digits) {
		if i == whole {
			continue
		}
		if digits[i] < '0' || digits[i] > '9' {
			return parsedWeight(cell)
		}
		n = n*10 + int32(digits[i]-'0')
	}
	w := float32(n) / 1000
	if len(digits) < len(cell) {
		w = -w // also of 0
	}
	return w
}

func parsedWeight(cell string) float32 {
	w, _ := strconv.ParseFloat(cell, 32) // see parseModel
	return float32(w)
}

// String returns the model as CSV, which is what Default is read from.
func (m *Model) String() string {
	var b strings.Builder
	b.WriteString("shared")
	for lane := range LaneCount {
		b.WriteString("," + Lane(lane).String())
	}
	b.WriteString(",feature\n")
	for f, name := range featureNames {
		weights := []float32{m.Shared[f]}
		for lane := range m.Lanes {
			weights = append(weights, m.Lanes[lane][f])
		}
		for _, w := range weights {
			b.WriteString(strconv.FormatFloat(float64(w), 'f', 3, 32) + ",")
		}
		b.WriteString(name + "\n")
	}
	return b.String()
}
