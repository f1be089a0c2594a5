package judge_test

import (
	"strings"
	"testing"

	"keysweep/secretscan/judge"
)

// TestOf wants what an expression found beside a key to be refused where it is none that anybody uses.
func TestOf(t *testing.T) {
	for text, want := range map[string]bool{
		`api_key = "§"`:                  true,
		`apikey: §`:                      true,
		`WGREKULAPIYXA6: §`:              false,
		`Public key: §`:                  false,
		`public_key: §`:                  false,
		`exporter_secret = "§"`:          false,
		"key = \"§\"\nplaintext = \"§\"": true, // § is not hexadecimal
		"api_key: 5e3c7a9b1d2f4e60\nct: 00aa5e3c7a9b1d2f4e60": false,
	} {
		text = strings.ReplaceAll(text, "§", token)
		value := token
		if strings.Contains(text, "5e3c7a9b1d2f4e60") {
			value = "5e3c7a9b1d2f4e60"
		}
		start := strings.Index(text, value)
		from := len(text) - len(strings.TrimPrefix(text, "Public "))
		claim, ok := judge.Of([]byte(text), from, start, start+len(value))
		if ok != want || ok && claim.Value != value {
			t.Errorf("%s: %v, value %q", text, ok, claim.Value)
		}
	}
}
