package filestore

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"keysweep/rotation"
)

// many is how many credentials the benchmarks have.
const many = 10_000

func credential(i int) rotation.Record {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return rotation.Record{
		Kind: rotation.KindAPI, Name: fmt.Sprintf("SERVICE_%d_TOKEN", i), Service: "billing", Env: "prod", Owner: "payments team", Provider: "gitlab",
		Purpose: "reads the list of invoices for the monthly report", Account: fmt.Sprint("token ", i),
		URL: "https://gitlab.example.org/-/user_settings/personal_access_tokens", Mark: fmt.Sprintf("%032x", i),
		Evidence: []rotation.Evidence{{Source: "provider", At: at}, {Source: "stated by owner", At: at, Detail: strings.Repeat("d", 30)}},
		Expires:  at.AddDate(0, 3, 0),
	}
}

// large makes a ledger of many credentials, and returns its passphrase. The work factor is the usual one.
func large(b *testing.B) (Options, []byte) {
	b.Helper()
	dir, secret := b.TempDir(), []byte("benchmark")
	o := Options{Dir: filepath.Join(dir, "ledger"), Anchor: filepath.Join(dir, "anchor.json")}
	s, err := Create(b.Context(), o, secret)
	if err != nil {
		b.Fatal(err)
	}
	l := rotation.Open(s, "desk", time.Now)
	err = l.Do(b.Context(), func(tx *rotation.Tx) error {
		for i := range many {
			if _, err := tx.Add(credential(i)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return o, secret
}

// BenchmarkLarge has the figures of a ledger with ten thousand credentials.
func BenchmarkLarge(b *testing.B) {
	o, secret := large(b)
	s, err := Open(b.Context(), o, secret)
	if err != nil {
		b.Fatal(err)
	}
	l := rotation.Open(s, "desk", time.Now)
	b.Run("OpenAndRecords", func(b *testing.B) { // scrypt too
		for b.Loop() {
			s, err := Open(b.Context(), o, secret)
			if err != nil {
				b.Fatal(err)
			}
			if all, err := rotation.Open(s, "desk", time.Now).Records(b.Context()); err != nil || len(all) < many {
				b.Fatal(len(all), err)
			}
		}
	})
	b.Run("Records", func(b *testing.B) {
		for b.Loop() {
			if _, err := l.Records(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("State", func(b *testing.B) {
		for b.Loop() {
			if _, err := l.State(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	n := many
	b.Run("Add", func(b *testing.B) {
		for b.Loop() {
			n++
			if _, err := l.Add(b.Context(), credential(n)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
