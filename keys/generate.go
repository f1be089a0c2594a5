package keys

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
)

// The kinds of key that Generate makes.
const (
	KindEd25519 = "ed25519"
	KindRSA4096 = "rsa-4096"
)

const rsaBits = 4096

// Generate makes a new key of the operating system's random numbers: KindEd25519 at once, KindRSA4096 (e = 65537) in about a
// second, at times in several. Weaker kinds are refused. When ctx ends first, it returns ctx's error at once; what is
// still being computed then is cleared as soon as it is there. The caller clears the result.
func Generate(ctx context.Context, kind, comment string) (*Private, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	switch kind {
	case KindEd25519:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, fmt.Errorf("generate %s key: %w", kind, err)
		}
		return &Private{Key: key, Comment: comment}, nil
	case KindRSA4096:
		return abandonable(ctx, func() (*Private, error) { return generateRSA(comment) })
	}
	return nil, fmt.Errorf("%q keys are not made: choose %s, or %s for what does not know it yet", kind, KindEd25519, KindRSA4096)
}

func generateRSA(comment string) (*Private, error) {
	key, err := rsa.GenerateKey(rand.Reader, rsaBits)
	if err != nil {
		return nil, fmt.Errorf("generate %s key: %w", KindRSA4096, err)
	}
	clearPrecomputed(key)
	return &Private{Key: key, Comment: comment}, nil
}

// abandonable runs generate, which cannot be stopped, and stops waiting for it when ctx ends. A key that nobody waits for any
// more is cleared: it is handed over only to who is still there to take it.
func abandonable(ctx context.Context, generate func() (*Private, error)) (*Private, error) {
	type result struct {
		key *Private
		err error
	}
	results := make(chan result)
	go func() {
		key, err := generate()
		select {
		case results <- result{key, err}:
		case <-ctx.Done():
			key.Clear()
		}
	}()
	select {
	case r := <-results:
		return r.key, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
