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
