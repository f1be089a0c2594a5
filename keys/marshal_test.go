package keys

import (
	"bytes"
	"context"
	"testing"
)

func ed25519Key(t testing.TB) *Private {
	t.Helper()
	p, err := Generate(context.Background(), KindEd25519, "made here")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var _ = bytes.Equal
