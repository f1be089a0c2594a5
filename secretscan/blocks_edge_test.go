package secretscan_test

import (
	"fmt"
	"strings"
	"testing"

	"keysweep/secretscan"
)

// TestEveryBlockEdge lets blocks end at every byte: content that is all matches, with gaps of 0 to 12 bytes, is cut into blocks of
// each size from the least that there can be to one that holds it all. No match may be lost, doubled or moved.
func TestEveryBlockEdge(t *testing.T) {
	e, err := secretscan.Compile(secretscan.Ruleset{Rules: []secretscan.Rule{
		{ID: "anchored", Regex: `tok_[a-f0-9]{4}\b`},
		{ID: "behind", Regex: `[A-Z]{1,4}=val(\d{3})`},
		{ID: "bare", Regex: `\b[xy][0-9]{3}\b`},
		{ID: "gated", Regex: `\bz\d{3}q`, Keywords: []string{"gate"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	count := 2 // around the keyword, in the first block
	b.WriteString("z001q gate z002q")
	for i := range 20 {
		b.WriteString(strings.Repeat(" .\n-é", 4)[:i%13])
		fmt.Fprintf(&b, " tok_%04x\nABCD=val%03d y%03d", i, i, i)
		count += 3
	}
	content := []byte(b.String())
	want := placed(e.Scan(content))
	if len(want) != count {
		t.Fatalf("%d candidates in one piece, want %d", len(want), count)
	}
	for _, held := range []int{0, 7, 40} {
		const ahead, behind = 12, 16 // the longest match has 11 bytes, and one more may be looked at
		for size := ahead + behind + held + 1; size <= len(content)+1; size++ {
			got := placed(e.ScanInBlocks(content, size, ahead, behind, held))
			checkPlaced(t, want, got, func() string { return fmt.Sprintf("blocks of %d, %d held", size, held) })
		}
	}
}
