package judge

import (
	"strings"
	"testing"
)

// TestLateFeatures holds isLate to what ScoresFrom looks at last: its lines set each of the late features, and nothing else is set late.
func TestLateFeatures(t *testing.T) {
	value := "k9f2Wq7" + "ZpL4x"
	var set Features
	for _, line := range []string{
		`# password = "§"`, `assert(password: "§")`, `print(password = "§")`, `raise X, password: "§"`, `getpass(), password = "§"`, `import x; password = "§"`,
		`function f(password = "§")`, `return {password: "§"}`, `class X(password = "§")`, `label, password = "§"`, `user, password = "§"`, `header, password = "§"`,
		`public password = "§"`, `e.g. password = "§"`, `create user me password = "§"`, `password: "§"`,
		`setAuth("user", "§")`, `https://§:§@x.org`, `https://:§@localhost.example.org`, `DB_URL=mysql://me:§@db`,
		`password = "your§"`, `password = "test§"`, `password = "key§"`, `password = "password"`, `password = "hidden"`, `x§ password = "§"`, `password = "letmein"`,
		"auth = \"bWU6azlmMldxN1pwTDR4\"",
	} {
		claims := Claims([]byte(strings.ReplaceAll(line, "§", value)))
		if len(claims) == 0 {
			t.Errorf("%s: no claim", line)
		}
		for i := range claims {
			c := &claims[i]
			var early Features
			early[bias] = true
			early.ofKey(c)
			early.ofForm(c, Unknown)
			early.ofShape(c, shapeOf(c.Value))
			early.ofAfter(c)
			for f, on := range FeaturesOf(c, Unknown) {
				if set[f] = set[f] || on; on != early[f] && !Feature(f).isLate() {
					t.Errorf("%s: %q is set late", line, Feature(f))
				} else if early[f] && Feature(f).isLate() {
					t.Errorf("%s: %q is set early", line, Feature(f))
				}
			}
		}
	}
	for f := range Feature(featureCount) {
		if f.isLate() && !set[f] {
			t.Errorf("no line sets %q", f)
		}
	}
}
