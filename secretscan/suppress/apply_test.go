package suppress

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"keysweep/finding"
)

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

// found makes a finding of the secret with that fingerprint at paths; "a+b" is one place with the paths a and b.
func found(digit string, paths ...string) finding.Finding {
	f := finding.Finding{Fingerprint: fpOf(digit), Rules: []string{"rule"}, Secret: finding.NewSecret("s" + digit)}
	for i, p := range paths {
		names := strings.Split(p, "+")
		place := finding.Place{Kind: finding.KindFile, Rule: "rule", Path: names[0], Also: names[1:]}
		place.Span.Start.Line = i + 1
		f.Places = append(f.Places, place)
	}
	return f
}

// show writes findings as "digit:path,path(note)".
func show(findings []finding.Finding) string {
	var all []string
	for _, f := range findings {
		var places []string
		for _, p := range f.Places {
			s := strings.Join(append([]string{p.Path}, p.Also...), "+")
			if p.Note != "" {
				s += "(" + p.Note + ")"
			}
			places = append(places, s)
		}
		all = append(all, f.Fingerprint.String()[:1]+":"+strings.Join(places, ","))
	}
	return strings.Join(all, " ")
}

func showGone(gone []finding.Suppressed) string {
	var all []string
	for _, s := range gone {
		path := strings.Join(append([]string{s.Place.Path}, s.Place.Also...), "+")
		all = append(all, fmt.Sprintf("%s:%s", s.Fingerprint.String()[:1], path))
	}
	return strings.Join(all, " ")
}

func kinds(notices []finding.Notice) string {
	var all []string
	for _, n := range notices {
		all = append(all, n.Kind+"@"+n.Where)
	}
	return strings.Join(all, " ")
}

func TestApply(t *testing.T) {
	const at = FileName
	renames := func(path string) []string {
		return map[string][]string{"moved": {"between", "a"}, "copy": {"other"}}[path]
	}
	tests := []struct {
		name     string
		entries  []string
		findings []finding.Finding
		scan     Scan
		kept     string
		gone     string
		notices  string
	}{
		{"no entries", nil, []finding.Finding{found("1", "a")}, Scan{Complete: true}, "1:a", "", ""},
		{"listed", []string{"F1 | r | a,b | w | - | -"}, []finding.Finding{found("1", "a", "b")}, Scan{}, "", "1:a 1:b", ""},
		{"everywhere", []string{"F1 | r | * | w | - | -"}, []finding.Finding{found("1", "x", "")}, Scan{}, "", "1:x 1:", ""},
		{"new place", []string{"F1 | r | a | w | - | -"}, []finding.Finding{found("1", "a", "x")}, Scan{}, "1:x(" + NoteNewPlace + ")", "1:a", ""},
		{"no path is listed", []string{"F1 | r | - | w | - | -"}, []finding.Finding{found("1", "", "x")}, Scan{}, "1:x(" + NoteNewPlace + ")", "1:", ""},
		{"copy of a listed file", []string{"F1 | r | a | w | - | -"}, []finding.Finding{found("1", "a+x")}, Scan{}, "1:x(" + NoteNewPlace + ")", "1:a", ""},
		{"all paths listed", []string{"F1 | r | a,b | w | - | -"}, []finding.Finding{found("1", "a+b")}, Scan{}, "", "1:a+b", ""},
		{"renamed", []string{"F1 | r | a | w | - | -"}, []finding.Finding{found("1", "moved", "copy")}, Scan{Renames: renames}, "1:copy(" + NoteNewPlace + ")", "1:moved", ""},
		{"rename not asked for", []string{"F1 | r | a | w | - | -"}, []finding.Finding{found("1", "moved")}, Scan{}, "1:moved(" + NoteNewPlace + ")", "", ""},
		{"other secret", []string{"F1 | r | a | w | - | -"}, []finding.Finding{found("2", "a")}, Scan{}, "2:a", "", ""},
		{"last day", []string{"F1 | r | a | w | - | 2026-05-05"}, []finding.Finding{found("1", "a")}, Scan{}, "", "1:a", ""},
		{"expired", []string{"F1 | r | a | w | - | 2026-05-04"}, []finding.Finding{found("1", "a")}, Scan{}, "1:a(known secret, accepted until 2026-05-04)", "", "expired@" + at + ":2"},
		{"unreasoned", []string{"F1 | r | a | - | - | -"}, []finding.Finding{found("1", "a")}, Scan{}, "", "1:a", "unreasoned@" + at + ":2"},
		{"not complete", []string{"F1 | r | a | - | - | 2020-01-01"}, nil, Scan{}, "", "", ""},
		{"complete", []string{"F1 | r | a | w | - | -", "F2 | r | a | - | - | 2020-01-01"}, nil, Scan{Complete: true}, "", "",
			"stale@" + at + ":2 expired@" + at + ":3 unreasoned@" + at + ":3 stale@" + at + ":3"},
		{"new place is not stale", []string{"F1 | r | a | w | - | -"}, []finding.Finding{found("1", "x")}, Scan{Complete: true}, "1:x(" + NoteNewPlace + ")", "", ""},
		{"order is kept", []string{"F2 | r | a | w | - | -"}, []finding.Finding{found("3", "z"), found("2", "a"), found("1", "y")}, Scan{}, "3:z 1:y", "2:a", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.scan.Now = day("2026-05-05").Add(23 * time.Hour)
			before := show(tt.findings)
			kept, gone, notices := mustParse(t, lines(tt.entries...)).Apply(tt.findings, tt.scan)
			if got := show(kept); got != tt.kept {
				t.Errorf("kept %q, want %q", got, tt.kept)
			}
			if got := showGone(gone); got != tt.gone {
				t.Errorf("suppressed %q, want %q", got, tt.gone)
			}
			if got := kinds(notices); got != tt.notices {
				t.Errorf("notices %q, want %q", got, tt.notices)
			}
			if after := show(tt.findings); after != before {
				t.Errorf("the findings given were changed: %q, were %q", after, before)
			}
		})
	}
}

func TestApplySaysWhyAndBy(t *testing.T) {
	b := mustParse(t, lines("F1 | r | a | test key | Ann | -"))
	_, gone, _ := b.Apply([]finding.Finding{found("1", "a")}, Scan{Now: day("2026-01-01")})
	if len(gone) != 1 || gone[0].By != "baseline" || gone[0].Reason != "test key" {
		t.Errorf("suppressed %+v", gone)
	}
}

func TestApplyDayIsUTC(t *testing.T) {
	b := mustParse(t, lines("F1 | r | a | w | - | 2026-05-05"))
	late := time.Date(2026, 5, 6, 1, 0, 0, 0, time.FixedZone("east", 2*3600)) // still the 5th in UTC
	if kept, _, _ := b.Apply([]finding.Finding{found("1", "a")}, Scan{Now: late}); len(kept) != 0 {
		t.Errorf("expired by local time: %s", show(kept))
	}
}

func TestApplyPlacesPastTheLimit(t *testing.T) {
	f := found("1", "a", "a")
	f.MorePlaces = 7
	listed := mustParse(t, lines("F1 | r | a | w | - | -"))
	kept, gone, _ := listed.Apply([]finding.Finding{f}, Scan{Now: day("2026-01-01")})
	if len(kept) != 1 || len(kept[0].Places) != 1 || len(gone) != 1 || !strings.Contains(kept[0].Places[0].Note, "7 more places") {
		t.Errorf("places that nobody compared were hidden: kept %q, suppressed %q", show(kept), showGone(gone))
	}
	everywhere := mustParse(t, lines("F1 | r | * | w | - | -"))
	if kept, _, _ := everywhere.Apply([]finding.Finding{f}, Scan{Now: day("2026-01-01")}); len(kept) != 0 {
		t.Errorf("kept %q although everywhere is accepted", show(kept))
	}
}

func TestAddUpdatePrune(t *testing.T) {
	now := day("2026-05-05")
	b := mustParse(t, []byte(first))
	changes, err := b.Add([]finding.Finding{found("1", "b", "a+c"), found("2", "x"), found("1", "d"), found("9")},
		Decision{Reason: " why ", Who: "me", Until: "2026-06-01"}, now)
	if err != nil || changes != (Changes{Added: 2}) {
		t.Errorf("add: %+v, %v", changes, err)
	}
	e := b.Entries()[0]
	want := Entry{Fingerprint: fpOf("1"), Rule: "rule", Paths: []string{"a", "b", "c", "d"}, Reason: "why", Who: "me", Until: "2026-06-01"}
	if b.Len() != 2 || !reflect.DeepEqual(e, want) {
		t.Errorf("%d entries, the first %+v, want 2 and %+v", b.Len(), e, want)
	}
	if changes, err = b.Add([]finding.Finding{found("1", "a")}, Decision{}, now); err != nil || changes.Any() {
		t.Errorf("add of what is there: %+v, %v", changes, err)
	}
	if changes, _ = b.Add([]finding.Finding{found("1", "e")}, Decision{Reason: "other", Who: "you"}, now); changes != (Changes{Places: 1, Decided: 1}) {
		t.Errorf("add with a new decision: %+v", changes)
	}
	if changes = b.Update([]finding.Finding{found("2", "x", "y"), found("3", "z")}); changes != (Changes{Places: 1}) {
		t.Errorf("update: %+v", changes)
	}
	_, _ = b.Add([]finding.Finding{found("4", "old")}, Decision{Reason: "r", Until: "2026-05-04"}, now)
	seen := func(fp finding.Fingerprint) bool { return fp != fpOf("1") }
	if changes = b.Prune(seen, now); changes != (Changes{Expired: 1, Stale: 1}) || b.Len() != 1 {
		t.Errorf("prune: %+v, %d left", changes, b.Len())
	}
	if changes = b.Prune(nil, now); changes.Any() {
		t.Errorf("prune of nothing: %+v", changes)
	}
}

func TestAddRenewsExpired(t *testing.T) {
	b := mustParse(t, lines("F1 | r | a | why | Ann | 2026-01-01"))
	changes, err := b.Add([]finding.Finding{found("1", "a")}, Decision{}, day("2026-05-05"))
	if e := b.Entries()[0]; err != nil || changes != (Changes{Decided: 1}) || e.Until != "" || e.Reason != "why" {
		t.Errorf("%+v, %v: %+v", changes, err, e)
	}
}

func TestAddRefusesBadDate(t *testing.T) {
	b := mustParse(t, []byte(first))
	if _, err := b.Add([]finding.Finding{found("1", "a")}, Decision{Until: "tomorrow"}, day("2026-01-01")); err == nil || b.Len() != 0 {
		t.Errorf("error %v, %d entries", err, b.Len())
	}
}

func TestUpdatePassesOverFileNames(t *testing.T) {
	b := mustParse(t, lines("F1 | r | a.pem | w | - | -"))
	f := found("1", "b.pem")
	f.Secret = finding.Secret{}
	if changes := b.Update([]finding.Finding{f}); changes.Any() {
		t.Errorf("another file was accepted: %+v", changes)
	}
}
