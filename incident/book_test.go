package incident

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"keysweep/internal/chain"
	"keysweep/policy/practice"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func begin(t *testing.T, b Book, affected ...Affected) string {
	t.Helper()
	id, err := b.Start(t.Context(), Event{At: noon, By: "ann", When: noon.Add(-time.Hour), Title: "laptop <stolen>", Affected: affected})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (b Book) must(t *testing.T, id string, e Event) *Incident {
	t.Helper()
	if e.At.IsZero() {
		e.At = noon
	}
	e.By = "ann"
	i, err := b.Append(t.Context(), id, e)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// TestSteps wants each practice for incidents to be a step once.
func TestSteps(t *testing.T) {
	var want, got []string
	for _, p := range practice.All() {
		if p.Kind == practice.Incident {
			want = append(want, p.ID)
		}
	}
	phase := 0
	for _, s := range Steps() {
		got = append(got, s.ID)
		at := slices.Index(Phases(), s.Phase)
		if at < phase || s.Title == "" {
			t.Errorf("%s: phase %s comes too late, or it has no title", s.ID, s.Phase)
		}
		phase = at
		if found, ok := FindStep(s.Short()); !ok || found != s {
			t.Errorf("%s is not found by %s", s.ID, s.Short())
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		t.Errorf("steps %q, practices %q", got, want)
	}
}

func TestLife(t *testing.T) {
	b := Book{filepath.Join(t.TempDir(), "state", "incidents")}
	if ids, err := b.IDs(); err != nil || len(ids) != 0 {
		t.Fatal(ids, err)
	}
	id := begin(t, b, Affected{Kind: Key, Name: "laptop"})
	if id != "INC-2026-001" {
		t.Fatal(id)
	}
	if info, err := os.Stat(b.Path(id)); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	}
	b.must(t, id, Event{Kind: Added, Affected: []Affected{{Kind: Host, Name: "web1"}}})
	b.must(t, id, Event{Kind: Noted, Text: "seen", Tell: Client})
	b.must(t, id, Event{Kind: Blocking, Addresses: []string{"203.0.113.7"}})
	b.must(t, id, Event{Kind: Kept, File: &File{"/x", chain.Hash(nil), 0}})
	for n, s := range []string{"isolate", "password", "terminate"} {
		i := b.must(t, id, Event{Kind: Stepped, Step: "incident." + s, State: Done, When: noon.Add(time.Duration(-10*n) * time.Minute)})
		if (n == 2) == i.Contained().IsZero() {
			t.Errorf("after %s it is contained: %v", s, i.Contained())
		}
	}
	i, _, err := b.Read(id)
	if err != nil || !i.Contained().Equal(noon) || len(i.Affected) != 2 || len(i.Notes)+len(i.Blocks)+len(i.Evidence) != 3 || len(i.OpenSteps()) != 7 {
		t.Fatalf("%+v %v", i, err)
	}
	if i = b.must(t, id, Event{Kind: Stepped, Step: "incident.isolate", State: Open}); !i.Contained().IsZero() || !i.Step("incident.isolate").At.IsZero() {
		t.Error("a step that was taken back is still taken")
	}
	i = b.must(t, id, Event{Kind: Closed, Text: "cause", Actions: []string{"a", "b"}})
	if i.Closed.IsZero() || !slices.Equal(i.OpenActions(), []int{1, 2}) || i.Step(LearnStep).State != Done {
		t.Errorf("%+v", i)
	}
	if _, err := b.Append(t.Context(), id, Event{Kind: Noted, At: noon, By: "ann", Text: "late"}); !errors.Is(err, ErrClosed) {
		t.Errorf("a closed one takes a note: %v", err)
	}
	if i = b.must(t, id, Event{Kind: Ticked, Action: 2, State: Done}); !slices.Equal(i.OpenActions(), []int{1}) {
		t.Error(i.OpenActions())
	}
	if _, err := b.Append(t.Context(), id, Event{Kind: Ticked, At: noon, By: "ann", Action: 3, State: Done}); err == nil {
		t.Error("an action item that there is not")
	}
	if again, _, err := b.Read(id); err != nil || len(again.Events) != len(i.Events) {
		t.Error("what was refused was written", err)
	}
}

// TestIDs gives each incident its own number, also to many at once, and one that a kill left empty to the next.
func TestIDs(t *testing.T) {
	b := Book{t.TempDir()}
	var wg sync.WaitGroup
	for range 12 {
		wg.Go(func() { begin(t, b) })
	}
	wg.Wait()
	ids, err := b.IDs()
	if err != nil || len(ids) != 12 || ids[11] != "INC-2026-012" {
		t.Fatal(ids, err)
	}
	if err := os.WriteFile(b.Path("INC-2026-013"), []byte(`{"schema":1,"kind":"sta`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.Read("INC-2026-013"); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
	if id := begin(t, b); id != "INC-2026-013" {
		t.Error(id)
	}
	if id, err := b.Start(t.Context(), Event{At: noon, By: "ann", When: noon, Title: "x", Drill: true}); err != nil || id != "DRILL-2026-001" {
		t.Error(id, err)
	}
	if err := os.WriteFile(b.Path("INC-2026-999"), []byte("damaged\nlines\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if id := begin(t, b); id != "INC-2026-1000" {
		t.Errorf("%s: the number of one that is damaged is given again", id)
	}
	if ids, _ = b.IDs(); ids[len(ids)-1] != "INC-2026-1000" {
		t.Errorf("out of order: %q", ids)
	}
}

// TestTorn cuts a log off at every byte, as a kill may: what was whole counts, and the next event follows it.
func TestTorn(t *testing.T) {
	b := Book{t.TempDir()}
	id := begin(t, b)
	b.must(t, id, Event{Kind: Noted, Text: "one"})
	b.must(t, id, Event{Kind: Noted, Text: "two"})
	data, err := os.ReadFile(b.Path(id))
	if err != nil {
		t.Fatal(err)
	}
	for cut := range len(data) {
		if err := os.WriteFile(b.Path(id), data[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		whole := strings.Count(string(data[:cut+1]), "\n")
		i, torn, err := b.Read(id)
		if whole == 0 {
			if !errors.Is(err, ErrUnknown) {
				t.Fatalf("cut at %d: %v", cut, err)
			}
			continue
		}
		tail := len(data[:cut]) - strings.LastIndex(string(data[:cut]), "\n") - 1
		if err != nil || len(i.Events) != whole || torn != 0 && torn != tail {
			t.Fatalf("cut at %d: %d torn, %v", cut, torn, err)
		}
		if i = b.must(t, id, Event{Kind: Noted, Text: "next"}); len(i.Events) != whole+1 {
			t.Fatalf("cut at %d: %d events", cut, len(i.Events))
		}
	}
}

// TestDamaged changes the log: the line is named, nothing is written to it, and other incidents go on.
func TestDamaged(t *testing.T) {
	b := Book{t.TempDir()}
	id := begin(t, b)
	b.must(t, id, Event{Kind: Noted, Text: "one"})
	b.must(t, id, Event{Kind: Noted, Text: "two"})
	data, err := os.ReadFile(b.Path(id))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(data), "\n")
	for name, tt := range map[string]struct {
		text string
		line int
	}{
		"changed":      {strings.Replace(string(data), "one", "0ne", 1), 3},
		"taken out":    {lines[0] + lines[2], 2},
		"twice":        {lines[0] + lines[1] + lines[1] + lines[2], 3},
		"no start":     {lines[1] + lines[2], 1},
		"rubbish":      {lines[0] + "<<<<<<< ours\n" + lines[1], 2},
		"unknown kind": {strings.Replace(lines[0], "started", "stopped", 1), 1},
		"newer":        {strings.Replace(lines[0], `"schema":1`, `"schema":2`, 1), 1},
	} {
		if err := os.WriteFile(b.Path(id), []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		var damaged *chain.Error
		if _, _, err := b.Read(id); !errors.As(err, &damaged) || damaged.Line != tt.line {
			t.Errorf("%s: %v, want line %d", name, err, tt.line)
		}
		if _, err := b.Append(t.Context(), id, Event{Kind: Noted, At: noon, By: "ann", Text: "x"}); !errors.As(err, &damaged) {
			t.Errorf("%s: %v", name, err)
		}
		if now, _ := os.ReadFile(b.Path(id)); string(now) != tt.text {
			t.Errorf("%s: the log was changed", name)
		}
	}
	begin(t, b)
}

// TestAppendTo refuses what was true before somebody else wrote.
func TestAppendTo(t *testing.T) {
	b := Book{t.TempDir()}
	id := begin(t, b)
	i, _, err := b.Read(id)
	if err != nil {
		t.Fatal(err)
	}
	b.must(t, id, Event{Kind: Noted, Text: "meanwhile"})
	if _, err := b.AppendTo(t.Context(), i, Event{Kind: Closed, At: noon, By: "ann", Text: "cause"}); !errors.Is(err, ErrChanged) {
		t.Error(err)
	}
}

func TestRefused(t *testing.T) {
	b := Book{t.TempDir()}
	for name, e := range map[string]Event{
		"no title":     {When: noon},
		"two lines":    {Title: "a\nb", When: noon},
		"escape":       {Title: "a\x1b[31m", When: noon},
		"no detection": {Title: "a"},
		"odd thing":    {Title: "a", When: noon, Affected: []Affected{{Kind: "cat", Name: "x"}}},
	} {
		e.At, e.By = noon, "ann"
		if _, err := b.Start(t.Context(), e); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	id := begin(t, b)
	for name, e := range map[string]Event{
		"a second start": {Kind: Started, Title: "x", When: noon},
		"no step":        {Kind: Stepped, Step: "incident.plan", State: Done},
		"no state":       {Kind: Stepped, Step: "incident.isolate", State: "half"},
		"nothing":        {Kind: Noted},
		"long":           {Kind: Noted, Text: strings.Repeat("x", MaxText+1)},
		"audience":       {Kind: Noted, Text: "x", Tell: "everybody"},
		"no hash":        {Kind: Kept, File: &File{"/x", "beef", 1}},
		"kind":           {Kind: "song"},
	} {
		e.At, e.By = noon, "ann"
		if _, err := b.Append(t.Context(), id, e); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	for _, id := range []string{"INC-2026-999", "../INC-2026-001", "inc-2026-001", "", "INC-2026-001/../x"} {
		if _, err := b.Append(t.Context(), id, Event{Kind: Noted, At: noon, By: "ann", Text: "x"}); !errors.Is(err, ErrUnknown) {
			t.Errorf("%q: %v", id, err)
		}
		if _, _, err := b.Read(id); !errors.Is(err, ErrUnknown) {
			t.Errorf("%q: %v", id, err)
		}
	}
	if entries, _ := os.ReadDir(b.Dir); len(entries) != 2 { // the log and the lock
		t.Errorf("%d files", len(entries))
	}
}

// FuzzLog reads anything as a log: it is an incident, ErrUnknown, or says what is wrong with it.
func FuzzLog(f *testing.F) {
	line := `{"schema":1,"kind":"started","at":"2026-03-01T12:00:00Z","by":"x","when":"2026-03-01T12:00:00Z","title":"x","prev":""}`
	next := fmt.Sprintf(`{"schema":1,"kind":"note","at":"2026-03-01T12:00:00Z","by":"x","text":"x","prev":"%s"}`, chain.Hash([]byte(line)))
	for _, text := range []string{"", line, line + "\n" + next, next, line[:30], "{}\n", line + "\n" + strings.Replace(next, `"note"`, `"action"`, 1)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := chain.Parse(kind(), "x", []byte(text))
		var damaged *chain.Error
		if err != nil && !errors.As(err, &damaged) {
			t.Fatal(err)
		}
		i, err := of("INC-2026-001", l.Records)
		if err == nil && (i.Title == "" || len(i.Steps) != len(Steps())) {
			t.Errorf("%+v", i)
		}
	})
}
