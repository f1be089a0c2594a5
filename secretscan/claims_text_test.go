package secretscan_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"keysweep/secretscan"
	"keysweep/secretscan/rules"
)

// claimLines returns what readers find things in, whole and in parts, and what looks like that.
func claimLines() []string {
	const value = "hG7" + "!kq9Zu" + "w2"
	return []string{"password = \"" + value + "\"\n", "db_password: " + value + "\n", "PASS" + "WORD=" + value + "\n", "password = \"", value, "\"\n", "pass", "word: ",
		"postgres:" + "//app:" + value + "@db/x\n", "://", "app:", "@host\n", "Authorization: Bearer " + strings.Repeat("Zk3", 9) + "\n", "bearer ", "\"secret_key\": [\"",
		"Qm4" + "xT8vLp2Rz" + "\", \"", "name: password\n  value: ", "the password is\n", " value=", "the token of the session is inside\n", "compass bypass passed the\n",
		"curl -u app:" + value + " x\n", "login(\"app\", \"" + value + "\")\n", strings.Repeat("key_", 30) + "password=", strings.Repeat(" ", 200), "token := f(", "api_key = ", "\r\n"}
}

// TestClaimsByEveryWay holds what readers find with traces and in blocks against what they find in the whole.
func TestClaimsByEveryWay(t *testing.T) {
	set := secretscan.Ruleset{Allowlists: rules.Gitleaks().Allowlists}
	for _, r := range rules.Default().Rules {
		if r.Reader != "" || r.Judged {
			set.Rules = append(set.Rules, r)
		}
	}
	for _, tight := range []bool{false, true} {
		e, err := secretscan.Compile(set)
		if err != nil {
			t.Fatal(err)
		}
		if tight {
			e.TightSeams()
		}
		found := 0
		for seed := range uint64(150) {
			rnd := rand.New(rand.NewPCG(seed, 31))
			lines := claimLines()
			text := func() (out string) {
				for range 1 + rnd.IntN(6) {
					out += lines[rnd.IntN(len(lines))]
				}
				return out
			}
			c := &chain{rnd: rnd, engine: e, tracing: e.NewTracing(), text: text, most: 3000}
			c.check(t, 12, func() string { return fmt.Sprintf("tight %v, seed %d", tight, seed) })
			content := []byte(strings.Repeat(text()+"\n", 40))
			want := e.Scan(content)
			found += len(want)
			if d := difference(e.Reference(content), want); d != "" {
				t.Fatalf("seed %d: %q\n%s", seed, content, d)
			}
			size := 16_000 + rnd.IntN(3000)
			padded := append(bytes.Repeat([]byte("nothing here\n"), rnd.IntN(3000)), content...)
			checkPlaced(t, placed(e.Scan(padded)), placed(e.ScanInBlocks(padded, size, 5000, 4000, 5000)), func() string { return fmt.Sprintf("seed %d, blocks of %d", seed, size) })
		}
		if found < 500 {
			t.Errorf("only %d candidates", found)
		}
	}
}
