package judge

import (
	_ "embed" // the weights
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
// program's own file is right, which a test makes sure of.
func parseModel(text string) *Model {
	features := map[string]Feature{}
	for i, name := range featureNames {
		features[name] = Feature(i)
	}
	m := &Model{}
	for line := range strings.Lines(text) {
		cells := strings.SplitN(strings.TrimSpace(line), ",", 2+LaneCount)
		f, known := features[cells[len(cells)-1]]
		if !known || len(cells) != 2+LaneCount {
			continue
		}
		m.Shared[f] = weightOf(cells[0])
		for lane := range m.Lanes {
			m.Lanes[lane][f] = weightOf(cells[1+lane])
		}
	}
	return m
}

func weightOf(cell string) float32 {
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
