//go:build linux

package acceptance

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"keysweep/internal/testneed"
	"keysweep/internal/testsshd"
	"keysweep/keys"
	"keysweep/keys/backup"
)

// aviary is a home full of secrets that nobody else has, so that each of their bytes that turns up elsewhere was leaked.
type aviary struct {
	*home
	haystack
	t      *testing.T
	server *testsshd.Server
	may    map[string]string // files that must hold a secret, and which
}

func newAviary(t *testing.T) *aviary {
	t.Helper()
	a := &aviary{home: newHome(t), t: t, may: map[string]string{"open": "the private key", "words.html": "the words"}}
	a.haystack.t = t
	must(t, os.Mkdir(a.path("@/tmp"), 0o700))
	for _, name := range []string{"pass", "new", "ledger", "backup", "wrong"} {
		a.passphrase(name, rand.Text())
	}
	a.passphrase("weak", "aaaaaaaabbbbbbbbcc")
	a.passphrase("lines", rand.Text()+"\n"+rand.Text())
	a.passphrase("shown", rand.Text())
	must(t, os.Chmod(a.path("@/shown"), 0o644))
	a.key()
	a.keygen("@/ca", a.text("pass"))
	a.keygen("~/.ssh/way", a.text("pass"))
	a.keygen("~/.ssh/other", a.text("pass"))
	must(t, os.Rename(a.path("~/.ssh/other.pub"), a.path("~/.ssh/mismatch.pub")))
	must(t, os.WriteFile(a.path("~/.ssh/mismatch"), []byte(a.read("@/plain")), 0o600))
	a.may["mismatch"], a.may["cut"] = "the private key", "the private key"
	a.server = testsshd.Start(t, testsshd.Options{})
	a.server.Authorize(t, a.read("~/.ssh/way.pub"))
	return a
}

// text is the passphrase in a file.
func (a *aviary) text(name string) string { return strings.TrimSuffix(a.read("@/"+name), "\n") }

func (a *aviary) passphrase(name, text string) {
	must(a.t, os.WriteFile(a.path("@/"+name), []byte(text+"\n"), 0o600))
	for part := range strings.Lines(text) {
		a.secret("the passphrase "+name, []byte(strings.TrimSpace(part)))
	}
}

// key makes the private key, also damaged in two ways, and its words, right and wrong.
func (a *aviary) key() {
	private, err := keys.Generate(a.t.Context(), keys.KindEd25519, "canary")
	must(a.t, err)
	a.secret("the private key", private.Key.(ed25519.PrivateKey).Seed())
	words, err := backup.Words(private)
	must(a.t, err)
	a.secret("the words", words)
	text, err := private.MarshalOpenSSH(nil, 0)
	must(a.t, err)
	list := strings.Fields(string(words))
	swapped := slices.Clone(list)
	swapped[3], swapped[9] = swapped[9], swapped[3]
	typo := slices.Clone(list)
	typo[5] += "x"
	for name, content := range map[string]string{
		"~/.ssh/open": string(text), "@/plain": string(text), "@/words": string(words), "@/swapped": strings.Join(swapped, " "),
		"@/typo": strings.Join(typo, " "), "@/few": strings.Join(list[:20], " "),
		"~/.ssh/cut": strings.Replace(string(text), "\n", "\nAAAA", 1), "@/nofooter": string(text[:len(text)-40]),
	} {
		must(a.t, os.WriteFile(a.path(name), []byte(content), 0o600))
	}
	a.secret("the damaged words", []byte(strings.Join(swapped, " ")))
	a.secret("the mistyped words", []byte(strings.Join(typo[6:], " ")))
}

// canaryCase is a command line.
type canaryCase struct {
	line  string
	stdin string // name of a file, "" for nothing
}

// lines are the commands, good and bad ones, in an order in which they can run in one home.
func (a *aviary) lines() []canaryCase {
	host := a.server.Target() + " -F " + a.server.Config + " --via ~/.ssh/way --via-passphrase-file @/pass"
	const generate = "generate --kdf-rounds 16 "
	var all []canaryCase
	for _, line := range []string{
		generate + "--service shop --passphrase-file @/pass --store-passphrase --ca @/ca --ca-passphrase-file @/pass --principals x --format json",
		generate + "--service again --passphrase-ledger shop",
		generate + "--service fd --passphrase-file /dev/stdin <pass",
		generate + "--service zero --passphrase-fd 0 <pass",
		generate + "--service weak --passphrase-file @/weak",
		generate + "--service shown --passphrase-file @/shown",
		generate + "--service lines --passphrase-file @/lines --no-ledger",
		generate + "--service key --passphrase-file @/plain --no-ledger",
		generate + "--service ca --passphrase-file @/pass --ca @/ca --ca-passphrase-file @/wrong --principals x",
		generate + "--service none --passphrase-file @/pass --ledger-passphrase-file @/wrong",
		generate + "--service two --passphrase-file @/pass --passphrase-fd 0 <pass",
		"adopt ~/.ssh/open", "adopt ~/.ssh/cut", "adopt ~/.ssh/mismatch", "adopt @/nofooter",
		"list -v", "list --format json", "list --format csv --all",
		"inspect -v ~/.ssh", "inspect --format json ~/.ssh/open ~/.ssh/cut ~/.ssh/mismatch @/nofooter", "inspect - <plain", "inspect - <nofooter", "inspect - <words", "inspect @/pass",
		"passphrase --check ~/.ssh/id_ed25519_shop --passphrase-file @/pass", "passphrase --check ~/.ssh/id_ed25519_shop --passphrase-file @/wrong",
		"passphrase ~/.ssh/id_ed25519_shop --passphrase-file @/wrong --new-passphrase-file @/new",
		"passphrase ~/.ssh/id_ed25519_shop --passphrase-file @/pass --new-passphrase-file @/weak",
		"passphrase ~/.ssh/id_ed25519_shop --passphrase-file @/pass --new-passphrase-file @/pass",
		"passphrase ~/.ssh/id_ed25519_shop --passphrase-file @/pass --new-passphrase-file @/new --kdf-rounds 16",
		"passphrase ~/.ssh/cut --new-passphrase-file @/new", "passphrase ~/.ssh/mismatch --new-passphrase-file @/new",
		"backup open -o @/stick --backup-passphrase-file @/backup --work-factor 15",
		"backup open --form sheet -o @/stick --backup-passphrase-file @/weak --work-factor 15",
		"backup open --form sheet -o @/stick --backup-passphrase-file @/backup --work-factor 15",
		"backup open --form sheet --payload words -o @/stick/words.html",
		"backup open --form words", "backup open -o @/stick/r.age --recipients-file @/plain", "backup open -o @/stick/r.age --recipients-file @/pass",
		"backup verify open @/stick/open.age --backup-passphrase-file @/backup", "backup verify open @/stick/open.age --backup-passphrase-file @/wrong",
		"backup verify shop @/stick/open.age --backup-passphrase-file @/backup",
		"backup verify open @/stick/open.age --identity @/plain", "backup verify open @/stick/open.age --identity @/pass",
		"backup verify open @/words", "backup verify open @/swapped", "backup verify open @/typo", "backup verify open @/few", "backup verify open - <typo",
		"backup verify shop @/words", "backup verify open @/pass", "backup verify open @/plain", "backup verify open @/nofooter",
		"restore @/stick/open.age -o ~/back --backup-passphrase-file @/wrong",
		"restore @/words -o ~/back --new-passphrase-file @/weak", "restore @/words -o ~/back --new-passphrase-file @/new --kdf-rounds 16",
		"restore @/typo -o ~/back2 --new-passphrase-file @/new", "restore @/swapped -o ~/back2 --new-passphrase-file @/new",
		"deploy ~/.ssh/id_ed25519_shop --passphrase-file @/new " + host, "deploy ~/.ssh/id_ed25519_shop --passphrase-file @/wrong " + host,
		"deploy --list " + host, "deploy @/plain " + host, "deploy @/pass " + host,
		"revoke shop --krl @/stick/krl " + host,
		"deploy ~/.ssh/id_ed25519_again --passphrase-file @/pass " + a.server.Target() + " -F " + a.server.Config + " --via ~/.ssh/way --via-passphrase-file @/wrong",
		"retire again --archive @/stick/again.age --archive-passphrase-file @/weak", "retire again --archive @/stick/again.age --archive-passphrase-file @/backup",
		"compromised shop --reason canary", "list -v --all", "retire open --destroy",
	} {
		line, stdin, _ := strings.Cut(line, " <")
		all = append(all, canaryCase{line, stdin})
	}
	return all
}

// TestCanaries runs commands on good and bad input, and looks for the secrets in everything that others may see.
func TestCanaries(t *testing.T) {
	t.Parallel()
	needStrace(t)
	a := newAviary(t)
	codes, started := map[int]int{}, 0
	for _, c := range a.lines() {
		program := cheap
		if strings.HasPrefix(c.line, "deploy") || strings.HasPrefix(c.line, "revoke") {
			program = real // ssh calls it back under its own name
		}
		cmd := a.command(program, strings.Fields(c.line)...)
		cmd.Env = append(cmd.Env, "TMPDIR="+a.path("@/tmp"))
		if c.stdin != "" {
			in, err := os.Open(a.path("@/" + c.stdin))
			must(t, err)
			cmd.Stdin = in
		}
		calls, said, err := strace(t, "trace=execve", cmd)
		code := exitOf(t, err)
		codes[code]++
		if code == -1 || strings.Contains(said, "panic") || strings.Contains(said, "goroutine ") {
			t.Errorf("%s: it crashed: %s", c.line, said)
		}
		for _, name := range a.find([]byte(said)) {
			t.Errorf("%s: shows %s:\n%s", c.line, name, said)
		}
		for _, call := range calls {
			started += strings.Count(call, "execve(")
			for _, name := range a.find([]byte(call)) {
				t.Errorf("%s: %s is in the arguments or the environment of a process: %s", c.line, name, call)
			}
		}
		a.look(c.line)
	}
	if codes[exitOK] < 20 || codes[exitOK] > 45 || started < len(a.lines())+20 {
		t.Errorf("exit codes %v, %d processes: the commands do not do what they are here for", codes, started)
	}
	t.Logf("%d commands, %d processes, %d forms of secrets; exit codes %v", len(a.lines()), started, len(a.needles), codes)
}

// look looks into all files that a command may have written.
func (a *aviary) look(after string) {
	a.t.Helper()
	for _, found := range a.files(a.may, a.dir, a.path("@/stick"), a.path("@/tmp"), a.server.Dir) {
		a.t.Errorf("after %s: %s", after, found)
	}
}

// TestCanariesAtDeath ends processes that hold a passphrase and a key: politely, and by signals that make Go print all it knows.
func TestCanariesAtDeath(t *testing.T) {
	t.Parallel()
	a := newAviary(t)
	slow := "generate --no-ledger --service slow --kdf-rounds 1024 --passphrase-fd 3"
	a.keygen("~/.ssh/slow", a.text("pass"))
	change := "passphrase ~/.ssh/slow --no-ledger --kdf-rounds 1024 --passphrase-fd 3 --new-passphrase-file @/new"
	for line, signals := range map[string][]syscall.Signal{
		slow:   {syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT},
		change: {syscall.SIGINT, syscall.SIGABRT},
	} {
		for _, signal := range signals {
			said, state := a.dies(line, signal)
			traced := strings.Contains(said, "goroutine ")
			if polite := signal == syscall.SIGINT || signal == syscall.SIGTERM; polite == traced || polite && state.ExitCode() != exitInterrupted {
				t.Errorf("%v: %v, and it said\n%s", signal, state, said)
			}
			for _, name := range a.find([]byte(said)) {
				t.Errorf("%v: shows %s:\n%s", signal, name, said)
			}
			if state.Sys().(syscall.WaitStatus).CoreDump() {
				t.Errorf("%v: there is a core dump", signal)
			}
			a.look(fmt.Sprint(line, ", ", signal))
		}
	}
}

// dies starts a command that may dump its core, and sends the signal once it has taken the passphrase.
func (a *aviary) dies(line string, signal syscall.Signal) (said string, state *os.ProcessState) {
	a.t.Helper()
	r, w, err := os.Pipe()
	must(a.t, err)
	inner := a.command(real, strings.Fields(line)...)
	cmd := exec.Command("/bin/sh", append([]string{"-c", `ulimit -c unlimited; exec "$@"`, "sh"}, inner.Args...)...)
	cmd.Dir, cmd.Env = a.dir, a.environ("TMPDIR="+a.path("@/tmp"), "GOTRACEBACK=crash")
	cmd.ExtraFiles = []*os.File{r}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	must(a.t, cmd.Start())
	must(a.t, r.Close())
	_, err = w.WriteString(a.text("pass") + "\n")
	must(a.t, err)
	must(a.t, w.Close())
	for range 1000 { // until it is at work on it: 100 ms of computing
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", cmd.Process.Pid))
		must(a.t, err)
		var ticks int
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		if _, err := fmt.Sscan(fields[11], &ticks); err == nil && ticks >= 20 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	must(a.t, cmd.Process.Signal(signal))
	_ = cmd.Wait() // how it ended is for the caller
	return out.String(), cmd.ProcessState
}

// TestCanariesOnTheScreen types passphrases on a terminal, wrong ones too, and presses Ctrl-C.
func TestCanariesOnTheScreen(t *testing.T) {
	t.Parallel()
	a := newAviary(t)
	for line, typed := range map[string][]string{
		"generate --no-ledger --service typed":                     {a.text("weak") + "\n", a.text("new") + "\n", a.text("wrong") + "\n", a.text("new") + "\x03"},
		"passphrase ~/.ssh/way --no-ledger":                        {a.text("wrong") + "\n", a.text("pass") + "\n", a.text("new") + "\n", "\x03"},
		"backup verify --no-ledger ~/.ssh/way @/plain":             {},
		"deploy --no-ledger ~/.ssh/other --via ~/.ssh/way nowhere": {a.text("wrong") + "\n", a.text("wrong") + "\n", a.text("wrong") + "\n"},
	} {
		cmd := a.command(real, strings.Fields(line)...)
		screen, err := pty.Start(cmd)
		must(t, err)
		var shown bytes.Buffer
		for buf, asked := make([]byte, 4096), 0; ; {
			n, err := screen.Read(buf)
			shown.Write(buf[:n])
			if err != nil {
				break
			}
			if bytes.HasSuffix(shown.Bytes(), []byte(": ")) && asked < len(typed) {
				_, err := screen.WriteString(typed[asked])
				must(t, err)
				asked++
			}
		}
		_ = cmd.Wait()
		_ = screen.Close()
		for _, name := range a.find(shown.Bytes()) {
			t.Errorf("%s: the screen shows %s:\n%s", line, name, shown.String())
		}
		if !strings.Contains(shown.String(), ": ") {
			t.Errorf("%s: nothing was asked:\n%s", line, shown.String())
		}
		a.look(line)
	}
}

// TestCanariesAreFound leaks each secret on purpose, in every way that the tests above look for.
func TestCanariesAreFound(t *testing.T) {
	t.Parallel()
	needStrace(t)
	testneed.Program(t, "base64")
	a := newAviary(t)
	for _, script := range []string{
		`cat "$1"`, `base64 -w 20 "$1"`, `(printf x; cat "$1") | base64`, `od -An -tx1 "$1" | tr -d ' \n'`, `od -An -tu1 -w100 "$1" | tr -s ' '`,
		`od -An -tx8 -w8 "$1"`, `/bin/true "$(cat "$1")"`, `A="$(cat "$1")" /bin/true`, `cp "$1" "$TMPDIR/x"`, `touch "$HOME/$(cat "$1")"`,
	} {
		cmd := a.command("/bin/sh")
		cmd.Args = []string{"/bin/sh", "-c", script, "sh", a.path("@/pass")}
		cmd.Env = append(cmd.Env, "TMPDIR="+a.path("@/tmp"))
		calls, said, err := strace(t, "trace=execve", cmd)
		must(t, err)
		all := append(a.find([]byte(said+strings.Join(calls, "\n"))), a.files(nil, a.path("@/tmp"), a.dir)...)
		if !slices.ContainsFunc(all, func(s string) bool { return strings.Contains(s, "the passphrase pass") }) {
			t.Errorf("%s: nothing is found", script)
		}
		_ = os.Remove(a.path("@/tmp/x"))
		_ = os.Remove(a.path("~/" + a.text("pass")))
	}
	for _, name := range []string{"the private key", "the words"} {
		found := a.find([]byte(a.read("@/words") + a.read("@/plain")))
		if !slices.ContainsFunc(found, func(s string) bool { return strings.HasPrefix(s, name) }) {
			t.Errorf("%s is not found", name)
		}
	}
}
