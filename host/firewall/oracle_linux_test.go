package firewall_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// rounds is how many random rulesets each kind of rules gets.
const rounds = 40

// TestNftablesAgreesWithTheNetwork makes random rulesets of nftables, reads them, and has another machine try all connections.
func TestNftablesAgreesWithTheNetwork(t *testing.T) { againstNetwork(t, "nft", "nft -f", randomNft) }

// TestIptablesAgreesWithTheNetwork does the same for iptables and ip6tables.
func TestIptablesAgreesWithTheNetwork(t *testing.T) {
	againstNetwork(t, "iptables", "sh -e", randomIptables)
}

func againstNetwork(t *testing.T, kind, load string, random func(*rand.Rand) string) {
	if !inside(t) {
		return
	}
	n := newNetwork(t)
	var sum tally
	for seed := range uint64(rounds) {
		rules := random(rand.New(rand.NewPCG(seed, 7)))
		file := filepath.Join(t.TempDir(), "rules")
		if err := os.WriteFile(file, []byte(rules), 0o600); err != nil {
			t.Fatal(err)
		}
		sh(t, "nft flush ruleset")
		if out, err := exec.Command("sh", "-c", load+" "+file).CombinedOutput(); err != nil {
			t.Fatalf("%s %d: %v: %s\n%s", kind, seed, err, out, rules)
		}
		c := n.compare(look(t), fmt.Sprintf("%s %d", kind, seed))
		sum = tally{sum.open + c.open, sum.closed + c.closed, sum.unknown + c.unknown}
		if t.Failed() {
			t.Fatalf("the rules:\n%s", rules)
		}
	}
	t.Logf("%s: %d open, %d closed, %d unknown", kind, sum.open, sum.closed, sum.unknown)
	if known := sum.open + sum.closed; sum.open*10 < known || sum.closed*10 < known || sum.unknown*20 > known {
		t.Errorf("the rulesets show little: %+v", sum)
	}
}

// randomIptables makes what iptables-restore and ip6tables-restore read.
func randomIptables(r *rand.Rand) string {
	return "iptables-restore <<'end'\n" + randomFamily(r, false) + "end\nip6tables-restore <<'end'\n" + randomFamily(r, true) + "end\n"
}
