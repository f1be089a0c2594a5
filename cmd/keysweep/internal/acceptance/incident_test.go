//go:build linux

package acceptance

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"keysweep/rotation"
)

// incident runs a command of keysweep incident.
func (h *home) incident(want int, args ...string) string {
	h.t.Helper()
	h.group = "incident"
	defer func() { h.group = "" }()
	return h.run(want, args...)
}

// TestIncidentRevokes deploys a key to a real server, begins an incident, and types what incident revoke prints: then the server refuses the
// key, and the incident knows it. Before, it cannot be closed.
func TestIncidentRevokes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.program("deploy", 0)
	s.settled(s.public)
	s.incident(exitOK, "start", "--title", "shop's key in a log", "--key", "shop")
	id := "INC-" + year() + "-001"
	printed := s.incident(exitOK, "revoke", id)
	if !strings.Contains(printed, "shop is accepted by "+s.server.Target()) {
		t.Errorf("the server is not among what depends on it:\n%s", printed)
	}
	s.incident(exitFindings, "close", id, "--cause", "x", "--action", "y")
	ran := 0
	for line := range strings.Lines(printed) {
		command, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), "     keysweep ")
		if !ok {
			continue
		}
		if strings.HasPrefix(command, "key revoke ") { // what a user has in ~/.ssh/config
			command += fmt.Sprintf(" -F '%s' --via '%s'", s.server.Config, s.path("~/.ssh/way"))
		}
		cmd := exec.Command("sh", "-c", "exec keysweep "+command)
		cmd.Dir, cmd.Env = s.dir, append(s.environ(), "PATH="+filepath.Dir(real)+":"+os.Getenv("PATH"))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", command, err, out)
		}
		ran++
	}
	if ran != 2 { // compromised, revoke
		t.Errorf("%d commands were printed:\n%s", ran, printed)
	}
	s.settled(s.from)
	if r := s.ledger().find(t, s.publicOf(s.read("~/.ssh/shop"))); r.Status != rotation.Revoked {
		t.Errorf("the ledger says %s", r.Status)
	}
	if printed = s.incident(exitOK, "revoke", id); !strings.Contains(printed, "[x] key shop: revoked, ") {
		t.Errorf("the incident does not know it:\n%s", printed)
	}
	for _, step := range []string{"isolate", "password", "terminate", "assess", "billing", "revoke-rotate", "rebuild", "report", "notify", "report-phishing"} {
		s.incident(exitOK, "step", id, step, "na", "--note", "a test")
	}
	s.incident(exitOK, "close", id, "--cause", "x", "--action", "y")
}

// TestIncidentKilled kills the commands that write, before each change that they make to the file system: what they said is kept, nothing is
// half, and the command that is run again ends it, once.
func TestIncidentKilled(t *testing.T) {
	needTracing(t)
	t.Parallel()
	for _, tt := range []struct {
		name  string
		setUp func(*home)
		args  func(*home) []string
		check func(*testing.T, *home)
	}{
		{"start", func(*home) {}, func(*home) []string { return []string{"start", "--title", "first"} }, func(t *testing.T, h *home) {
			list := h.incident(exitOK, "list")
			h.incident(exitOK, "start", "--title", "second")
			want := "-001  open "
			if strings.Contains(list, want) {
				want = "-002  open "
			}
			if got := h.incident(exitOK, "list"); strings.Count(got, "  open ") != strings.Count(list, "  open ")+1 || !strings.Contains(got, want) {
				t.Errorf("first\n%s\nthen\n%s", list, got)
			}
		}},
		{"note", func(h *home) { h.incident(exitOK, "drill") }, func(*home) []string { return []string{"note", "DRILL-" + year() + "-001", "a word"} }, func(t *testing.T, h *home) {
			before := strings.Count(h.incident(exitOK, "show", "DRILL-"+year()+"-001"), ": a word\n")
			h.incident(exitOK, "note", "DRILL-"+year()+"-001", "a word")
			if after := strings.Count(h.incident(exitOK, "show", "DRILL-"+year()+"-001"), ": a word\n"); before > 1 || after != before+1 {
				t.Errorf("%d notes, then %d", before, after)
			}
		}},
		{"close", func(h *home) {
			h.incident(exitOK, "drill")
			for _, step := range []string{"isolate", "password", "terminate", "assess", "billing", "revoke-rotate", "rebuild", "report", "notify", "report-phishing"} {
				h.incident(exitOK, "step", "DRILL-"+year()+"-001", step, "done")
			}
		}, func(*home) []string {
			return []string{"close", "DRILL-" + year() + "-001", "--cause", "drill", "--action", "y"}
		}, func(t *testing.T, h *home) {
			want := exitOK
			if strings.Contains(h.incident(exitOK, "show", "DRILL-"+year()+"-001"), "  closed  ") {
				want = exitUsage
			}
			h.incident(want, "close", "DRILL-"+year()+"-001", "--cause", "drill", "--action", "y")
			h.group = "attest"
			for _, id := range []string{"incident.isolate", "incident.learn", "incident.plan"} {
				if said := h.run(exitOK, "show", id); strings.Count(said, id) != 1 {
					t.Errorf("%s is not attested once:\n%s", id, said)
				}
			}
			h.group = ""
			if text := h.read("~/.local/state/keysweep/incidents/DRILL-" + year() + "-001-post-mortem.md"); !strings.Contains(text, "closed it: drill") {
				t.Errorf("post-mortem: %q", text)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHome(t)
			tt.setUp(h)
			start := take(t, h.dir)
			whole := h.killedAt(0, tt.args(h))
			if code := whole.status.ExitStatus(); code != exitOK || len(whole.seen) == 0 {
				t.Fatalf("exit code %d, %d changes\n%s", code, len(whole.seen), h.said)
			}
			_, all := kills(t)
			moments := rand.Perm(len(whole.seen))
			if !all {
				moments = moments[:min(2*sample, len(moments))]
			}
			for _, n := range moments {
				start.put(t, h.dir)
				h.killedAt(n+1, tt.args(h))
				tt.check(t, h)
				if t.Failed() {
					t.Fatalf("killed before change %d (%s); it said:\n%s", n+1, whole.seen[n], h.said)
				}
			}
			t.Logf("killed before %d of %d changes", len(moments), len(whole.seen))
		})
	}
}

// year is that of the ids that incidents get now.
func year() string { return time.Now().UTC().Format("2006") }

// killedAt runs a command of keysweep incident, and kills it before a change.
func (h *home) killedAt(change int, args []string) *tracer {
	h.t.Helper()
	h.group = "incident"
	cmd := h.command(cheap, args...)
	h.group = ""
	said, err := os.Create(h.path("@/said"))
	must(h.t, err)
	cmd.Stdout, cmd.Stderr = said, said
	tr, err := trace(cmd, change)
	must(h.t, err)
	must(h.t, said.Close())
	h.said = h.read("@/said")
	return tr
}
