package collect_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"keysweep/host"
	"keysweep/host/bundle"
	"keysweep/host/live"
	"keysweep/host/observe"
	"keysweep/host/plan"
)

// quick is this machine without the programs that take seconds.
type quick struct{ host.Source }

func (q quick) Run(ctx context.Context, argv ...string) (*host.Output, error) {
	if slices.Contains([]string{"apt-get", "dnf", "fail2ban-client", "needrestart", "dpkg-query"}, argv[0]) {
		return nil, host.ErrNotRun
	}
	return q.Source.Run(ctx, argv...)
}

// recorder notes what collectors ask for, and whether that is known here.
type recorder struct {
	host.Source
	mu    sync.Mutex
	asked map[string]bool
}

func (r *recorder) note(how, name string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked[how+" "+name] = err == nil || host.Missing(err)
}

func (r *recorder) Read(name string) (*host.File, error) {
	f, err := r.Source.Read(name)
	r.note("read", name, err)
	return f, err
}

func (r *recorder) Stat(name string) (host.Info, error) {
	i, err := r.Source.Stat(name)
	r.note("stat", name, err)
	return i, err
}

func (r *recorder) Lstat(name string) (host.Info, error) {
	i, err := r.Source.Lstat(name)
	r.note("lstat", name, err)
	return i, err
}

func (r *recorder) List(name string) ([]host.Info, error) {
	l, err := r.Source.List(name)
	r.note("list", name, err)
	return l, err
}

func (r *recorder) Run(ctx context.Context, argv ...string) (*host.Output, error) {
	out, err := r.Source.Run(ctx, argv...)
	if errors.Is(err, live.ErrNotAllowed) {
		r.note("run", strings.Join(argv, " "), nil) // a bundle has no answer either
	}
	if c, ok := plan.Find(argv); ok && c.Fixed() && !errors.Is(err, host.ErrNotRun) {
		r.note("run", strings.Join(argv, " "), err)
	}
	return out, err
}

// TestAllThatIsAskedFor has the collectors look at this machine, and asks a bundle of it the same.
func TestAllThatIsAskedFor(t *testing.T) {
	source := quick{live.New(live.Options{Now: time.Now})}
	b, err := bundle.Collect(t.Context(), source, bundle.About{UID: os.Getuid()})
	must(t, err)
	r := &recorder{Source: source, asked: map[string]bool{}}
	observe.Look(t.Context(), r)
	for _, question := range slices.Sorted(maps.Keys(r.asked)) {
		how, name, _ := strings.Cut(question, " ")
		if !r.asked[question] || strings.HasPrefix(name, "/proc/") && strings.Trim(strings.Split(name, "/")[2], "0123456789") == "" { // processes come and go
			continue
		}
		switch how {
		case "read":
			_, err = b.Read(name)
		case "stat":
			_, err = b.Stat(name)
		case "lstat":
			_, err = b.Lstat(name)
		case "list":
			_, err = b.List(name)
		case "run":
			_, err = b.Run(t.Context(), strings.Fields(name)...)
		}
		if errors.Is(err, host.ErrNotCollected) && !errors.Is(err, bundle.ErrWithheld) {
			t.Errorf("%s: add it to package plan", question)
		}
	}
	if len(r.asked) < 100 {
		t.Errorf("only %d questions", len(r.asked))
	}
}
