package labelled

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"keysweep/finding"
	"keysweep/secretscan"
)

// Scan has an engine look at every row's line as a file "x"+Ext, and returns the hits of each: the findings that a scan of that file would
// report, before baselines and allow comments, if it reports those of at least a confidence. The confidence is the hit's score.
func Scan(ctx context.Context, e *secretscan.Engine, rows []Row, least finding.Confidence) ([][]Hit, error) {
	source := &lines{rows: rows, hits: make([][]Hit, len(rows)), least: least}
	result, err := secretscan.Run(ctx, e, source, secretscan.Options{IgnoreAllow: true})
	if err == nil && len(result.Problems) > 0 {
		err = fmt.Errorf("scan labelled lines: record %s: %s", result.Problems[0].Where, result.Problems[0].Err)
	}
	return source.hits, err
}

// lines is the source of a scan of rows. Each is a blob of its own whose object is the row's index.
type lines struct {
	rows  []Row
	hits  [][]Hit
	least finding.Confidence
}

// Walk implements secretscan.Source.
func (l *lines) Walk(_ context.Context, sink secretscan.Sink) error {
	for i := range l.rows {
		blob := secretscan.Blob{Object: strconv.Itoa(i), Data: []byte(l.rows[i].Line), Deferred: true}
		if err := sink.Blob(blob); err != nil {
			return err
		}
	}
	return nil
}

// Resolve implements secretscan.Resolver.
func (l *lines) Resolve(_ context.Context, found []secretscan.Found, _ secretscan.Sink, court secretscan.Court) error {
	for _, f := range found {
		i, err := strconv.Atoi(f.Blob.Object)
		if err != nil || i < 0 || i >= len(l.rows) {
			return fmt.Errorf("scan labelled lines: there is no row %q", f.Blob.Object)
		}
		row := &l.rows[i]
		for _, c := range court.Keep(f.Candidates, "x"+row.Ext, "") {
			if c.Confidence >= l.least {
				l.hits[i] = append(l.hits[i], hitOf(row, &c))
			}
		}
	}
	return nil
}

// hitOf tells where in a line a candidate's secret stands: where its text does, or, if that is written in another way there, the whole match.
func hitOf(row *Row, c *secretscan.Candidate) Hit {
	h := Hit{Rule: c.Rule, Score: float64(c.Confidence), Start: min(int(c.Offset), len(row.Line)), End: len(row.Line)}
	secret := c.Secret.Reveal()
	if at := strings.Index(row.Line[h.Start:], secret); at >= 0 && secret != "" {
		h.Start += at
		h.End = h.Start + len(secret)
	} else if c.Span.End.Line == 1 {
		h.End = max(h.Start, columnOffset(row.Line, c.Span.End.Column))
	}
	return h
}

// columnOffset turns a column, from 1, into an offset in bytes.
func columnOffset(s string, column int) int { return byteOffset(s, column-1) }
