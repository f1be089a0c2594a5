package secretscan

import (
	"sync/atomic"

	"keysweep/finding"
)

// Options say how a run goes. The zero value is a sensible default.
type Options struct {
	Workers     int    // goroutines that scan; 0: one per processor
	Salt        []byte // for fingerprints
	IgnoreAllow bool   // allow comments have no force
	Counters    *Counters
}

// Counters tell how far a run has come; they may be read while it goes on.
type Counters struct {
	Blobs, Bytes           atomic.Int64
	BlobsTotal, BytesTotal atomic.Int64 // as far as known
	Findings               atomic.Int64
}

// Result is what a run found and what it covered. Elapsed, Root and Source of the coverage are the caller's to fill in.
type Result struct {
	Findings   []finding.Finding
	Suppressed []finding.Suppressed
	Notices    []finding.Notice
	Problems   []finding.Problem
	Coverage   finding.Coverage
}
