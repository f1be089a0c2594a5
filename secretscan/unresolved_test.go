package secretscan_test

import (
	"context"
	"errors"
	"testing"

	"keysweep/finding"
	"keysweep/secretscan"
)

// unresolving is a source with one deferred blob whose Resolve fails, after it has placed what is at first in it.
type unresolving struct {
	data   string
	placed int
}

func (u unresolving) Walk(_ context.Context, sink secretscan.Sink) error {
	return sink.Blob(secretscan.Blob{Kind: finding.KindBlob, Object: "1234", Path: "a.env", Deferred: true, Data: []byte(u.data)})
}

func (u unresolving) Resolve(_ context.Context, found []secretscan.Found, _ secretscan.Sink, court secretscan.Court) error {
	for _, c := range found[0].Candidates[:u.placed] {
		court.Emit(c, finding.Place{Kind: finding.KindBlob, Path: "placed.env"})
	}
	return errors.New("the repository went away")
}

// TestUnresolved: what was found is reported even if it could not be found out where it comes from.
func TestUnresolved(t *testing.T) {
	const token = "gh" + "p_"
	a, b := token+"0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX", token+"9zY8xW7vU6tS5rQ4pO3nM2lK1jI0hG9fE8dC"
	for placed, want := range []map[string]string{{a: "a.env", b: "a.env"}, {a: "placed.env", b: "a.env"}} {
		res, err := secretscan.Run(context.Background(), defaultEngine(t), unresolving{"x " + a + "\ny " + b + "\n", placed}, secretscan.Options{})
		if err == nil {
			t.Error("the source's error was lost")
		}
		if len(res.Findings) != len(want) {
			t.Errorf("placed %d: %d findings, want %d", placed, len(res.Findings), len(want))
		}
		for _, f := range res.Findings {
			if got := f.Places[0].Path; len(f.Places) != 1 || got != want[f.Secret.Reveal()] {
				t.Errorf("placed %d: at %q and %d more, want %q", placed, got, len(f.Places)-1, want[f.Secret.Reveal()])
			}
		}
	}
}
