package secretscan_test

import (
	"strings"
	"testing"

	"keysweep/secretscan"
)

// TestMembersAreFoundByPath: what a rule or an allowlist says of a path that begins, or of a directory, holds for members at the root of a
// container; but "!" in a name makes none.
func TestMembersAreFoundByPath(t *testing.T) {
	e, err := secretscan.Compile(secretscan.Ruleset{
		Rules: []secretscan.Rule{
			{ID: "env", Regex: `sesame=(\w+)`, Path: `(^|/)\.env$`, Allowlists: []secretscan.Allowlist{{Paths: []string{`(^|/)example/`}}}},
			{ID: "packed", Regex: `sesame=(\w+)`, Path: `\.jar!`},
		},
		Allowlists: []secretscan.Allowlist{{Paths: []string{`(^|/)vendor/`}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	content := []byte("sesame=open1234")
	for path, want := range map[string]string{
		".env": "env", "a/.env": "env", "a.zip>.env": "env", "a.zip>b.zip!.env": "env", "a.zip>x/.env": "env",
		"a.zip>x.env": "", "a>x": "", "lib/a.jar>x": "packed", "a.zip>example/.env": "", "a.zip>in.zip!vendor/.env": "", "vendor/a.zip>.env": "",
		"x!.env": "", "!vendor/.env": "env", "x!example/.env": "env", "x!vendor/a.zip>.env": "env", "a!b>.env": "env",
	} {
		path, member, inside := strings.Cut(path, ">")
		if inside {
			path = secretscan.MemberPath(path, member)
		}
		got := ""
		for _, c := range e.Keep(e.Scan(content), path, "") {
			got += c.Rule
		}
		if got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if !e.Skips(secretscan.MemberPath("a.zip", "vendor/x")) || e.Skips(secretscan.MemberPath("a.zip", "vendors/x")) || e.Skips("x!vendor/x") {
		t.Error("vendor in a container is not left out, or too much is")
	}
}
