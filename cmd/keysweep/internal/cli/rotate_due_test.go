package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rivo/uniseg"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/spf13/pflag"

	"keysweep/internal/testneed"
	"keysweep/rotation"
)

// dueWorld is a home with a ledger in files, and a clock.
type dueWorld struct {
	*testing.T
	home, machine string
	now           time.Time
	vars          []string
	width         int
}

func newDueWorld(t *testing.T, machine string) *dueWorld {
	w := &dueWorld{T: t, home: t.TempDir(), machine: machine, now: time.Date(2020, 6, 1, 12, 0, 0, 0, time.UTC)}
	w.file("ledger.pass", "correct battery staple horse\n")
	return w
}

func (w *dueWorld) path(name string) string { return filepath.Join(w.home, filepath.FromSlash(name)) }

func (w *dueWorld) file(name, text string) {
	w.Helper()
	if err := os.MkdirAll(filepath.Dir(w.path(name)), 0o700); err != nil {
		w.Fatal(err)
	}
	if err := os.WriteFile(w.path(name), []byte(text), 0o600); err != nil {
		w.Fatal(err)
	}
}

func (w *dueWorld) env(args ...string) Env {
	return Env{
		Args: args, Home: w.home, Dir: w.home, Hostname: w.machine, Username: "ann", LedgerWork: 10, Width: w.width, StdoutTerminal: w.width > 0,
		Environ: append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + w.home}, w.vars...), Now: func() time.Time { return w.now },
	}
}

// run runs a command and returns what it prints.
func (w *dueWorld) run(want int, args ...string) string {
	w.Helper()
	var out, said bytes.Buffer
	env := w.env(args...)
	env.Stdout, env.Stderr = &out, &said
	if code := Main(context.Background(), env); code != want {
		w.Fatalf("%q: exit code %d, want %d\n%s%s", args, code, want, out.String(), said.String())
	}
	return out.String()
}

// ledger makes the ledger with records, and its snapshot.
func (w *dueWorld) ledger(records ...rotation.Record) {
	w.Helper()
	env := w.env()
	var said bytes.Buffer
	env.Stdout, env.Stderr = &said, &said
	o := &ledgerOptions{}
	o.addFlags(pflag.NewFlagSet("ledger", pflag.ContinueOnError))
	o.pass.file = w.path("ledger.pass")
	ctx := context.Background()
	ledger, err := o.open(ctx, &env)
	if err == nil {
		err = ledger.Do(ctx, func(tx *rotation.Tx) error {
			for _, r := range records {
				if _, err := tx.Add(r); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err == nil {
		err = env.finish(ctx)
	}
	if err != nil {
		w.Fatalf("%v\n%s", err, said.String())
	}
}

const ledgerFlag = "--ledger-passphrase-file=ledger.pass"

// someRecords are records in every state.
func someRecords(now time.Time) []rotation.Record {
	ago := func(days int) time.Time { return now.AddDate(0, 0, -days) }
	made := func(days int) []rotation.Evidence {
		return []rotation.Evidence{{Source: rotation.MadeHere, At: ago(days)}}
	}
	print := func(c string) string { return "SHA256:" + strings.Repeat(c, 43) }
	return []rotation.Record{
		{Kind: rotation.KindAPI, Name: "FRESH", Env: "prod", Owner: "ann", Evidence: made(1)},
		{Kind: rotation.KindAPI, Name: "SOON", Env: "prod", Provider: "gitlab", Evidence: made(80)},
		{Kind: rotation.KindAPI, Name: "DUE", Env: "dev", Evidence: made(91)},
		{Kind: rotation.KindAPI, Name: "OLD", Env: "prod", Service: "billing", Evidence: []rotation.Evidence{{Source: "stated by owner", At: ago(400)}}},
		{Kind: rotation.KindAPI, Name: "LEAKED", Env: "prod", Status: rotation.Compromised, Evidence: made(1)},
		{Kind: rotation.KindAPI, Name: "ENDING", Env: "prod", Evidence: made(20), Expires: now.AddDate(0, 0, 1)},
		{Kind: rotation.KindAPI, Name: "SPARED", Env: "prod", Evidence: made(200)},
		{Kind: rotation.KindAPI, Name: "WHO_KNOWS", Env: "prod"},
		{Kind: rotation.KindSSH, Name: "leaving", Status: rotation.Retiring, Fingerprint: print("A"), Evidence: made(100),
			Installed: []rotation.Installation{{Target: "ann@web1", At: ago(90)}}},
		{Kind: rotation.KindSSH, Name: "gone", Status: rotation.Retired, Fingerprint: print("B"), Evidence: made(300)},
	}
}

// fullWorld is a world with records in every state, keys of every kind, and a policy.
func fullWorld(t *testing.T) *dueWorld {
	w := newDueWorld(t, "here")
	keygen := testneed.Program(t, "ssh-keygen")
	for _, dir := range []string{".ssh", ".config/keysweep"} {
		if err := os.MkdirAll(w.path(dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"-q", "-t", "ed25519", "-N", "", "-f", w.path(".ssh/found")},
		{"-q", "-s", w.path(".ssh/found"), "-I", "ann", "-V", "20200101:20200701", w.path(".ssh/found.pub")},
	} {
		if out, err := exec.Command(keygen, args...).CombinedOutput(); err != nil {
			t.Fatalf("ssh-keygen %q: %v\n%s", args, err, out)
		}
	}
	w.file(".config/keysweep/policy.toml", "[[rotation.exempt]]\nkey = 'prod/SPARED'\nreason = 'vendor'\nuntil = 2021-01-01\n")
	w.ledger(someRecords(w.now)...)
	return w
}

func TestRotateDueMatchesItsSchema(t *testing.T) {
	w := fullWorld(t)
	schema := closedSchema(t, "keysweep.rotate-due.v1.schema.json")
	for _, args := range [][]string{{ledgerFlag}, {ledgerFlag, "--all"}, {"--snapshot", "--all"}, {"--no-ledger", "--kind", "api-key"}} {
		code := exitFindings
		if slices.Contains(args, "--no-ledger") {
			code = exitOK
		}
		text := w.run(code, append([]string{"rotate-due", "--format", "json"}, args...)...)
		document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(document); err != nil {
			t.Errorf("%q: %v\n%s", args, err, text)
		}
	}
}

// states returns the state of each item by its name, as JSON has them.
func states(t *testing.T, text string) map[string]string {
	t.Helper()
	var document struct {
		Items []struct{ Name, State string }
	}
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, it := range document.Items {
		found[it.Name] = it.State
	}
	return found
}

// The ledger and its snapshot say the same of everything, byte for byte.
func TestLedgerAndSnapshotGiveOneAnswer(t *testing.T) {
	w := fullWorld(t)
	for _, now := range []string{"2020-05-01", "2020-06-01T12:00:00Z", "2020-07-01", "2021-01-01", "2021-01-02", "2029-12-31"} {
		only := func(text string) string {
			var document map[string]json.RawMessage
			if err := json.Unmarshal([]byte(text), &document); err != nil {
				t.Fatal(err)
			}
			return string(document["items"]) + string(document["counts"]) + string(document["as_of"])
		}
		args := []string{"rotate-due", "--format", "json", "--all", "--fail-on", "never", "--now", now}
		ledger, snapshot := w.run(exitOK, append(args, ledgerFlag)...), w.run(exitOK, append(args, "--snapshot")...)
		if only(ledger) != only(snapshot) {
			t.Errorf("at %s the ledger says\n%s\nand the snapshot\n%s", now, ledger, snapshot)
		}
	}
	want := map[string]string{
		"prod/FRESH": "ok", "prod/SOON": "soon", "dev/DUE": "due", "prod/OLD": "overdue", "prod/LEAKED": "compromised", "prod/ENDING": "soon",
		"prod/SPARED": "exempt", "prod/WHO_KNOWS": "unknown", "leaving": "retiring", w.path(".ssh/found-cert.pub"): "ok", w.path(".ssh/found"): "overdue",
	}
	got := states(t, w.run(exitFindings, "rotate-due", "--format", "json", "--all", "--snapshot"))
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// Where the terminal has 80 columns and nothing but ASCII, every line fits and is ASCII.
func TestRotateDueOnADumbTerminal(t *testing.T) {
	w := fullWorld(t)
	r := someRecords(w.now)[2]
	r.Name = strings.Repeat("VERY_LONG_NAME_", 6)
	w.ledger(r)
	for _, vars := range [][]string{{"TERM=dumb", "LANG=C.UTF-8"}, {"TERM=vt100", "LC_ALL=C", "LANG=C.UTF-8"}} {
		w.vars, w.width = vars, 80
		text := w.run(exitFindings, "rotate-due", "--all", "--snapshot")
		for line := range strings.Lines(text) {
			line = strings.TrimSuffix(line, "\n")
			command := strings.HasPrefix(line, "    ")
			if strings.ContainsFunc(line, func(r rune) bool { return r > 0x7e || r < ' ' && r != 0x1b }) || !command && uniseg.StringWidth(line) > 80 && !strings.Contains(line, "\x1b") {
				t.Errorf("%q: %q", vars, line)
			}
		}
		if !strings.Contains(text, "<") || vars[0] == "TERM=dumb" && strings.Contains(text, "\x1b") {
			t.Errorf("%q: no sign that something is cut, or colours\n%s", vars, text)
		}
	}
	w.vars = []string{"TERM=vt100", "LANG=en_US.UTF-8"}
	if text := w.run(exitFindings, "rotate-due", "--all", "--snapshot"); !strings.Contains(text, "…") {
		t.Errorf("with UTF-8:\n%s", text)
	}
}

// Snapshots of several machines are one list; what is old, changed or gone is a failure to look, and the rest is still shown.
func TestSeveralMachines(t *testing.T) {
	central := newDueWorld(t, "central")
	central.file(".ssh/config", "")
	dir := central.path("all")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	machines := map[string]*dueWorld{}
	send := func(machine string) {
		t.Helper()
		data, err := os.ReadFile(machines[machine].path(".local/state/keysweep/snapshot.json"))
		if err != nil {
			t.Fatal(err)
		}
		central.file("all/"+machine+".json", string(data))
	}
	for _, machine := range []string{"web1", "web2"} {
		machines[machine] = newDueWorld(t, machine)
		r := someRecords(central.now)[2]
		r.Name = strings.ToUpper(machine)
		machines[machine].ledger(r)
		send(machine)
	}
	central.file("all/readme.txt", "not a snapshot")
	names := func(code int) string {
		t.Helper()
		found := states(t, central.run(code, "rotate-due", "--format", "json", "--snapshots", dir))
		list := make([]string, 0, len(found))
		for name := range found {
			list = append(list, name)
		}
		slices.Sort(list)
		return strings.Join(list, " ")
	}
	if got := names(exitFindings); got != "dev/WEB1 dev/WEB2" {
		t.Errorf("both: %s", got)
	}

	data, err := os.ReadFile(filepath.Join(dir, "web2.json"))
	if err != nil {
		t.Fatal(err)
	}
	central.file("all/web2.json", strings.Replace(string(data), "WEB2", "WEB9", 1))
	if got := names(exitIncomplete); got != "dev/WEB1" {
		t.Errorf("one is changed: %s", got)
	}
	if err := os.Remove(filepath.Join(dir, "web2.json")); err != nil {
		t.Fatal(err)
	}
	if got := names(exitIncomplete); got != "dev/WEB1" {
		t.Errorf("one is gone: %s", got)
	}
	if text := central.run(exitIncomplete, "rotate-due", "--snapshots", dir); !strings.Contains(strings.Join(strings.Fields(text), " "), "the snapshot of web2, which was there before, is gone") {
		t.Errorf("one is gone:\n%s", text)
	}
	if data, err = os.ReadFile(filepath.Join(dir, "web1.json")); err != nil {
		t.Fatal(err)
	}
	central.file("all/web2.json", string(data))
	if got := names(exitIncomplete); got != "dev/WEB1" {
		t.Errorf("one is copied over the other: %s", got)
	}
	send("web2")
	central.file(".config/keysweep/policy.toml", "[snapshots]\nmax_age = '7d'\n")
	central.now = central.now.AddDate(0, 0, 8)
	if got := names(exitIncomplete); got != "dev/WEB1 dev/WEB2" {
		t.Errorf("both are too old: %s", got)
	}
}

// The record with the most changes counts, whichever snapshot it is in.
func TestNewestRecordOfSeveralSnapshots(t *testing.T) {
	a, b := rotation.Record{ID: "1", Seq: 2, Name: "new"}, rotation.Record{ID: "1", Seq: 1, Name: "old"}
	other := rotation.Record{ID: "2", Seq: 9}
	for _, list := range [][]rotation.Record{{a, b, other}, {b, other, a}} {
		got := newestRecords(list)
		if len(got) != 2 || !slices.ContainsFunc(got, func(r rotation.Record) bool { return r.Name == "new" }) {
			t.Errorf("%+v", got)
		}
	}
}

// What another machine calls itself does nothing to the terminal.
func TestNameOfAnotherMachine(t *testing.T) {
	w, other := newDueWorld(t, "here"), newDueWorld(t, "\x1b[2Jother\n::error::")
	other.ledger(someRecords(w.now)[0])
	var out, said bytes.Buffer
	env := w.env("rotate-due", "--snapshot", other.path(".local/state/keysweep/snapshot.json"))
	env.Stdout, env.Stderr = &out, &said
	code := Main(context.Background(), env)
	if text := out.String() + said.String(); code != exitOK || strings.Contains(text, "\x1b") || strings.Contains(text, "\n::error") || !strings.Contains(said.String(), "first snapshot") {
		t.Errorf("exit code %d:\n%q", code, text)
	}
}

// A snapshot of another machine has nothing to do with the keys of this one.
func TestSnapshotOfAnotherMachine(t *testing.T) {
	w, other := fullWorld(t), newDueWorld(t, "other")
	other.ledger(someRecords(w.now)[2])
	path := other.path(".local/state/keysweep/snapshot.json")
	if got := states(t, w.run(exitFindings, "rotate-due", "--format", "json", "--snapshot", path)); len(got) != 1 || got["dev/DUE"] != "due" {
		t.Errorf("%v", got)
	}
}

// A ledger that was taken away is not "nothing is tracked", as long as anything tells of it.
func TestLedgerThatIsGone(t *testing.T) {
	const ledger, home, anchor = ".local/share/keysweep", ".local/state/keysweep/ledger-home.json", ".local/state/keysweep/ledger-anchor.json"
	for name, gone := range map[string][]string{
		"the ledger": {ledger}, "and its anchor": {ledger, anchor}, "and its home": {ledger, anchor, home},
	} {
		t.Run(name, func(t *testing.T) {
			w := newDueWorld(t, "here")
			w.ledger(someRecords(w.now)...)
			for _, path := range gone {
				if err := os.RemoveAll(w.path(path)); err != nil {
					t.Fatal(err)
				}
			}
			w.stillKnown(ledgerFlag)
		})
	}
	t.Run("another home is named", func(t *testing.T) {
		w := newDueWorld(t, "here")
		w.ledger(someRecords(w.now)...)
		w.file(".password-store/.gpg-id", "nobody\n")
		testneed.Program(t, "pass")
		w.file(home, `{"schema":1,"home":"pass","since":"2020-06-01T12:00:00Z","why":"edited"}`)
		w.stillKnown()
		if err := os.Remove(w.path(anchor)); err != nil {
			t.Fatal(err)
		}
		w.stillKnown()
	})
}

// stillKnown wants what is due to be known, and that it is not all.
func (w *dueWorld) stillKnown(flags ...string) {
	w.Helper()
	text := w.run(exitIncomplete, append([]string{"rotate-due"}, flags...)...)
	if !strings.Contains(text, "prod/LEAKED") || !strings.Contains(text, "not everything could be looked at") {
		w.Errorf("rotate-due says:\n%s", text)
	}
}

// A ledger that was put back together with its anchor is older than its snapshot. No report may say that nothing is wrong.
func TestLedgerThatWasPutBack(t *testing.T) {
	w := newDueWorld(t, "here")
	w.ledger(someRecords(w.now)[0])
	const anchor = ".local/state/keysweep/ledger-anchor.json"
	old := map[string][]byte{}
	for _, name := range []string{".local/share/keysweep/ledger", anchor} {
		err := filepath.WalkDir(w.path(name), func(path string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				old[path], err = os.ReadFile(path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	w.now = w.now.Add(time.Minute)
	w.ledger(someRecords(w.now)[4])
	if err := os.RemoveAll(w.path(".local/share/keysweep/ledger")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(w.path(".local/share/keysweep/ledger"), 0o700); err != nil {
		t.Fatal(err)
	}
	for path, data := range old {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for format, want := range map[string]string{
		"text": "which was put back to an older one", "json": "which was put back to an older one", "prometheus": "keysweep_problems 1", "nagios": "KEYSWEEP UNKNOWN",
	} {
		if text := w.run(exitIncomplete, "rotate-due", ledgerFlag, "--format", format); !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
			t.Errorf("--format %s does not say %q:\n%s", format, want, text)
		}
	}
}

// A clock that went back is noticed also if the ledger has not changed for long: it was read, and that was written down. Nothing makes that
// forgotten.
func TestClockBeforeTheSnapshot(t *testing.T) {
	w := newDueWorld(t, "here")
	w.ledger(someRecords(w.now)[0])
	began := w.now
	w.now = began.AddDate(0, 0, 89)
	w.run(exitFindings, "rotate-due", ledgerFlag)
	w.now = began.AddDate(0, 0, 1)
	for _, flags := range [][]string{{"--snapshot"}, {ledgerFlag}, {ledgerFlag}, {"--snapshot"}} {
		text := w.run(exitIncomplete, append([]string{"rotate-due"}, flags...)...)
		if !strings.Contains(text, "clock: it went back") || !strings.Contains(text, "prod/FRESH") {
			t.Errorf("%q:\n%s", flags, text)
		}
	}
}

// TestSharedSecretsObeyTheFilters wants a note of a secret that serves twice only where one of those that have it was asked for.
func TestSharedSecretsObeyTheFilters(t *testing.T) {
	w := newDueWorld(t, "here")
	w.file(".ssh/config", "")
	mark := strings.Repeat("ab", 16)
	var records []rotation.Record
	for _, name := range []string{"dev/ann", "prod/bob", "test/cy"} {
		env, owner, _ := strings.Cut(name, "/")
		r := rotation.Record{Kind: rotation.KindAPI, Name: "TOKEN", Env: env, Owner: owner, Service: owner + "s", Purpose: "test", Provider: "gitlab"}
		if env != "test" {
			r.Mark = mark
		}
		records = append(records, r)
	}
	w.ledger(records...)
	const shared = "one secret in several environments: dev/TOKEN, prod/TOKEN"
	for filter, want := range map[string]bool{
		"": true, "--env=dev": true, "--owner=bob": true, "--service=anns": true, "--provider=gitlab": true, "--kind=api-key": true,
		"--env=test": false, "--owner=cy": false, "--service=none": false, "--provider=aws": false, "--kind=ssh-key": false, "--state=compromised": false,
	} {
		args := []string{"rotate-due", "--ledger-passphrase-file", "ledger.pass", "--fail-on", "never"}
		if filter != "" {
			args = append(args, filter)
		}
		if out := w.run(exitOK, args...); strings.Contains(out, shared) != want {
			t.Errorf("%q: want the note: %t\n%s", filter, want, out)
		}
	}
}

// TestSnapshotFlag reads this account's snapshot and one that is named, in all the ways of writing it, and shows none of how that is done.
func TestSnapshotFlag(t *testing.T) {
	w := newDueWorld(t, "here")
	w.file(".ssh/config", "")
	w.ledger(rotation.Record{Kind: rotation.KindAPI, Name: "TOKEN", Env: "prod", Purpose: "test"})
	own := w.path(".local/state/keysweep/snapshot.json")
	for _, args := range [][]string{{"--snapshot"}, {"--snapshot", own}, {"--snapshot=" + own}} {
		if out := w.run(exitOK, append([]string{"rotate-due", "--all", "--fail-on", "never"}, args...)...); !strings.Contains(out, "prod/TOKEN") {
			t.Errorf("%q:\n%s", args, out)
		}
	}
	w.run(exitUsage, "rotate-due", "--snapshot=")
	w.run(exitUsage, "rotate-due", "--snapshot=nowhere")
	help := w.run(exitOK, "rotate-due", "--help")
	if !strings.Contains(help, "--snapshot [FILE]  ") || strings.Contains(help, "[=") {
		t.Errorf("help:\n%s", help)
	}
}

func TestAgo(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "in the future", 0: "just now", 59 * time.Second: "just now", time.Minute: "1 minute ago", 59 * time.Minute: "59 minutes ago",
		90 * time.Minute: "1 hour ago", 23 * time.Hour: "23 hours ago", 47 * time.Hour: "1 day ago", 91 * 24 * time.Hour: "91 days ago",
	} {
		if got := ago(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
