package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"time"

	"keysweep/finding"
	"keysweep/internal/unpack"
	"keysweep/secretscan"
)

// Archives say how far containers are opened: archives, compressed files, documents, databases. The zero value means not at all.
//
// What is in one is handed over as if it were a file of its own, with Blob.Path and Blob.Shown of the form "a.zip!dir/file". What
// is left out because of a limit, damage or a password is a Problem.
type Archives struct {
	unpack.Limits               // Depth 0: none is opened
	Time          time.Duration // for one outermost container; 0: no limit
}

// DefaultArchives returns the limits for trees that someone else may have made.
func DefaultArchives() Archives {
	return Archives{Limits: unpack.DefaultLimits(), Time: 10 * time.Minute}
}

// open reports whether containers are opened.
func (a *Archives) open() bool { return a.Depth > 0 }

// walk goes through a container. o is what v tells Left.
func (a *Archives) walk(ctx context.Context, in unpack.Input, v unpack.Visitor, o *opener) error {
	if a.Time > 0 {
		cause := &unpack.Error{Reason: unpack.TimedOut, Text: "unpacking it takes more than " + a.Time.String() + ": what follows in it is left out"}
		limited, cancel := context.WithTimeoutCause(ctx, a.Time, cause)
		defer cancel()
		err := unpack.Walk(limited, in, a.Limits, v)
		o.summarize()
		return err
	}
	err := unpack.Walk(ctx, in, a.Limits, v)
	o.summarize()
	return err
}

// leftNamed is how many members of a container are named that could not be looked at; the others are counted.
const leftNamed = 20

// opener hands over what is in a container.
type opener struct {
	sink  secretscan.Sink
	kind  finding.Kind
	path  string // of the container
	shown string // the same for people
	left  int
}

// Member implements unpack.Visitor. The container itself was handed over before, if it may show something as it is.
func (o *opener) Member(m *unpack.Member) error {
	if m.Path == "" {
		return nil
	}
	b := secretscan.Blob{Kind: o.kind, Path: secretscan.MemberPath(o.path, m.Path)}
	shown := o.shown + "!" + m.Path
	if o.shown != o.path {
		b.Shown = shown
	}
	b.Open = func() (io.ReadCloser, error) {
		if reason := hidden(m.Head()); reason != "" {
			return nil, &secretscan.SkipError{Reason: reason}
		}
		return &memberReader{Member: m, shown: shown}, nil
	}
	o.sink.Expect(1, 0)
	return o.sink.Blob(b)
}

// Left implements unpack.Visitor.
func (o *opener) Left(member string, err *unpack.Error) {
	if o.left++; o.left > leftNamed {
		return
	}
	shown := o.shown
	if member != "" {
		shown += "!" + member
	}
	o.sink.Problem(unpackError(shown, err).Problem)
}

// summarize tells how many members were not named.
func (o *opener) summarize() {
	if more := o.left - leftNamed; more > 0 {
		o.sink.Problem(finding.Problem{Where: o.shown, Op: "unpack", Err: fmt.Sprintf("%d more of its members were left out", more)})
	}
}

// memberReader reads a member for the scanner.
type memberReader struct {
	*unpack.Member
	shown string
}

func (r *memberReader) Read(p []byte) (int, error) {
	n, err := r.Member.Read(p)
	if err != nil && err != io.EOF { // one that wraps it is a failure
		if e, ok := err.(*unpack.Error); ok {
			return n, unpackError(r.shown, e)
		}
		return n, problemError("unpack", r.shown, err)
	}
	return n, err
}

func (r *memberReader) Close() error { return nil }

// unpackError tells what was not looked at, and what to do about it.
func unpackError(shown string, e *unpack.Error) *secretscan.ProblemError {
	if e.Reason == unpack.Unreadable {
		var told *secretscan.ProblemError
		if errors.As(e, &told) {
			return told
		}
		return problemError("read", shown, e.Unwrap())
	}
	return &secretscan.ProblemError{Problem: finding.Problem{Where: shown, Op: "unpack", Err: e.Text, Hint: unpackHint(e.Reason)}}
}

func unpackHint(r unpack.Reason) string {
	const byHand = "unpack it yourself and scan what comes out, or leave it out with --exclude"
	switch r {
	case unpack.TooDeep:
		return "raise --archives=DEPTH, or leave it out with --exclude"
	case unpack.TooLarge:
		return "raise --archive-size, or leave it out with --exclude"
	case unpack.TooDense:
		return "if it is no bomb, raise --archive-ratio; else leave it out with --exclude"
	case unpack.TooMany:
		return "raise --archive-members, or leave it out with --exclude"
	case unpack.TimedOut:
		return "raise --archive-time, or leave it out with --exclude"
	case unpack.Damaged:
		return "if it should be sound, fetch it again; else leave it out with --exclude"
	}
	return byHand
}

// documented reports whether files with this name are documents that gitleaks' configuration leaves out because of what their bytes
// look like. What is in them is text.
func documented(name string) bool {
	switch path.Ext(name) {
	case ".docx", ".xlsx", ".pdf", ".DOCX", ".XLSX", ".PDF":
		return true
	}
	return false
}
