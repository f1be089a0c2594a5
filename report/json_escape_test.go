package report

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode"
)

// TestJSONIsPrintable writes every character and wants the same value back, out of a text that no terminal obeys.
func TestJSONIsPrintable(t *testing.T) {
	var all []rune
	for r := rune(1); r <= unicode.MaxRune; r += 1 + r/0x3000 {
		if r < 0xd800 || r > 0xdfff {
			all = append(all, r)
		}
	}
	for _, value := range []string{string(all), "\u009b31m", "\u202eabc", "\x7f", "ä€𝄞", "\U000e0041", `\u009b`} {
		var b bytes.Buffer
		if err := encode(&b, "", value); err != nil {
			t.Fatal(err)
		}
		if !isVisible(string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))) {
			t.Errorf("%.40q is not printable throughout", b.String())
		}
		var got string
		if err := json.Unmarshal(b.Bytes(), &got); err != nil || got != value {
			t.Errorf("%.40q became %.40q, %v", value, got, err)
		}
	}
}
