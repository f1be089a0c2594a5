package incident

import (
	"testing"
	"time"

	"keysweep/rotation"
)

// TestAddedIsNotSettledByWhatWasSaidBefore: a step that was done before more turned out to be affected says nothing of that.
func TestAddedIsNotSettledByWhatWasSaidBefore(t *testing.T) {
	at := time.Date(2030, 1, 10, 12, 0, 0, 0, time.UTC)
	done := func(step string) Event {
		return Event{Schema: 1, Kind: Stepped, At: at, By: "ann", Step: step, State: Done}
	}
	begin := Event{Schema: 1, Kind: Started, At: at, When: at, By: "ann", Title: "x", Affected: []Affected{{Kind: Other, Name: "token"}}}
	for _, tt := range []struct {
		more Affected
		open []string
		kept []string
	}{
		{Affected{Kind: Other, Name: "second"}, []string{RevokeStep}, []string{isolateStep, rebuildStep}},
		{Affected{Kind: Key, Name: "SHA256:x"}, []string{RevokeStep}, []string{isolateStep, rebuildStep}},
		{Affected{Kind: Host, Name: "web9"}, []string{RevokeStep, isolateStep, rebuildStep}, []string{"incident.billing"}},
	} {
		added := Event{Schema: 1, Kind: Added, At: at, By: "ann", Affected: []Affected{tt.more}}
		events := []Event{begin, done(RevokeStep), done(isolateStep), done(rebuildStep), done("incident.billing"), added}
		i, err := of("INC-2030-001", events)
		if err != nil {
			t.Fatal(err)
		}
		if s := i.Standings(nil, false)[1]; s.Settled || !s.At.IsZero() {
			t.Errorf("%v: %+v", tt.more, s)
		}
		for _, id := range tt.open {
			if s := i.Step(id); s.State != Open || !s.At.IsZero() {
				t.Errorf("%v: %+v", tt.more, s)
			}
		}
		for _, id := range tt.kept {
			if s := i.Step(id); s.State != Done {
				t.Errorf("%v: %+v", tt.more, s)
			}
		}
		i, err = of("INC-2030-001", append(events, done(RevokeStep), done(rebuildStep)))
		if err != nil || !i.Standings(nil, false)[1].Settled {
			t.Errorf("%v: said again, it is open: %v", tt.more, err)
		}
	}
}

// TestRecordOfSeveral: that another record of the same key is revoked does not say that this one is.
func TestRecordOfSeveral(t *testing.T) {
	records := []rotation.Record{{ID: "1", Kind: rotation.KindSSH, Fingerprint: "SHA256:a", Status: rotation.Revoked},
		{ID: "2", Kind: rotation.KindSSH, Fingerprint: "SHA256:a", Status: rotation.Active}}
	for want, a := range map[string]Affected{
		"2": {Kind: Key, Name: "k", Record: "2", Fingerprint: "SHA256:a"}, "1": {Kind: Key, Name: "k", Record: "1", Fingerprint: "SHA256:a"},
	} {
		if r := find(a, records); r == nil || r.ID != want {
			t.Errorf("%+v: %+v", a, r)
		}
	}
	if r := find(Affected{Kind: Key, Name: "k", Fingerprint: "SHA256:a"}, records); r == nil || r.ID != "2" {
		t.Errorf("by its fingerprint alone: %+v", r)
	}
}
