package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"keysweep/incident"
)

// TestIncidentWithoutItsLedger: a ledger that is gone is not one that never was, nothing that it knew counts as revoked by somebody's word, and what is
// printed meanwhile can be done.
func TestIncidentWithoutItsLedger(t *testing.T) {
	h := newAttestHome(t)
	env, _, _ := h.env()
	i := &incident.Incident{ID: "INC-2030-001", Title: "x", Detected: h.now, Affected: []incident.Affected{
		{Kind: incident.Credential, Name: "prod/TOKEN", Record: "1"}, {Kind: incident.Key, Name: "laptop", Record: "2", Fingerprint: "SHA256:a"}},
		Steps: []incident.StepState{{Step: incident.Step{ID: incident.RevokeStep}, State: incident.Done, At: h.now, By: "ann"}}}
	s, err := sightOf(t.Context(), &env, i)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.problems()) == 0 {
		t.Error("nothing is said of a ledger that is gone")
	}
	for n := range s.standings {
		st := &s.standings[n]
		if st.Settled {
			t.Errorf("%+v", st)
		}
		var w bytes.Buffer
		writeTodos(&w, s.todos(st, false))
		if text := w.String(); strings.Contains(text, "step INC-2030-001 revoke-rotate") || strings.Contains(text, "''") || st.Kind == incident.Credential && strings.Contains(text, "key revoke") {
			t.Errorf("%s:\n%s", st.Name, text)
		}
	}
	never := &incident.Incident{ID: i.ID, Title: "x", Detected: h.now, Affected: []incident.Affected{{Kind: incident.Key, Name: "SHA256:b", Fingerprint: "SHA256:b"}}, Steps: i.Steps}
	if s, err = sightOf(t.Context(), &env, never); err != nil || len(s.problems()) > 0 || !s.standings[0].Settled {
		t.Errorf("where there never was one: %+v %v", s, err)
	}
}

// TestIncidentEvidenceIsText: a name that the log cannot hold is wrong usage with a way out, and not an error of the log.
func TestIncidentEvidenceIsText(t *testing.T) {
	h := newAttestHome(t)
	h.run(exitOK, "incident", "start", "--title", "x")
	file := filepath.Join(h.dir, "a\xff")
	_ = os.WriteFile(file, []byte("x"), 0o600) // some systems have no such names
	h.run(exitUsage, "incident", "evidence", "INC-2030-001", file)
}
