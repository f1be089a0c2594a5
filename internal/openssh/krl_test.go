package openssh_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"keysweep/internal/openssh"
	"keysweep/internal/testneed"
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

// TestSecurityKeyWithoutDevice wants a clear error and nothing left behind.
func TestSecurityKeyWithoutDevice(t *testing.T) {
	testneed.Program(t, "ssh-keygen")
	var talk bytes.Buffer
	tool := &openssh.Tools{Environ: append(os.Environ(), "SSH_SK_PROVIDER=/nowhere/provider.so")}
	dir := t.TempDir()
	_, err := tool.GenerateSecurityKey(t.Context(), "ed25519-sk", dir, &talk)
	var device *openssh.DeviceError
	if !errors.As(err, &device) || device.Hint() == "" || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	if _, err := tool.GenerateSecurityKey(t.Context(), "ed25519", dir, &talk); err == nil {
		t.Error("a kind without a device is taken")
	}
}
