package source

import (
	"context"

	"keysweep/secretscan"
)

// Narrow returns src with only those of its places whose paths the filter chooses. Content that comes without a path, such as a
// commit's message, stays. It is for sources that do not take a filter themselves.
func Narrow(src secretscan.Source, filter *Filter) secretscan.Source {
	return &narrowed{src, filter}
}

type narrowed struct {
	src    secretscan.Source
	filter *Filter
}

// Walk implements secretscan.Source.
func (n *narrowed) Walk(ctx context.Context, sink secretscan.Sink) error {
	return n.src.Walk(ctx, narrowedSink{sink, n.filter})
}

// Resolve implements secretscan.Resolver.
func (n *narrowed) Resolve(ctx context.Context, found []secretscan.Found, sink secretscan.Sink, court secretscan.Court) error {
	if r, ok := n.src.(secretscan.Resolver); ok {
		return r.Resolve(ctx, found, sink, narrowedCourt{court, n.filter})
	}
	return nil
}

type narrowedSink struct {
	secretscan.Sink
	filter *Filter
}

// Blob passes on what the filter chooses. The path of deferred content is only one of several, so that is passed on too.
func (s narrowedSink) Blob(b secretscan.Blob) error {
	if !s.chooses(b) {
		return nil
	}
	return s.Sink.Blob(b)
}

func (s narrowedSink) chooses(b secretscan.Blob) bool {
	if b.Deferred || b.Path == "" {
		return true
	}
	chosen, reason := s.filter.File(b.Path)
	if !chosen {
		s.Skip(reason, b.Path)
	}
	return chosen
}

// Scanner is for what Blob is for.
func (s narrowedSink) Scanner() secretscan.Scanner { return narrowedScanner{s.Sink.Scanner(), s} }

// Name is for what Blob is for.
func (s narrowedSink) Name(b secretscan.Blob) {
	if s.chooses(b) {
		s.Sink.Name(b)
	}
}

type narrowedScanner struct {
	next secretscan.Scanner
	sink narrowedSink
}

// Scan passes on what the filter chooses. What is left out leaves no trace.
func (s narrowedScanner) Scan(b secretscan.Blob, base *secretscan.Trace, copies []secretscan.Copy) *secretscan.Trace {
	if !s.sink.chooses(b) {
		return nil
	}
	return s.next.Scan(b, base, copies)
}

type narrowedCourt struct {
	secretscan.Court
	filter *Filter
}

// Keep keeps nothing at a path that the filter does not choose.
func (c narrowedCourt) Keep(list []secretscan.Candidate, path, commit string) []secretscan.Candidate {
	if path != "" {
		if chosen, _ := c.filter.File(path); !chosen {
			return nil
		}
	}
	return c.Court.Keep(list, path, commit)
}
