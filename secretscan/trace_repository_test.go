package secretscan_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"keysweep/internal/odb"
	"keysweep/secretscan"
)

// tracedWalk holds scanning with traces, along the deltas of a repository, against scanning each blob whole.
type tracedWalk struct {
	t                              *testing.T
	engine                         *secretscan.Engine
	blobs, deltas, bytes, looked   atomic.Int64
	spots, carried, loud, untraced atomic.Int64
}

type tracedWorker struct {
	walk    *tracedWalk
	tracing *secretscan.Tracing
}

func (w tracedWorker) Visit(o *odb.Object) (any, error) {
	base, _ := o.Base.(*secretscan.Trace) // nil for what is no delta
	found, trace := w.tracing.Scan(o.Data, base, o.Copies)
	if d := difference(w.walk.engine.Scan(o.Data), found); d != "" {
		return nil, fmt.Errorf("%s: %s", o.ID, d)
	}
	w.count(o, base, trace, len(found))
	return trace, nil
}

func (w tracedWorker) count(o *odb.Object, base, trace *secretscan.Trace, found int) {
	looked, carried := w.tracing.Looked()
	w.walk.blobs.Add(1)
	w.walk.bytes.Add(int64(len(o.Data)))
	w.walk.looked.Add(int64(looked))
	w.walk.carried.Add(int64(carried))
	w.walk.spots.Add(int64(len(trace.Spots())))
	if base != nil {
		w.walk.deltas.Add(1)
	}
	if found > 0 {
		w.walk.loud.Add(1)
	}
	if trace == nil {
		w.walk.untraced.Add(1)
	}
}

func (w tracedWorker) Failed(id odb.ID, _ uint32, err error) { w.walk.t.Logf("%s: %v", id, err) }

// TestTracesOfRepository is about every blob of the repository that KEYSWEEP_DIFF_REPO names, or of a small one.
func TestTracesOfRepository(t *testing.T) {
	repo := os.Getenv("KEYSWEEP_DIFF_REPO")
	if repo == "" {
		repo = packedRepository(t)
	}
	out, err := exec.Command("git", "-C", repo, "rev-parse", "--path-format=absolute", "--git-path", "objects").Output()
	if err != nil {
		t.Fatal(err)
	}
	db, err := odb.Open(odb.Options{Dirs: []string{strings.TrimSpace(string(out))}})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	w := &tracedWalk{t: t, engine: defaultEngine(t)}
	err = db.Walk(t.Context(), odb.WalkOptions{Workers: 2,
		Skip:    func(_ uint32, kind odb.Kind) bool { return kind != odb.Blob },
		Visitor: func(int) odb.Visitor { return tracedWorker{w, w.engine.NewTracing()} }})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d blobs, %d scanned as deltas, %d with candidates, %d without a trace; %d of %d bytes looked at; %d spots, %d of them carried over",
		w.blobs.Load(), w.deltas.Load(), w.loud.Load(), w.untraced.Load(), w.looked.Load(), w.bytes.Load(), w.spots.Load(), w.carried.Load())
	if w.deltas.Load() == 0 || w.loud.Load() == 0 {
		t.Error("no deltas, or nothing found: this says nothing")
	}
}

// packedRepository makes a repository of files that change bit by bit.
func packedRepository(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=n", "-c", "user.email=e@example.com"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	git("init", "-q")
	rnd := rand.New(rand.NewPCG(1, 25))
	text := traceText(rnd, samplePool(2))
	files := make([][]string, 6)
	for range 12 {
		for i := range files {
			at := rnd.IntN(len(files[i]) + 1)
			files[i] = append(files[i][:at:at], append([]string{text(), text(), text()}, files[i][min(len(files[i]), at+rnd.IntN(2)):]...)...)
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("f%d.txt", i)), []byte(strings.Join(files[i], "")), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		git("add", ".")
		git("commit", "-q", "-m", "more")
	}
	git("repack", "-q", "-a", "-d", "-f", "--depth=50")
	return dir
}
