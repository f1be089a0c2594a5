//go:build linux

package acceptance

import (
	"crypto/rand"
	"os"
	"strings"
	"testing"
)

// newCredAviary is a home with the values of credentials beside it, good and bad ones, and .env files of them.
func newCredAviary(t *testing.T) *aviary {
	t.Helper()
	a := &aviary{home: newHome(t), t: t}
	a.haystack.t = t
	must(t, os.Mkdir(a.path("@/tmp"), 0o700))
	a.passphrase("ledger", rand.Text())
	for _, name := range []string{"token", "second", "shown", "moved", "kept", "comment"} {
		a.passphrase(name, rand.Text()+rand.Text()) // with upper-case letters and digits, as tokens have
	}
	a.passphrase("lines", rand.Text()+"\n"+rand.Text())
	must(t, os.WriteFile(a.path("@/long"), []byte(strings.Repeat(a.text("token"), 50)), 0o600))
	must(t, os.WriteFile(a.path("@/line"), []byte("L_TOKEN="+a.text("token")), 0o600))
	must(t, os.Chmod(a.path("@/shown"), 0o644))
	for name, text := range map[string]string{
		"@/.env":  "# X_TOKEN=" + a.text("comment") + "\nPORT=80\nexport MOVED_TOKEN='" + a.text("moved") + "' # c\nKEPT_TOKEN=\"" + a.text("kept") + "$HOME\"\n" + a.text("second"),
		"@/torn":  "A_TOKEN=\"" + a.text("moved") + "\nB=1\n",
		"@/other": "MOVED_TOKEN=" + a.text("second") + "\n",
		"@/odd":   "A_TOKEN='" + a.text("moved") + "'" + a.text("kept") + "\n" + a.text("second") + "==\n" + a.text("token") + ": x\n",
	} {
		must(t, os.WriteFile(a.path(name), []byte(text), 0o600))
	}
	return a
}

// credLines are the commands, good and bad ones, in an order in which they can run in one home.
func credLines() []string {
	return []string{
		"add A_TOKEN --env prod --purpose x <token", "add A_TOKEN --env dev --purpose x --value-file @/token", "add A_TOKEN --env prod --purpose x <second",
		"add B_TOKEN --env prod --purpose x --value-fd 0 <second", "add C_TOKEN --env prod --purpose x --value-file @/shown",
		"add C_TOKEN --env prod --purpose x --value-file @/lines", "add M_KEY --env prod --purpose x --value-file @/lines --multiline",
		"add C_TOKEN --env prod --purpose x --value-file @/long", "add L_TOKEN --env prod --purpose x <line", "add C_TOKEN --env prod <token",
		"add C_TOKEN --env prod --purpose x --url ftp://x <token", "add C_TOKEN --env prod --purpose x --ledger-passphrase-file @/second <token",
		"list -v", "list --format json", "list --format csv --all", "show prod/A_TOKEN", "show prod/A_TOKEN --reveal", "show prod/NONE",
		"import @/.env --env test --purpose x", "import @/.env --env test --purpose x --dry-run", "import @/torn --env test --purpose x --yes",
		"import @/odd --env test --purpose x --yes", "import @/odd --env test --purpose x --all",
		"import @/.env --env test --purpose x --only KEPT_TOKEN", "import @/.env --env test --purpose x --yes", "import @/.env --env test --purpose x --yes",
		"import @/other --env test --purpose x --yes",
		"compromised prod/A_TOKEN --reason canary", "add D_TOKEN --env prod --purpose x <token", "remove prod/M_KEY", "remove prod/M_KEY --yes --reason canary",
		"list --all -v",
	}
}

// TestCanariesOfCredentials is TestCanaries for keysweep cred.
func TestCanariesOfCredentials(t *testing.T) {
	t.Parallel()
	needStrace(t)
	a := newCredAviary(t)
	codes := map[int]int{}
	for _, whole := range credLines() {
		line, stdin, _ := strings.Cut(whole, " <")
		cmd := a.command(cheap, strings.Fields(line)...)
		cmd.Args[1] = "cred"
		cmd.Env = append(cmd.Env, "TMPDIR="+a.path("@/tmp"))
		if stdin != "" {
			in, err := os.Open(a.path("@/" + stdin))
			must(t, err)
			defer func() { _ = in.Close() }()
			cmd.Stdin = in
		}
		calls, said, err := strace(t, "trace=execve", cmd)
		codes[exitOf(t, err)]++
		if strings.Contains(said, "panic") || strings.Contains(said, "goroutine ") {
			t.Errorf("%s: it crashed: %s", line, said)
		}
		for _, name := range a.find([]byte(said + "\n" + strings.Join(calls, "\n"))) {
			t.Errorf("%s: shows %s:\n%s", line, name, said)
		}
		for _, found := range a.files(nil, a.dir, a.path("@/tmp")) {
			t.Errorf("after %s: %s", line, found)
		}
	}
	if codes[exitOK] < 12 || codes[exitUsage] < 9 || codes[exitFindings] != 1 || codes[-1] > 0 {
		t.Errorf("exit codes %v: the commands do not do what they are here for", codes)
	}
	for _, name := range a.find([]byte(a.read("@/.env"))) {
		if strings.Contains(name, "moved") {
			t.Errorf("the file that was imported holds %s", name)
		}
	}
}
