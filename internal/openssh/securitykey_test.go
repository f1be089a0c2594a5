//go:build unix

package openssh_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"keysweep/internal/openssh"
	"keysweep/internal/testneed"
)

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

// dummyDevice is the least that ssh-keygen takes for a security device (OpenSSH, PROTOCOL.u2f and sk-api.h, version 10).
const dummyDevice = `
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
struct sk_enroll_response {
	uint8_t flags;
	uint8_t *public_key; size_t public_key_len;
	uint8_t *key_handle; size_t key_handle_len;
	uint8_t *signature; size_t signature_len;
	uint8_t *attestation_cert; size_t attestation_cert_len;
	uint8_t *authdata; size_t authdata_len;
};
static uint8_t *some(size_t n, int c) { uint8_t *p = malloc(n); memset(p, c, n); return p; }
uint32_t sk_api_version(void) { return 0x000a0000; }
int sk_enroll(uint32_t alg, const uint8_t *challenge, size_t challenge_len, const char *application, uint8_t flags,
    const char *pin, void **options, struct sk_enroll_response **response) {
	struct sk_enroll_response *r = calloc(1, sizeof *r);
	r->flags = flags;
	r->public_key = some(r->public_key_len = 32, 0x42);
	r->key_handle = some(r->key_handle_len = 16, 0x17);
	r->signature = some(r->signature_len = 64, 1);
	*response = r;
	return 0;
}
int sk_sign(void) { return -1; }
int sk_load_resident_keys(void) { return -1; }
`

// TestSecurityKey makes a key on a device that is a few lines of C.
func TestSecurityKey(t *testing.T) {
	dir := t.TempDir()
	library := filepath.Join(dir, "device.so")
	compile := exec.Command(testneed.Program(t, "cc"), "-shared", "-fPIC", "-o", library, "-x", "c", "-")
	compile.Stdin = strings.NewReader(dummyDevice)
	if out, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("cc: %v\n%s", err, out)
	}
	tool := &openssh.Tools{Environ: append(os.Environ(), "SSH_SK_PROVIDER="+library)}
	var talk bytes.Buffer
	private, err := tool.GenerateSecurityKey(t.Context(), "ed25519-sk", dir, &talk)
	if err != nil {
		t.Fatalf("%v\n%s", err, &talk)
	}
	file := filepath.Join(dir, "key")
	must(t, os.WriteFile(file, private, 0o600))
	if got := keygen(t, "-l", "-f", file); !strings.Contains(got, "(ED25519-SK)") {
		t.Errorf("ssh-keygen -l: %s", got)
	}
}
