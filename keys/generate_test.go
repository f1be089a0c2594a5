package keys

import (
	"context"
	"crypto/ed25519"
	"crypto/rsa"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestGenerate(t *testing.T) {
	for kind, want := range map[string]Public{
		KindEd25519: {Type: "ssh-ed25519", Bits: 256},
		KindRSA4096: {Type: "ssh-rsa", Bits: 4096},
	} {
		p, err := Generate(context.Background(), kind, "a comment")
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.Public()
		if err != nil || got.Type != want.Type || got.Bits != want.Bits || p.Comment != "a comment" {
			t.Errorf("%s: %s of %d bits, comment %q, %v", kind, got.Type, got.Bits, p.Comment, err)
		}
		text, err := p.MarshalOpenSSH(nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		reads(t, text, "", got.Line("a comment"))
		if k, ok := p.Key.(*rsa.PrivateKey); ok && (k.E != 65537 || k.Validate() != nil) {
			t.Errorf("e = %d, %v; want 65537 and a valid key", k.E, k.Validate())
		}
	}
}

func TestGenerateRefusesWeakKinds(t *testing.T) {
	for _, kind := range []string{"", "rsa", "rsa-2048", "rsa-3072", "dsa", "ecdsa-256", "ED25519"} {
		p, err := Generate(context.Background(), kind, "")
		if err == nil || !strings.Contains(err.Error(), KindRSA4096) || !strings.Contains(err.Error(), KindEd25519) {
			t.Errorf("Generate(%q) = %v, %v; want an error that names what there is", kind, p, err)
		}
	}
}

func TestGenerateAfterTheEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, kind := range []string{KindEd25519, KindRSA4096} {
		if p, err := Generate(ctx, kind, ""); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, %v; want the context's error", kind, p, err)
		}
	}
}

func TestAbandonedKeyIsCleared(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	key := ed25519Key(t)
	seed := key.Key.(ed25519.PrivateKey)
	finish := make(chan struct{})
	generate := func() (*Private, error) {
		cancel()
		<-finish
		return key, nil
	}
	if p, err := abandonable(ctx, generate); p != nil || !errors.Is(err, context.Canceled) {
		t.Fatalf("%v, %v; want the context's error while the key is still being made", p, err)
	}
	close(finish)
	for range 500 {
		time.Sleep(time.Millisecond)
		if cleared(seed) {
			return
		}
	}
	t.Error("the key that nobody waits for is not cleared")
}

func cleared(b []byte) bool {
	for _, x := range b {
		if x != 0 {
			return false
		}
	}
	return true
}

func BenchmarkGenerateEd25519(b *testing.B) {
	for b.Loop() {
		if _, err := ed25519Key(b).MarshalOpenSSH(nil, 0); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGenerateRSA4096(b *testing.B) {
	for b.Loop() {
		if _, err := Generate(b.Context(), KindRSA4096, ""); err != nil {
			b.Fatal(err)
		}
	}
}

// One operation is ten rounds of the KDF for aes256-ctr, which computes two blocks.
func BenchmarkBcrypt10Rounds(b *testing.B) {
	for b.Loop() {
		bcryptPBKDF([]byte(testPassphrase), []byte("0123456789abcdef"), 10, marshalKey+16)
	}
}
