package source

import (
	"testing"

	"keysweep/finding"
	"keysweep/secretscan"
)

// recordingCourt keeps the paths it is asked about.
type recordingCourt struct{ kept, emitted []string }

func (c *recordingCourt) Scan([]byte) []secretscan.Candidate { return nil }

func (c *recordingCourt) Keep(list []secretscan.Candidate, path, _ string) []secretscan.Candidate {
	c.kept = append(c.kept, path)
	return list
}

func (c *recordingCourt) Emit(_ secretscan.Candidate, p finding.Place) {
	c.emitted = append(c.emitted, p.Path)
}

// TestMembersBeyondMillions: however many members came before, a candidate stands in its own.
func TestMembersBeyondMillions(t *testing.T) {
	const before = 5 << 20
	o := &opened{members: map[string]int32{}, names: make([]string, before)}
	inner := &recordingCourt{}
	court := &openedCourt{Court: inner, ctx: t.Context(), opened: o}
	list := tagged([]secretscan.Candidate{{Rule: "r", Offset: 1 << 50}}, o.number("dir/file"))
	list = append(list, secretscan.Candidate{Rule: "r", Offset: 1 << 50})
	for _, c := range court.Keep(list, "a.zip", "") {
		if c.Offset != 1<<50 {
			t.Errorf("the offset is %d", c.Offset)
		}
		court.Emit(c, finding.Place{Path: "a.zip"})
	}
	want := [2]string{"a.zip", secretscan.MemberPath("a.zip", "dir/file")}
	if len(inner.kept) != 2 || [2]string(inner.kept) != want || len(inner.emitted) != 2 || [2]string(inner.emitted) != want {
		t.Errorf("kept at %q, reported at %q, want %q", inner.kept, inner.emitted, want)
	}
	var places gitPlaces
	places.add(list, gitIntro{}, &gitLog{paths: []string{"a.zip"}})
	if len(places.order) != 2 {
		t.Errorf("%d candidates are told apart, want 2", len(places.order))
	}
}
