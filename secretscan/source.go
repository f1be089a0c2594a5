package secretscan

import (
	"context"
	"io"

	"keysweep/finding"
)

// Source is where content comes from. Package source has the ones there are.
type Source interface {
	// Walk hands everything there is to look at to sink, and tells it what is left out and what could not be looked at. It
	// returns an error only if it could not go on at all: the run is then a failure; what was handed over is still scanned
	// and reported. It stops soon after ctx is done.
	Walk(ctx context.Context, sink Sink) error
}

// Sink takes what a Source has. Its methods may be called from several goroutines at once.
type Sink interface {
	// Blob queues one unit of content; it blocks while the scanners are busy and fails once the run is cancelled. The
	// receiver owns Data from here on. What is to be opened, and is not Deferred, is scanned before Blob returns: a source that has
	// many files hands them over on several goroutines.
	Blob(Blob) error
	// Scanner returns what a source scans content with that comes up on its own goroutines, one for each of them.
	Scanner() Scanner
	// Suspects reports whether a rule about names of files alone may be about a path that ends with a name. No is certain.
	Suspects(name []byte) bool
	// Name files what those rules say about b.Path. Blob does it by itself, for content that it gets with a path.
	Name(b Blob)
	// Expect adds to the totals that progress is measured against.
	Expect(blobs, bytes int64)
	// Commits adds to the number of commits covered.
	Commits(n int64)
	// Skip counts something that is left out on purpose. reason is a few words in the plural that name a kind, and is the
	// same for all of that kind: "devices, sockets and FIFOs".
	Skip(reason, path string)
	// Problem records a place that should have been looked at and could not be.
	Problem(finding.Problem)
	// Troubled reports whether there has been a Problem so far, of the source's or of scanning.
	Troubled() bool
	// Entered names a submodule or nested repository that is part of what was looked at.
	Entered(path string)
}

// Blob is one unit of content.
type Blob struct {
	Kind   finding.Kind
	Path   string // that path rules and allowlists are tried on: slash-separated, relative to the repository or the target; of a container's member: MemberPath
	Shown  string // the path that reports show where it differs from Path; "" is the same
	Object string // git's object id; "" outside git
	Size   int64  // bytes, as far as known; only for progress
	// Deferred says that paths and commits are given later, by the source's Resolver: all rules are tried, none is judged yet.
	Deferred bool
	// Data is the content if it is in memory already; otherwise Open is called, by the goroutine that scans, and whatever it
	// returns is read to the end and closed. An error of either, or of Close, is a Problem.
	Data []byte
	Open func() (io.ReadCloser, error)
}

// Whole is what Blob.Open may return to spare a copy: content that is in memory already.
type Whole interface {
	// Whole returns all of the content if it is at hand and nothing of it was read yet; then nobody reads. The bytes stay as they are
	// until Close.
	Whole() ([]byte, bool)
}

// Resolver is a Source that hands over deferred blobs: after Walk it gives the ones in which something was found their paths
// and commits.
type Resolver interface {
	// Resolve is called once, after Walk, with the deferred blobs that hold candidates, ordered by object id. For each place
	// it calls court.Keep and then court.Emit.
	Resolve(ctx context.Context, found []Found, sink Sink, court Court) error
}

// Found is a deferred blob's candidates.
type Found struct {
	Blob       Blob // without Data
	Candidates []Candidate
}

// Court judges candidates at places. Its methods may be called from several goroutines at once.
type Court interface {
	// Scan finds the candidates of other content, such as an older version of a file.
	Scan(data []byte) []Candidate
	// Keep returns those of the candidates that count at a path and commit, after path rules, allowlists, precedence between
	// rules, and required rules. Both may be "". The result is a new slice.
	Keep(candidates []Candidate, path, commit string) []Candidate
	// Emit reports a kept candidate at a place. Rule, Span, Excerpt and Match of the place are filled in from the candidate.
	Emit(Candidate, finding.Place)
}

// SkipError is what Blob.Open returns to say, once it has looked, that the blob is left out on purpose.
type SkipError struct {
	Reason string // as for Sink.Skip
}

// Error returns the reason.
func (e *SkipError) Error() string { return "left out: " + e.Reason }
