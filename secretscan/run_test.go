package secretscan_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	"keysweep/finding"
	"keysweep/secretscan"
)

// TestRunIsTheSameEveryTime runs many blobs with many workers, over the limit of a secret's places too.
func TestRunIsTheSameEveryTime(t *testing.T) {
	var src blobs
	for i := range 1500 {
		src = append(src, secretscan.Blob{Kind: finding.KindFile, Path: fmt.Sprintf("d/%d.txt", i), Data: fmt.Appendf(nil, "key7 x\nkey%d gitleaks"+":allow\nbegin%dend.\nkey7", i, i%7)})
	}
	var first secretscan.Result
	for n := range 4 {
		res, err := secretscan.Run(context.Background(), keyEngine(t), src, secretscan.Options{Workers: 1 + 3*n, Salt: func() []byte { return []byte("s") }})
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			first = res
		} else if !reflect.DeepEqual(first, res) {
			t.Fatalf("with %d workers another result", 1+3*n)
		}
	}
	if len(first.Findings) != 8 || len(first.Suppressed) != 1500 {
		t.Errorf("%d findings, %d suppressed", len(first.Findings), len(first.Suppressed))
	}
}

// cancelling is a source that cancels its own run at the step at which it is told to.
type cancelling struct {
	cancel context.CancelCauseFunc
	at     int64
	step   *atomic.Int64
}

var errStop = errors.New("stop")

func (c cancelling) tick() {
	if c.step.Add(1) == c.at {
		c.cancel(errStop)
	}
}

func (c cancelling) Walk(ctx context.Context, sink secretscan.Sink) error {
	for i := range 20 {
		c.tick()
		b := secretscan.Blob{Object: fmt.Sprint(i), Deferred: i%2 == 0, Path: "p", Data: []byte(key)}
		if i%3 == 0 {
			b.Open = func() (io.ReadCloser, error) {
				c.tick()
				return io.NopCloser(readerFunc(func(p []byte) (int, error) { c.tick(); return copy(p, key), io.EOF })), nil
			}
		}
		if err := sink.Blob(b); err != nil {
			return err
		}
	}
	c.tick()
	return nil
}

func (c cancelling) Resolve(ctx context.Context, found []secretscan.Found, _ secretscan.Sink, court secretscan.Court) error {
	for _, f := range found {
		if c.tick(); ctx.Err() != nil {
			return ctx.Err()
		}
		for _, k := range court.Keep(f.Candidates, "p", "") {
			court.Emit(k, finding.Place{Path: "p" + f.Blob.Object})
		}
	}
	return nil
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestCancelledAtAnyMoment stops a run at each of its steps: it must end, say why, and take no interruption for a problem.
func TestCancelledAtAnyMoment(t *testing.T) {
	e := keyEngine(t)
	for at := int64(0); at < 50; at++ {
		ctx, cancel := context.WithCancelCause(context.Background())
		src := cancelling{cancel, at, new(atomic.Int64)}
		res, err := secretscan.Run(ctx, e, src, secretscan.Options{Workers: 2})
		if at > 0 && at <= src.step.Load() != errors.Is(err, errStop) {
			t.Errorf("cancelled at step %d of %d: %v", at, src.step.Load(), err)
		}
		if len(res.Problems) > 0 {
			t.Errorf("step %d: %v", at, res.Problems)
		}
		if err == nil && len(res.Findings) != 1 {
			t.Errorf("step %d: %d findings", at, len(res.Findings))
		}
		cancel(nil)
	}
}

type closer struct {
	io.Reader
	err error
}

func (c closer) Close() error { return c.err }

func TestProblemsAndSkips(t *testing.T) {
	broken := errors.New("broken")
	own := finding.Problem{Where: "w", Op: "open", Err: "e", Hint: "h"}
	open := func(r io.Reader, closing, opening error) func() (io.ReadCloser, error) {
		return func() (io.ReadCloser, error) {
			if opening != nil {
				return nil, opening
			}
			return closer{r, closing}, nil
		}
	}
	skip := &secretscan.SkipError{Reason: "binary files"}
	src := blobs{
		{Path: "open", Open: open(nil, nil, broken)},
		{Path: "close", Open: open(strings.NewReader(key), broken, nil)},
		{Path: "a", Open: open(nil, nil, skip)},
		{Path: "b", Open: open(nil, nil, fmt.Errorf("looking: %w", skip))},
		{Path: "own", Open: open(nil, nil, &secretscan.ProblemError{Problem: own})},
		{Path: "fine", Data: []byte(key)},
	}
	res, err := secretscan.Run(context.Background(), keyEngine(t), src, secretscan.Options{Workers: 3})
	want := []finding.Problem{{Where: "close", Op: "read", Err: "broken"}, {Where: "open", Op: "read", Err: "broken"}, own}
	if err != nil || !reflect.DeepEqual(res.Problems, want) {
		t.Errorf("problems %v, error %v", res.Problems, err)
	}
	if skipped := []finding.Skip{{Reason: "binary files", Count: 2, Paths: []string{"a", "b"}}}; !reflect.DeepEqual(res.Coverage.Skipped, skipped) {
		t.Errorf("skipped %v", res.Coverage.Skipped)
	}
	if res.Coverage.Files != 1 || len(res.Findings) != 1 || len(res.Findings[0].Places) != 2 {
		t.Errorf("%+v", res)
	}
}

func TestNames(t *testing.T) {
	e, err := secretscan.Compile(secretscan.Ruleset{Path: ".keys.toml", Rules: []secretscan.Rule{
		{ID: "pfx", Path: `\.pfx$`, Allowlists: []secretscan.Allowlist{{Paths: []string{`^test/`}}}},
		{ID: "keys", Regex: `key\d+`},
	}})
	if err != nil {
		t.Fatal(err)
	}
	src := blobs{{Path: "a.pfx", Data: []byte("x")}, {Path: "b.pfx", Data: []byte("x")}, {Path: "test/c.pfx", Data: []byte("x")},
		{Path: ".keys.toml", Data: []byte(key)}}
	res, err := secretscan.Run(context.Background(), e, src, secretscan.Options{})
	if err != nil || len(res.Findings) != 2 || res.Findings[0].Fingerprint == res.Findings[1].Fingerprint {
		t.Fatalf("%+v, %v", res.Findings, err)
	}
	for i, path := range []string{"a.pfx", "b.pfx"} {
		if f := res.Findings[i]; f.Places[0].Path != path || f.Rules[0] != "pfx" || !f.Secret.IsZero() || f.Places[0].Span != (finding.Span{}) {
			t.Errorf("%+v", f)
		}
	}
}

// TestSubjectsAreMasked: the subject of a commit is shown with findings, and one secret can be a part of another.
func TestSubjectsAreMasked(t *testing.T) {
	src := messages{"add key1 and key12345 and key123"}
	res, err := secretscan.Run(context.Background(), keyEngine(t), src, secretscan.Options{})
	if err != nil || len(res.Findings) != 3 {
		t.Fatalf("%+v, %v", res, err)
	}
	if got := res.Findings[0].Places[0].Commit.Subject; got != "add REDACTED and REDACTED and REDACTED" {
		t.Errorf("subject %q", got)
	}
}

type messages []string

func (m messages) Walk(_ context.Context, sink secretscan.Sink) error {
	for i, text := range m {
		if err := sink.Blob(secretscan.Blob{Object: fmt.Sprint(i), Deferred: true, Data: []byte(text)}); err != nil {
			return err
		}
	}
	return nil
}

func (m messages) Resolve(_ context.Context, found []secretscan.Found, _ secretscan.Sink, court secretscan.Court) error {
	for _, f := range found {
		commit := &finding.Commit{ID: f.Blob.Object, Subject: m[0]}
		for _, c := range court.Keep(f.Candidates, "", f.Blob.Object) {
			court.Emit(c, finding.Place{Kind: finding.KindMessage, Commit: commit})
		}
	}
	return nil
}

// TestPrecedenceOnOneLine has more secrets on a line than are compared one by one.
func TestPrecedenceOnOneLine(t *testing.T) {
	e, err := secretscan.Compile(secretscan.Ruleset{Rules: []secretscan.Rule{{ID: "specific", Regex: `key(\d+)`}, {ID: "generic", Regex: `[ky](?:ey)?(\d+)`}}})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for i := range 500 {
		fmt.Fprintf(&b, "key1%03d y1%03d y%d\x00 ", i, i, 20_000+i)
	}
	want := 0
	for range 500 {
		want += 2 // the specific one, and the generic one that it does not hold
	}
	if got := e.Keep(e.Scan([]byte(b.String())), "", ""); len(got) != want {
		t.Errorf("%d kept, want %d", len(got), want)
	}
}
