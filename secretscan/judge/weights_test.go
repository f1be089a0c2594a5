package judge

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
)

// TestWeightOf holds the short way to read a weight against the long one.
func TestWeightOf(t *testing.T) {
	cells := []string{"0.000", "-0.000", "-0.001", "9999.999", "16777.217", "1e3", ".5", "-.500", "", "-", "1.2345", "x.000", "1.0x0", "1000"}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		cells = append(cells, fmt.Sprintf("%.3f", (rnd.Float64()-.5)*float64(int(1)<<rnd.IntN(15))))
	}
	for _, cell := range cells {
		want, _ := strconv.ParseFloat(cell, 32)
		if got := weightOf(cell); math.Float32bits(got) != math.Float32bits(float32(want)) {
			t.Fatalf("%q is %v, want %v", cell, got, float32(want))
		}
	}
}

// TestParseModel reads a model whose features stand in any order, among lines that are none.
func TestParseModel(t *testing.T) {
	last := Feature(featureCount - 1)
	m := parseModel("# no weights\n1.000,no feature\n1.500,0.000,0.000,0.000,-2.000," + last.String() + "\n0.250,1.000,0.000,0.000,0.000," + Feature(0).String())
	if m.Shared[last] != 1.5 || m.Lanes[LaneCount-1][last] != -2 || m.Shared[0] != .25 || m.Lanes[0][0] != 1 || m.Shared[1] != 0 {
		t.Errorf("read as\n%s", m)
	}
}

func BenchmarkParseModel(b *testing.B) {
	for b.Loop() {
		parseModel(weightsText)
	}
}
