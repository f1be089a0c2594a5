package schedule_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"keysweep/internal/schedule"
	"keysweep/internal/testneed"
)

func plan() schedule.Plan {
	return schedule.Plan{Program: "/opt/key sweep/bin/keysweep", Hour: 6, Minute: 5,
		Args:    []string{"schedule", "run", "100%", "it's", `a "b" \c`, "$HOME", "%h", ";&|", "é"},
		Environ: []string{`XDG_STATE_HOME=/home/ann/my state/%i'"\$HOME`}}
}

func TestUnitsAreGoodForSystemd(t *testing.T) {
	analyze := testneed.Program(t, "systemd-analyze")
	p := plan()
	p.Program = "/bin/true" // verify wants the program to be there
	service, timer, err := schedule.Units(p)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, data := range map[string][]byte{schedule.ServiceName: service, schedule.TimerName: timer} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	verify := exec.Command(analyze, "verify", "--user", "--man=no", filepath.Join(dir, schedule.TimerName), filepath.Join(dir, schedule.ServiceName))
	verify.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+dir, "HOME="+dir)
	out, err := verify.CombinedOutput()
	if err != nil || bytes.Contains(out, []byte("keysweep")) {
		t.Errorf("%v: %s\n%s\n%s", err, out, service, timer)
	}
	if out, err := exec.Command(analyze, "calendar", "*-*-* 06:05:00").CombinedOutput(); err != nil || !bytes.Contains(timer, []byte("OnCalendar=*-*-* 06:05:00\n")) {
		t.Errorf("%v: %s\n%s", err, out, timer)
	}
	for _, want := range []string{`"100%%"`, `"it's"`, `"a \"b\" \\c"`, `"$$HOME"`, `"%%h"`, `Environment="XDG_STATE_HOME=/home/ann/my state/%%i'\"\\$HOME"`} {
		if !bytes.Contains(service, []byte(want)) {
			t.Errorf("no %s in\n%s", want, service)
		}
	}
}

// TestCrontabLineRuns takes the line apart as cron does, and has a shell run it.
func TestCrontabLineRuns(t *testing.T) {
	p := plan()
	dir := filepath.Join(t.TempDir(), "with space")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	p.Program = filepath.Join(dir, "program")
	script := "#!/bin/sh\nprintf '%s\\n' \"$XDG_STATE_HOME\" \"$@\"\n"
	if err := os.WriteFile(p.Program, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	table, err := schedule.Crontab(nil, p)
	if err != nil {
		t.Fatal(err)
	}
	line := strings.Split(string(table), "\n")[1]
	command, ok := strings.CutPrefix(line, "5 6 * * * ")
	if !ok {
		t.Fatalf("%q", line)
	}
	out, err := exec.Command("/bin/sh", "-c", strings.ReplaceAll(command, `\%`, "%")).CombinedOutput()
	_, state, _ := strings.Cut(p.Environ[0], "=")
	if want := strings.Join(append([]string{state}, p.Args...), "\n") + "\n"; err != nil || string(out) != want {
		t.Errorf("%v: got\n%swant\n%s", err, out, want)
	}
}

func TestCrontabKeepsWhatOthersWrote(t *testing.T) {
	for _, old := range []string{"", "MAILTO=ann\n0 4 * * * backup\n", "0 4 * * * no newline", "# x\r\n\n\n@daily y\n"} {
		made, err := schedule.Crontab([]byte(old), plan())
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(made), old) {
			t.Errorf("%q became %q", old, made)
		}
		again, err := schedule.Crontab(made, plan())
		if err != nil || !bytes.Equal(again, made) {
			t.Errorf("again: %v\n%s\n%s", err, made, again)
		}
		back, err := schedule.WithoutCrontab(made)
		if err != nil || strings.TrimSuffix(string(back), "\n") != strings.TrimSuffix(old, "\n") {
			t.Errorf("%q came back as %q, %v", old, back, err)
		}
	}
	made, _ := schedule.Crontab(nil, plan())
	lines := bytes.SplitAfter(made, []byte("\n"))
	for name, broken := range map[string][]byte{"no end": slices.Concat(lines[0], lines[1]), "no beginning": lines[2], "two beginnings": slices.Concat(lines[0], made)} {
		if _, err := schedule.Crontab(broken, plan()); !errors.Is(err, schedule.ErrCrontab) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAgentIsXML(t *testing.T) {
	agent, err := schedule.Agent(plan())
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	d := xml.NewDecoder(bytes.NewReader(agent))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if c, ok := token.(xml.CharData); ok && strings.TrimSpace(string(c)) != "" {
			texts = append(texts, string(c))
		}
	}
	p := plan()
	name, value, _ := strings.Cut(p.Environ[0], "=")
	want := slices.Concat([]string{"Label", schedule.AgentLabel, "ProgramArguments", p.Program}, p.Args,
		[]string{"EnvironmentVariables", name, value, "StartCalendarInterval", "Hour", "6", "Minute", "5", "ProcessType", "Background"})
	if !slices.Equal(texts, want) {
		t.Errorf("got  %q\nwant %q", texts, want)
	}
}

func TestPlansThatCannotBeWritten(t *testing.T) {
	for name, change := range map[string]func(*schedule.Plan){
		"relative":     func(p *schedule.Plan) { p.Program = "keysweep" },
		"line feed":    func(p *schedule.Plan) { p.Args = []string{"a\nb"} },
		"no such time": func(p *schedule.Plan) { p.Hour = 24 },
	} {
		p := plan()
		change(&p)
		_, _, unitErr := schedule.Units(p)
		_, cronErr := schedule.Crontab(nil, p)
		_, agentErr := schedule.Agent(p)
		if unitErr == nil || cronErr == nil || agentErr == nil {
			t.Errorf("%s: %v, %v, %v", name, unitErr, cronErr, agentErr)
		}
	}
	p := plan()
	p.Args = []string{strings.Repeat("x", 1000)}
	if _, err := schedule.Crontab(nil, p); err == nil {
		t.Error("a line that cron would cut was made")
	}
}

// standIns are programs that record how they are called; this machine's own scheduler is not touched.
func standIns(t *testing.T, scripts map[string]string) (path, log string) {
	t.Helper()
	dir := t.TempDir()
	log = filepath.Join(dir, "log")
	for name, body := range scripts {
		text := "#!/bin/sh\necho \"" + name + " $*\" >>'" + log + "'\n" + body + "\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir + ":/usr/bin:/bin", log
}

func TestSystemdTimerIsInstalledAndRemoved(t *testing.T) {
	path, log := standIns(t, map[string]string{"systemctl": ""})
	s := schedule.Scheduler{Kind: schedule.Systemd, Environ: []string{"PATH=" + path}, Config: t.TempDir()}
	files, err := s.Install(t.Context(), plan())
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	if where, err := s.Installed(t.Context()); err != nil || !slices.Equal(where, files) {
		t.Error(where, err)
	}
	if _, err := s.Remove(t.Context()); err != nil {
		t.Error(err)
	}
	if where, err := s.Installed(t.Context()); err != nil || where != nil {
		t.Error(where, err)
	}
	want := "systemctl --user daemon-reload\nsystemctl --user enable --now keysweep-rotate-due.timer\n" +
		"systemctl --user disable --now keysweep-rotate-due.timer\nsystemctl --user daemon-reload\n"
	if got, _ := os.ReadFile(log); string(got) != want {
		t.Errorf("called:\n%swant\n%s", got, want)
	}
}

func TestSystemdWithoutSession(t *testing.T) {
	path, _ := standIns(t, map[string]string{"systemctl": "echo 'Failed to connect to bus' >&2; exit 1"})
	s := schedule.Scheduler{Kind: schedule.Systemd, Environ: []string{"PATH=" + path}, Config: t.TempDir()}
	files, err := s.Install(t.Context(), plan())
	var inactive *schedule.InactiveError
	if !errors.As(err, &inactive) || !strings.Contains(inactive.Hint(), "enable --now") || !strings.Contains(err.Error(), "Failed to connect") {
		t.Errorf("%v", err)
	}
	for _, f := range files {
		if _, err := os.Stat(f); err != nil {
			t.Error(err)
		}
	}
}

func TestCrontabIsEdited(t *testing.T) {
	dir := t.TempDir()
	table := filepath.Join(dir, "table")
	path, _ := standIns(t, map[string]string{"crontab": `case "$1" in
-l) cat '` + table + `' 2>/dev/null || { echo "no crontab for ann" >&2; exit 1; };;
-) cat >'` + table + `';;
esac`})
	s := schedule.Scheduler{Kind: schedule.Cron, Environ: []string{"PATH=" + path}}
	if where, err := s.Remove(t.Context()); err != nil || where != nil {
		t.Error(where, err)
	}
	for range 2 {
		if _, err := s.Install(t.Context(), plan()); err != nil {
			t.Fatal(err)
		}
	}
	if got, _ := os.ReadFile(table); bytes.Count(got, []byte("schedule' 'run'")) != 1 {
		t.Errorf("%s", got)
	}
	if where, err := s.Remove(t.Context()); err != nil || len(where) != 1 {
		t.Error(where, err)
	}
	if got, _ := os.ReadFile(table); len(got) != 0 {
		t.Errorf("left: %s", got)
	}
}

func TestBest(t *testing.T) {
	runtime := t.TempDir()
	if err := os.Mkdir(filepath.Join(runtime, "systemd"), 0o755); err != nil {
		t.Fatal(err)
	}
	both, _ := standIns(t, map[string]string{"systemctl": "", "crontab": ""})
	both = strings.Split(both, ":")[0]
	none := t.TempDir()
	for _, c := range []struct {
		environ []string
		goos    string
		want    schedule.Kind
	}{
		{[]string{"PATH=" + both, "XDG_RUNTIME_DIR=" + runtime}, "linux", schedule.Systemd},
		{[]string{"PATH=" + both, "XDG_RUNTIME_DIR=" + none}, "linux", schedule.Cron},
		{[]string{"PATH=" + none}, "linux", ""},
		{[]string{"PATH=" + none}, "darwin", schedule.Launchd},
	} {
		if got := (schedule.Scheduler{Environ: c.environ}).Best(c.goos); got != c.want {
			t.Errorf("%v on %s: %q, want %q", c.environ, c.goos, got, c.want)
		}
	}
}

func FuzzCrontab(f *testing.F) {
	made, err := schedule.Crontab([]byte("0 4 * * * x\n"), plan())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(made)
	f.Add([]byte("a\r\nb"))
	f.Fuzz(func(t *testing.T, old []byte) {
		made, err := schedule.Crontab(old, plan())
		if err != nil {
			return
		}
		again, err := schedule.Crontab(made, plan())
		if err != nil || !bytes.Equal(again, made) {
			t.Errorf("again: %v", err)
		}
	})
}
