package report

import (
	"fmt"
	"io"
	"testing"
	"time"
)

// BenchmarkTableJSON writes what rotate-due --format json --all does for ten thousand credentials.
func BenchmarkTableJSON(b *testing.B) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	d := &Due{GeneratedAt: at, AsOf: at, All: true}
	for i := range 10_000 {
		name := fmt.Sprintf("prod/SERVICE_%d_TOKEN", i)
		d.Items = append(d.Items, DueItem{State: "ok", Kind: "api-key", ID: fmt.Sprintf("%032x", i), Name: name, Shown: name, Env: "prod", Owner: "payments team",
			Service: "billing", Provider: "gitlab", Machine: "desk", Tracked: true, Created: at, Exact: true, Evidence: "provider", Age: 12, Due: at, Why: "90 days"})
	}
	for b.Loop() {
		if err := WriteDue(io.Discard, "json", d, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
