package source

import (
	"keysweep/finding"
	"keysweep/secretscan"
)

// gitQuietSink swallows what is told of a second time: skips, problems and counts.
type gitQuietSink struct{ secretscan.Sink }

// Skip does nothing.
func (gitQuietSink) Skip(string, string) {}

// Problem does nothing.
func (gitQuietSink) Problem(finding.Problem) {}

// Commits does nothing.
func (gitQuietSink) Commits(int64) {}

// Expect does nothing.
func (gitQuietSink) Expect(int64, int64) {}

// gitUnsizedSink is for a source that learns only on the way how much there is: a total of what it happens to know would mislead.
type gitUnsizedSink struct{ secretscan.Sink }

// Expect does nothing.
func (gitUnsizedSink) Expect(int64, int64) {}

// gitHeldSink keeps what it is told until it is released. It is for one goroutine, and not for contents that are to be opened.
type gitHeldSink struct {
	secretscan.Sink
	told []func(secretscan.Sink) error
}

// Blob keeps b.
func (s *gitHeldSink) Blob(b secretscan.Blob) error {
	s.told = append(s.told, func(to secretscan.Sink) error { return to.Blob(b) })
	return nil
}

func (s *gitHeldSink) tell(what func(secretscan.Sink)) {
	s.told = append(s.told, func(to secretscan.Sink) error { what(to); return nil })
}

// Expect keeps the numbers.
func (s *gitHeldSink) Expect(blobs, bytes int64) {
	s.tell(func(to secretscan.Sink) { to.Expect(blobs, bytes) })
}

// Commits keeps the number.
func (s *gitHeldSink) Commits(n int64) { s.tell(func(to secretscan.Sink) { to.Commits(n) }) }

// Skip keeps what is left out.
func (s *gitHeldSink) Skip(reason, path string) {
	s.tell(func(to secretscan.Sink) { to.Skip(reason, path) })
}

// Problem keeps p.
func (s *gitHeldSink) Problem(p finding.Problem) {
	s.tell(func(to secretscan.Sink) { to.Problem(p) })
}

// release passes everything on.
func (s *gitHeldSink) release() error {
	for _, tell := range s.told {
		if err := tell(s.Sink); err != nil {
			return err
		}
	}
	s.told = nil
	return nil
}
