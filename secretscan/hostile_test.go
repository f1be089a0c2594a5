package secretscan_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"keysweep/finding"
	"keysweep/secretscan"
)

// hostile returns contents of a size that are meant to cost much: one line each, or nearly.
func hostile(size int) map[string][]byte {
	rnd := rand.New(rand.NewPCG(1, 9))
	letters := func(n int, alphabet string) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = alphabet[rnd.IntN(len(alphabet))]
		}
		return string(b)
	}
	const base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	fill := func(part func() string) []byte {
		var b bytes.Buffer
		for b.Len() < size {
			b.WriteString(part())
		}
		return b.Bytes()
	}
	same := func(s string) func() string { return func() string { return s } }
	aws := func() string { return "AK" + "IA" + letters(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") + " " }
	return map[string][]byte{
		"key=":           fill(same("key=")),
		"base64":         fill(func() string { return letters(100, base64) }),
		"ey":             fill(same("ey")),
		"eyJ":            fill(same("eyJ.")),
		"headers":        fill(same("-----BEGIN PRIVATE " + "KEY-----")),
		"curl":           fill(same("curl -H ")),
		"one allow":      fill(same("gitleaks:allow ")),
		"allow rules":    fill(func() string { return "keysweep:allow=r" + letters(6, base64[:26]) + " " }),
		"begin":          fill(same("keysweep:allow-begin ")),
		"allow and keys": fill(func() string { return "keysweep:allow=r" + letters(4, base64[:26]) + " " + aws() }),
		"aws":            fill(aws),
		"aws twice":      fill(same(aws())),
		"generic":        fill(func() string { return "api_key = \"" + letters(30, base64[:62]) + "\" " }),
		"generic aws":    fill(func() string { return "secret_key = \"" + letters(30, base64[:62]) + "\" " + aws() }),
		"slack":          fill(func() string { return "xo" + "xb-" + letters(12, "0123456789") + "-" + letters(12, "0123456789") + " " }),
		"keywords":       fill(same("okta sentry twitter adafruit secret token password ")),
		"kelvin":         fill(same("\u212a\u0130\u017f")),
		"invalid":        fill(same("\xff\xe2\x84")),
		"newlines":       fill(same("\n")),
		"lines":          fill(func() string { return "x\ny\n" + aws() }),
		"comments":       fill(same("# keysweep:allow\n")),
		"signs":          fill(same("####### ")),
	}
}

// TestHostileCost counts what is given to regexps: four times the content may cost four times as much and no more.
func TestHostileCost(t *testing.T) {
	e := defaultEngine(t)
	small, large := hostile(1<<15), hostile(1<<17)
	for name := range small {
		one, four := e.Cost(small[name]), e.Cost(large[name])
		if four > 5*one+1<<20 {
			t.Errorf("%s: %d bytes for %d, %d for %d", name, one, len(small[name]), four, len(large[name]))
		}
	}
}

// TestHostileContent scans them as a whole: what is quadratic in the number of matches or comments would not come to an end.
func TestHostileContent(t *testing.T) {
	e := defaultEngine(t)
	for name, content := range hostile(1 << 17) {
		n := len(e.Keep(e.Scan(content), "one-line.txt", ""))
		if named := strings.Contains(name, "aws") || name == "slack"; named && n == 0 {
			t.Errorf("%s: nothing found", name)
		}
	}
}

// repeated reads a part again and again.
type repeated struct {
	part []byte
	left int64
	at   int
}

func (r *repeated) Read(p []byte) (int, error) {
	if r.left <= 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(int64(len(p)), r.left)], r.part[r.at:])
	r.at = (r.at + n) % len(r.part)
	r.left -= int64(n)
	return n, nil
}

func (r *repeated) Close() error { return nil }

// blobs is a source that hands over what it holds.
type blobs []secretscan.Blob

func (b blobs) Walk(_ context.Context, sink secretscan.Sink) error {
	for _, blob := range b {
		if err := sink.Blob(blob); err != nil {
			return err
		}
	}
	return nil
}

// TestMemory streams much more than fits into the memory that is granted: 64 MB, or as many as KEYSWEEP_STREAM_MB says.
func TestMemory(t *testing.T) {
	size := int64(64)
	if s := os.Getenv("KEYSWEEP_STREAM_MB"); s != "" {
		if _, err := fmt.Sscan(s, &size); err != nil {
			t.Fatal(err)
		}
	}
	part := bytes.Repeat([]byte("some words of text, nothing more, "), 1000)
	part = append(part, "AK"+"IA"+"QYLPMN5HFIQR7XYA gitleaks:allow keysweep:allow=x "...)
	e := defaultEngine(t)
	var most atomic.Uint64
	src := blobs{{Path: "large.txt", Open: func() (io.ReadCloser, error) {
		return &watched{repeated{part: part, left: size << 20}, &most, 0}, nil
	}}}
	res, err := secretscan.Run(context.Background(), e, src, secretscan.Options{Workers: 1})
	if err != nil || len(res.Problems) > 0 {
		t.Fatal(err, res.Problems)
	}
	if len(res.Suppressed) == 0 || res.Coverage.Bytes != size<<20 {
		t.Errorf("%d suppressed, %d bytes", len(res.Suppressed), res.Coverage.Bytes)
	}
	const granted = 300 << 20
	if most.Load() > granted {
		t.Errorf("%d bytes of memory for %d MB", most.Load(), size)
	}
}

// watched is a reader that looks at the memory in use from time to time.
type watched struct {
	repeated
	most *atomic.Uint64
	n    int
}

func (w *watched) Read(p []byte) (int, error) {
	if w.n++; w.n%500 == 0 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		w.most.Store(max(w.most.Load(), m.HeapInuse))
	}
	return w.repeated.Read(p)
}

// TestManyWindows takes expressions whose windows overlap so much that the engine stops using them.
func TestManyWindows(t *testing.T) {
	noise := strings.Repeat("abc key abcd\n", 3000)
	for _, expr := range []string{`abc[\s\S]*?key\d`, `[a-z]{0,5}?abc[^x]*key`, `(?:key|abc)[^;]+;`, `abc(?s:.*)z\b`, `\Babc[\s\S]{20,}\z`} {
		e, err := secretscan.Compile(secretscan.Ruleset{Rules: []secretscan.Rule{{ID: "wide", Regex: expr}}})
		if err != nil {
			t.Fatal(err)
		}
		for _, content := range []string{noise, noise + "key7", "key7;" + noise + ";" + noise[:4000] + "key1 z abc", "xabc" + noise} {
			want := regexp.MustCompile(expr).FindAllStringIndex(content, -1)
			got := e.Scan([]byte(content))
			if len(got) != len(want) {
				t.Errorf("%q: %d matches, want %d", expr, len(got), len(want))
				continue
			}
			for i := range got {
				if got[i].Offset != int64(want[i][0]) || len(got[i].Secret.Reveal()) != len(strings.Trim(content[want[i][0]:want[i][1]], "\n")) {
					t.Errorf("%q: match %d at %d, want %v", expr, i, got[i].Offset, want[i])
				}
			}
		}
	}
}

// TestLimitsAreProblems goes over each limit of what is kept.
func TestLimitsAreProblems(t *testing.T) {
	e, err := secretscan.Compile(secretscan.Ruleset{Rules: []secretscan.Rule{{ID: "n", Regex: `key\d+`}}})
	if err != nil {
		t.Fatal(err)
	}
	different := func(n int, after string) []byte {
		var b bytes.Buffer
		for i := range n {
			fmt.Fprintf(&b, "key%d%s", i, after)
		}
		return b.Bytes()
	}
	run := func(src secretscan.Source) secretscan.Result {
		res, err := secretscan.Run(context.Background(), e, src, secretscan.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	check := func(res secretscan.Result, what, lost string) {
		t.Helper()
		for _, p := range res.Problems {
			if strings.Contains(p.Where, what) && strings.HasPrefix(p.Err, lost) {
				return
			}
		}
		t.Errorf("no problem about %q and %q in %v", what, lost, res.Problems)
	}
	res := run(blobs{{Path: "a", Data: different(100_005, "\n")}})
	if check(res, "100000 different secrets", "5 more"); len(res.Findings) != 100_000 {
		t.Errorf("%d findings", len(res.Findings))
	}
	check(run(blobs{{Path: "a", Data: different(100_007, " gitleaks:allow\n")}}), "suppressed", "7 more")
	check(run(later{blobs{{Object: "1234", Deferred: true, Data: different(100_009, "\n")}}}), "object 1234", "9 more")

	res = run(blobs{{Path: "b", Data: bytes.Repeat([]byte("key1\n"), 5000)}})
	if len(res.Findings) != 1 || len(res.Findings[0].Places) != 1000 || res.Findings[0].MorePlaces != 4000 {
		t.Fatalf("%d findings", len(res.Findings))
	}
	if last := res.Findings[0].Places[999]; last.Span.Start.Line != 1000 {
		t.Errorf("the last place is in line %d", last.Span.Start.Line)
	}
	res = run(failing(12_000))
	check(res, "more than 10000 problems", "2000 more")
}

// failing is a source of as many blobs that cannot be opened.
type failing int

func (f failing) Walk(_ context.Context, sink secretscan.Sink) error {
	for i := range f {
		name := fmt.Sprint("f", i)
		sink.Problem(finding.Problem{Where: name, Op: "list", Err: errors.ErrUnsupported.Error()})
	}
	return nil
}

// later is a source that gives its blobs their places after the walk.
type later struct{ blobs }

func (later) Resolve(_ context.Context, found []secretscan.Found, _ secretscan.Sink, court secretscan.Court) error {
	for _, f := range found {
		for _, c := range court.Keep(f.Candidates, "path", "commit") {
			court.Emit(c, finding.Place{Kind: finding.KindBlob, Path: "path", Object: f.Blob.Object})
		}
	}
	return nil
}
