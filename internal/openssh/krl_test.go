package openssh_test

import (
	"os"
	"path/filepath"
	"testing"

	"keysweep/internal/openssh"
	"keysweep/internal/testsshd"
)

// TestRevocationList has a real sshd refuse what the list names.
func TestRevocationList(t *testing.T) {
	tool := &openssh.Tools{Environ: os.Environ()}
	first, firstLine := newKey(t, "")
	_, secondLine := newKey(t, "")
	third, thirdLine := newKey(t, "")
	var krl []byte
	var err error
	for _, lines := range [][]string{{firstLine}, {secondLine}, {firstLine, secondLine}} {
		var pubs [][]byte
		for _, l := range lines {
			pubs = append(pubs, []byte(l))
		}
		krl, err = tool.RevokeIn(t.Context(), krl, pubs)
		must(t, err)
	}
	for line, want := range map[string]bool{firstLine: true, secondLine: true, thirdLine: false} {
		if got, err := tool.RevokedIn(t.Context(), krl, []byte(line)); got != want || err != nil {
			t.Errorf("%.60s: %v, %v", line, got, err)
		}
	}
	file := filepath.Join(t.TempDir(), "krl")
	must(t, os.WriteFile(file, krl, 0o600))
	s := testsshd.Start(t, testsshd.Options{Extra: []string{"RevokedKeys " + file}})
	s.Authorize(t, firstLine, thirdLine)
	for key, want := range map[string]openssh.Outcome{first: openssh.KeyRefused, third: openssh.LoggedIn} {
		if got, err := tools(t, s).Try(t.Context(), target(t, "testhost"), openssh.Key{File: key}); got != want || err != nil {
			t.Errorf("%s: %v, %v", key, got, err)
		}
	}
	if _, err := tool.RevokeIn(t.Context(), []byte("no list"), [][]byte{[]byte(thirdLine)}); err == nil {
		t.Error("something else was taken for a list")
	}
	if _, err := tool.RevokeIn(t.Context(), nil, [][]byte{[]byte("no key")}); err == nil {
		t.Error("something else was taken for a key")
	}
}
