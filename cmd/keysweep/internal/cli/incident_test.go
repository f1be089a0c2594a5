package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"keysweep/incident"
	"keysweep/rotation"
)

// TestIncidentsMatchTheirSchemas closes the schemas: a field that is not documented fails. It goes through a whole drill, and looks at each stage.
func TestIncidentsMatchTheirSchemas(t *testing.T) {
	h := newAttestHome(t)
	file := filepath.Join(h.dir, "auth.log")
	if err := os.WriteFile(file, []byte("log\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	check := func(schema string, code int, args ...string) {
		t.Helper()
		text := h.run(code, append(slices.Concat([]string{"incident"}, args), "--format", "json")...)
		document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := closedSchema(t, "keysweep."+schema+".v1.schema.json").Validate(document); err != nil {
			t.Errorf("%q: %v\n%s", args, err, text)
		}
	}
	all := func() {
		t.Helper()
		check("incidents", exitOK, "show", "DRILL-2030-001")
		check("incidents", exitOK, "list")
		check("incident-scope", exitOK, "scope", "DRILL-2030-001")
		for _, to := range []string{"provider", "client", "public"} {
			check("incident-report", exitOK, "report", "DRILL-2030-001", "--to", to)
		}
		check("incident-report", exitOK, "report", "DRILL-2030-001")
	}
	check("incidents", exitOK, "list")
	h.run(exitOK, "incident", "drill")
	all()
	h.run(exitOK, "incident", "evidence", "DRILL-2030-001", file)
	h.run(exitOK, "incident", "note", "DRILL-2030-001", "seen", "--tell", "client")
	h.run(exitOK, "incident", "block", "DRILL-2030-001", "203.0.113.7")
	for _, st := range incident.Steps() {
		if st.ID != incident.LearnStep {
			h.now = h.now.Add(time.Minute)
			h.run(exitOK, "incident", "step", "DRILL-2030-001", st.Short(), "done")
		}
	}
	all()
	h.run(exitOK, "incident", "close", "DRILL-2030-001", "--cause", "drill", "--action", "a", "--action", "b")
	all()
	h.run(exitOK, "incident", "action", "DRILL-2030-001", "1", "done")
	all()
}

// TestIncidentCompletes offers incidents that are open where only such are taken, steps and states.
func TestIncidentCompletes(t *testing.T) {
	h := newAttestHome(t)
	h.run(exitOK, "incident", "start", "--title", "first")
	h.run(exitOK, "incident", "drill")
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"show", ""}, "INC-2030-001\tfirst"},
		{[]string{"note", "D"}, "DRILL-2030-001"},
		{[]string{"step", "INC-2030-001", "iso"}, "isolate\t"},
		{[]string{"step", "INC-2030-001", "isolate", ""}, "done\nna\nopen"},
		{[]string{"report", "INC-2030-001", "--to", ""}, "provider\nclient\npublic"},
		{[]string{"note", "INC-2030-001", "x", "--tell", "p"}, "provider\nclient\npublic"},
	} {
		got := h.run(exitOK, slices.Concat([]string{"__complete", "incident"}, tt.args)...)
		if !strings.Contains(got, tt.want) {
			t.Errorf("%q: %q, want %q", tt.args, got, tt.want)
		}
	}
}

// TestPastTime reads what people write.
func TestPastTime(t *testing.T) {
	h := newAttestHome(t)
	env, _, _ := h.env()
	zone := time.FixedZone("", 2*60*60)
	env.Now = func() time.Time { return h.now.In(zone) }
	for text, want := range map[string]string{
		"2030-01-10T10:00:00Z": "2030-01-10T10:00:00Z", "2030-01-10T10:00:00+02:00": "2030-01-10T08:00:00Z", "2030-01-10 10:00": "2030-01-10T08:00:00Z",
		"2030-01-10T10:00:05": "2030-01-10T08:00:05Z", "90m ago": "2030-01-10T10:30:00Z", "1h 30m ago": "2030-01-10T10:30:00Z", "0s ago": "2030-01-10T12:00:00Z",
		"2030-01-10T12:00:01Z": "", "-5m ago": "", "ago": "", "yesterday": "", "2019-01-01T00:00:00Z": "", "2030-02-30 10:00": "", "": "",
	} {
		at, err := pastTime(&env, "--at", text)
		if (err == nil) != (want != "") || err == nil && at.Format(time.RFC3339) != want {
			t.Errorf("%q: %v, %v, want %q", text, at, err, want)
		}
	}
	for d, want := range map[time.Duration]string{
		0: "0 min", -time.Hour: "0 min", 29 * time.Second: "0 min", 59*time.Minute + 40*time.Second: "1 h", 90 * time.Minute: "1 h 30 min", 48 * time.Hour: "2 d", 49 * time.Hour: "2 d 1 h",
	} {
		if got := lasting(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

// TestIncidentNamesOfToday: a rotation gives a key's name to the new one, and what is printed is about the old one.
func TestIncidentNamesOfToday(t *testing.T) {
	h := newAttestHome(t)
	env, _, _ := h.env()
	old := rotation.Record{ID: "1", Kind: rotation.KindSSH, Name: "laptop (old)", Fingerprint: "SHA256:a", Status: rotation.Retiring, Successor: "2",
		Installed: []rotation.Installation{{Target: "ann@web1", At: h.now}}}
	fresh := rotation.Record{ID: "2", Kind: rotation.KindSSH, Name: "laptop", Fingerprint: "SHA256:b", Status: rotation.Active}
	i := &incident.Incident{ID: "INC-2030-001", Title: "x", Detected: h.now, Affected: []incident.Affected{{Kind: incident.Key, Name: "laptop", Record: "1", Fingerprint: "SHA256:a"}}}
	s := (&incidentSight{Incident: i, env: &env}).with(incidentLedger{records: []rotation.Record{fresh, old}})
	for _, replaceFirst := range []bool{false, true} {
		var w bytes.Buffer
		writeTodos(&w, s.todos(&s.standings[0], replaceFirst))
		if text := w.String(); !strings.Contains(text, "keysweep key revoke 'laptop (old)'") || strings.Contains(text, " laptop") {
			t.Errorf("replace first %v:\n%s", replaceFirst, text)
		}
	}
	var w bytes.Buffer
	if s.revokeOn(&w, "web1.example.org"); w.String() != "  keysweep key revoke 'laptop (old)' ann@web1\n" {
		t.Error(w.String())
	}
}

// TestIncidentGoesOnWhenMoreIsAffected: what is added later is not revoked, or built anew, by what was said before it was known.
func TestIncidentGoesOnWhenMoreIsAffected(t *testing.T) {
	h := newAttestHome(t)
	h.run(exitOK, "incident", "start", "--title", "x", "--other", "token")
	for _, step := range []string{"isolate", "revoke-rotate", "rebuild"} {
		h.run(exitOK, "incident", "step", "INC-2030-001", step, "done")
	}
	if got := h.run(exitOK, "incident", "revoke", "INC-2030-001"); !strings.Contains(got, "\nall is revoked") {
		t.Error(got)
	}
	h.run(exitOK, "incident", "add", "INC-2030-001", "--host", "web9", "--other", "second")
	got := h.run(exitOK, "incident", "revoke", "INC-2030-001")
	for _, want := range []string{"[ ] host web9: not trusted", "[ ] other second:"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "\nall is revoked") {
		t.Error(got)
	}
}

// TestIncidentBlockSaysWhatItDoesNot: commands that lock somebody out, or end with the next boot, come with a word of it.
func TestIncidentBlockSaysWhatItDoesNot(t *testing.T) {
	h := newAttestHome(t)
	h.run(exitOK, "incident", "start", "--title", "x")
	got := h.run(exitOK, "incident", "block", "INC-2030-001", "203.0.113.7")
	own, command := strings.Index(got, "echo $SSH_CONNECTION"), strings.Index(got, "# ufw")
	if own < 0 || command < own {
		t.Errorf("nothing is said of one's own address before the commands:\n%s", got)
	}
	for _, want := range []string{"until the next boot", "can still connect out"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q:\n%s", want, got)
		}
	}
}
