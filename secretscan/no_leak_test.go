package secretscan_test

import (
	"strings"
	"testing"

	"keysweep/finding"
	"keysweep/secretscan"
)

// TestWhatIsNoLeak: by the text around it, or by the file it stands in, a value opens nothing. § is a value that is reported elsewhere, and ¤ a
// password that everybody uses.
func TestWhatIsNoLeak(t *testing.T) {
	e := defaultEngine(t)
	example := "For example:\n\n    config :my_app, MyApp.Endpoint,\n      secret_key_base: \"§\"\n"
	warned := "$ gen.secret\n\nYour key will be different; don't use this one.\n\n$ app config:set SECRET_KEY_BASE=\"§\"\nSECRET_KEY_BASE: §\n"
	for _, c := range []struct {
		path, text string
		found      int
	}{
		{"guide.md", example, 0},
		{"guide.md", warned, 0},
		{"guide.md", strings.Replace(warned, "different; don't use this one", "shown", 1), 2},
		{"config/prod.exs", example, 1},
		{"lib/endpoint.ex", "@moduledoc \"\"\"\n" + example + "\"\"\"\n", 0},
		{"lib/endpoint.ex", example, 1},
		{".github/workflows/ci.yml", "  POSTGRES_PASSWORD: ¤\n", 0},
		{secretscan.MemberPath("a.zip", ".gitlab-ci.yml"), "  MYSQL_ROOT_PASSWORD: ¤\n", 0},
		{"docker-compose.yml", "  POSTGRES_PASSWORD: ¤\n", 1},
		{".github/workflows/ci.yml", "  POSTGRES_PASSWORD: §\n", 1},
		{".circleci/config.yml", "  DATABASE_URL: postgres://¤:¤@127.0.0.1:5432/x\n", 0},
	} {
		text := strings.NewReplacer("§", "kjQ9o1z"+"eidQuwy13w98ju2xzL", "¤", "post"+"gres").Replace(c.text)
		n := 0
		for _, kept := range e.Keep(e.Scan([]byte(text)), c.path, "") {
			if kept.Confidence >= finding.MediumConfidence {
				n++
			}
		}
		if n != c.found {
			t.Errorf("%s: %d found, want %d:\n%s", c.path, n, c.found, c.text)
		}
	}
}
