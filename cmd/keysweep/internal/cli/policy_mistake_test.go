package cli

import (
	"bytes"
	"strings"
	"testing"
)

// TestPolicyMistakesInPlainWords has values of the wrong type: what is said names the setting, and nothing of the program.
func TestPolicyMistakesInPlainWords(t *testing.T) {
	for text, want := range map[string]string{
		"profile = 3\n":                           "profile: found number, wanted a string in quotes",
		"[ports]\nallow = \"22\"\n":               "ports.allow: found string, wanted a list of strings in quotes",
		"waive = \"x\"\n":                         "waive: found string, wanted tables",
		"[checks.\"host.uptime\"]\nmax = \"3\"\n": "max: found string, wanted a number",
	} {
		w := newDueWorld(t, "here")
		w.file("p.toml", text)
		var said bytes.Buffer
		env := w.env("policy", "check", w.path("p.toml"))
		env.Stdout, env.Stderr = &said, &said
		if code := Main(t.Context(), env); code != exitUsage {
			t.Errorf("%q: exit code %d", text, code)
		}
		out := said.String()
		if !strings.Contains(out, want) || strings.Contains(out, "cli.") {
			t.Errorf("%q: %s, want %q", text, out, want)
		}
	}
}
