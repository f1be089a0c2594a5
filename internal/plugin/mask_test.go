package plugin

import (
	"strings"
	"testing"
	"unicode/utf8"

	"keysweep/plugin"
)

func FuzzMask(f *testing.F) {
	f.Add("secret value", "the secret value is out: secret+value")
	f.Add("aaaa", "aaaaaaa")
	f.Add("line one\nline two\n", "line one")
	f.Fuzz(func(t *testing.T, secret, around string) {
		if len(secret) < minMasked || !utf8.ValidString(secret) || strings.Contains(mask, secret) {
			return
		}
		h := secrets(&plugin.Request{Current: &plugin.Credential{Secret: plugin.Secret(secret)}}, &plugin.Reply{})
		text := h.hide(around + secret + around)
		if strings.Contains(text, secret) && !strings.Contains(mask+mask, secret) && !strings.Contains(around+mask, secret) && !strings.Contains(mask+around, secret) {
			t.Errorf("%q in %q", secret, text)
		}
	})
}
