package fail2ban_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"keysweep/host/fail2ban"
	"keysweep/host/hosttest"
	"keysweep/internal/testneed"
)

// TestAgreesWithFail2ban makes random configurations on top of the one that is installed, and has fail2ban-client -d say what comes of them.
func TestAgreesWithFail2ban(t *testing.T) {
	client := testneed.Program(t, "fail2ban-client")
	const rounds = 25
	on, off := 0, 0
	for seed := range uint64(rounds) {
		dir := filepath.Join(t.TempDir(), "fail2ban")
		if out, err := exec.Command("cp", "-r", "/etc/fail2ban", dir).CombinedOutput(); err != nil {
			testneed.Missing(t, "fail2ban's configuration in /etc/fail2ban: %v: %s", err, out)
		}
		written := randomConfig(t, rand.New(rand.NewPCG(seed, 3)), dir)
		j := fail2ban.Look(context.Background(), machineOf(t, dir)).Jail
		out, err := exec.Command(client, "-c", dir, "-d").Output()
		if err != nil {
			t.Fatalf("%d: %v\n%s", seed, err, written)
		}
		what := summary(string(out))
		got := "off"
		if j.Enabled {
			got = fmt.Sprintf("%s %s", strings.Fields(j.Backend.Text)[0], j.Port.Text)
			on++
			if !j.Journal() {
				got += " " + strings.Join(j.Files, " ")
			}
		} else {
			off++
		}
		if got = strings.TrimSpace(got); j.Err != nil || got != what {
			t.Errorf("%d: %q (%v), fail2ban says %q\n%s", seed, got, j.Err, what, written)
		}
	}
	if on < rounds/4 || off < rounds/8 {
		t.Errorf("%d jails are on, %d off: the configurations show little", on, off)
	}
}

// summary takes out of a dump what we tell, too: backend, port and files of the jail for sshd.
func summary(dump string) string {
	add := regexp.MustCompile(`(?m)^\['add', 'sshd', '([^']*)'\]`).FindStringSubmatch(dump)
	if add == nil {
		return "off"
	}
	port := regexp.MustCompile(`(?m)^\['multi-set', 'sshd', .*\['port', '([^']*)'\]`).FindStringSubmatch(dump)
	parts := []string{add[1]}
	if port != nil {
		parts = append(parts, port[1])
	}
	var logs []string
	for _, m := range regexp.MustCompile(`'sshd', 'addlogpath', '([^']*)'`).FindAllStringSubmatch(dump, -1) {
		logs = append(logs, m[1])
	}
	slices.Sort(logs)
	return strings.Join(append(parts, logs...), " ")
}

// machineOf is a machine with the files of a directory as /etc/fail2ban.
func machineOf(t *testing.T, dir string) *hosttest.Machine {
	t.Helper()
	m := hosttest.New(map[string]string{"/usr/bin/fail2ban-server": "", "/tmp/auth.log": "", "/tmp/secure": ""})
	for _, pattern := range []string{"*.conf", "*.local", "jail.d/*"} {
		names, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			m.File("/etc/fail2ban/"+strings.TrimPrefix(name, dir+"/"), string(data))
		}
	}
	for _, name := range []string{"a.log", "b.log"} {
		m.File(filepath.Join(filepath.Dir(dir), name), "")
	}
	return m
}

// randomConfig writes files that change the jail, and returns their text.
func randomConfig(t *testing.T, r *rand.Rand, dir string) string {
	t.Helper()
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	logs := filepath.Dir(dir)
	for _, name := range []string{"a.log", "b.log"} {
		if err := os.WriteFile(filepath.Join(logs, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	line := func(section string) string {
		switch r.IntN(7) {
		case 0:
			return "enabled " + pick("=", ":", " = ") + pick("true", "false", "yes", "1", "off", "True", "true ; as it should be", "%(other/switch)s")
		case 1:
			return pick("port", "Port") + " = " + pick("ssh", "2222", "ssh,2222", "%(mine)s", "%(other/mine)s")
		case 2:
			return "backend = " + pick("auto", "systemd", "polling", "%(default/backend)s", "pyinotify")
		case 3:
			return "logpath = " + pick(logs+"/a.log", logs+"/a.log\n   "+logs+"/b.log", logs+"/*.log", "%(place)s/b.log")
		case 4:
			return "# " + pick("enabled = false", "port = 1")
		case 5:
			return "mine = " + pick("22,23", "7777")
		}
		if section == "sshd" {
			return pick("port = %(known/port)s,99", "sshd_log = "+logs+"/b.log")
		}
		return "sshd_log = " + logs + "/a.log"
	}
	files := map[string]string{}
	for _, name := range []string{"jail.local", "jail.d/10-x.conf", "jail.d/zz.local", "jail.d/aa.local", "paths-overrides.local", "paths-debian.local"} {
		if r.IntN(2) == 0 {
			continue
		}
		section := pick("sshd", "sshd", "DEFAULT")
		if strings.HasPrefix(name, "paths") {
			section = "DEFAULT"
		}
		text := "[" + section + "]\n"
		seen := map[string]bool{}
		for range 1 + r.IntN(3) {
			l := line(section)
			if key := strings.ToLower(strings.TrimSpace(strings.SplitN(strings.ReplaceAll(l, ":", "="), "=", 2)[0])); !seen[key] {
				text += l + "\n"
				seen[key] = true
			}
		}
		files[name] = text
	}
	files["jail.d/00-base.conf"] = "[other]\nswitch = " + pick("true", "no") + "\nmine = 4444\n[DEFAULT]\nmine = 5555\nplace = " + logs + "\n[sshd]\nlogpath = " + logs + "/a.log\n"
	all := ""
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		all += "--- " + name + "\n" + text
	}
	return all
}

// TestLogsThatFail2banMisses: where we see no log, the real fail2ban refuses its configuration, and only there.
func TestLogsThatFail2banMisses(t *testing.T) {
	client := testneed.Program(t, "fail2ban-client")
	const watch = "[sshd]\nenabled = true\n"
	for name, tt := range map[string]struct {
		jail string
		want bool // it is refused
	}{
		"a file":             {watch + "backend = auto\nlogpath = DIR/a.log\n", false},
		"a pattern":          {watch + "backend = polling\nlogpath = DIR/*.log\n", false},
		"one of two":         {watch + "backend = polling\nlogpath = DIR/none.log\n  DIR/a.log\n", false},
		"no file":            {watch + "backend = auto\nlogpath = DIR/none.log\n", true},
		"no file of pattern": {watch + "backend = polling\nlogpath = DIR/*.none\n", true},
		"journal":            {watch + "backend = systemd\nlogpath = DIR/none.log\n", false},
		"off":                {"[sshd]\nenabled = false\nbackend = auto\nlogpath = DIR/none.log\n", false},
	} {
		dir := filepath.Join(t.TempDir(), "fail2ban")
		if out, err := exec.Command("cp", "-r", "/etc/fail2ban", dir).CombinedOutput(); err != nil {
			testneed.Missing(t, "fail2ban's configuration in /etc/fail2ban: %v: %s", err, out)
		}
		logs := filepath.Dir(dir)
		for file, text := range map[string]string{logs + "/a.log": "", logs + "/b.log": "", dir + "/jail.d/zz.local": strings.ReplaceAll(tt.jail, "DIR", logs)} {
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		j := fail2ban.Look(context.Background(), machineOf(t, dir)).Jail
		missed := j.Enabled && !j.Journal() && len(j.Files) == 0
		out, err := exec.Command(client, "-c", dir, "-t").CombinedOutput()
		if refused := err != nil; missed != tt.want || refused != tt.want || j.Err != nil {
			t.Errorf("%s: we see no log: %v (%v), fail2ban refuses: %v; want %v\n%s", name, missed, j.Err, refused, tt.want, out)
		}
	}
}
