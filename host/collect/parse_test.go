package collect

import (
	"fmt"
	"strings"
	"testing"

	"keysweep/host/bundle"
	"keysweep/host/tree"
)

// TestPathsAreBounded has one block name more paths than a bundle may hold: no more are remembered, and the answer is refused.
func TestPathsAreBounded(t *testing.T) {
	var sockets, kernel strings.Builder
	sockets.WriteString("|/proc/1/fd:\n")
	for i := range 2 * bundle.MaxNodes {
		fmt.Fprintf(&sockets, "|%d -> socket:[1]\n", i)
		fmt.Fprintf(&kernel, "|/proc/%d/comm:x\n", i)
	}
	for _, said := range []string{"N\n" + sockets.String(), "G\n" + kernel.String()} {
		p := parser{rest: []byte(said), bundle: bundle.New(bundle.About{}), nodes: map[string]*tree.Node{}}
		if err := p.line(); err == nil {
			t.Errorf("%.2q: no error", said)
		}
		if len(p.nodes) > bundle.MaxNodes+1 {
			t.Errorf("%.2q: %d paths are remembered", said, len(p.nodes))
		}
	}
}
