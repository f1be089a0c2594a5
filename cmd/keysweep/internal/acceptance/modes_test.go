//go:build linux

package acceptance

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"keysweep/internal/testneed"
)

// fileCalls are the system calls that make, open, fill and expose files. A question mark is for those that not every machine has.
const fileCalls = "trace=?open,?creat,openat,?openat2,write,pwrite64,?writev,?pwritev,?sendfile,?copy_file_range,?chmod,fchmod,fchmodat,?fchmodat2,?mkdir,mkdirat,?mknod,mknodat,?symlink,symlinkat"

// strace runs a command under umask 000, and returns what it and its children called, one call a line.
func strace(t *testing.T, calls string, cmd *exec.Cmd) (lines []string, said string, err error) {
	t.Helper()
	dir := t.TempDir()
	args := []string{"-c", `umask 000; exec "$@"`, "sh", testneed.Program(t, "strace"), "-ff", "-y", "-qq", "-v", "-s", "100000", "-e", "signal=none", "-e", calls, "-o", filepath.Join(dir, "trace")}
	if os.Geteuid() != 0 {
		// strace cannot read the memory of a process that has made itself undumpable, unless it is root's.
		args = append(args, "-e", "inject=prctl:retval=0")
	}
	under := exec.Command("/bin/sh", append(args, cmd.Args...)...)
	under.Dir, under.Env, under.ExtraFiles, under.Stdin = cmd.Dir, cmd.Env, cmd.ExtraFiles, cmd.Stdin
	out, err := under.CombinedOutput()
	traces, _ := filepath.Glob(filepath.Join(dir, "trace.*")) // the pattern is right
	for _, trace := range traces {
		text, err := os.ReadFile(trace)
		must(t, err)
		lines = append(lines, strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")...)
	}
	return lines, string(out), err
}

// needStrace skips the test where strace is missing or forbidden, as in some containers, unless real programs are required.
func needStrace(t *testing.T) {
	t.Helper()
	lines, said, err := strace(t, "trace=execve", exec.Command("/bin/true"))
	if err == nil && len(lines) > 0 {
		return
	}
	testneed.Missing(t, "strace, which does not work here: %v\n%s", err, said)
}

var (
	openCall  = regexp.MustCompile(`^(?:open|openat|openat2|creat)\((?:[^"]*)"([^"]*)", (?:\{flags=)?([A-Z_|]+)(?:, (?:mode=)?(0\d*))?.* = \d+<`)
	writeCall = regexp.MustCompile(`^(?:p?write(?:64|v)?|sendfile)\(\d+<([^>]*)>, (.*)`)
	chmodCall = regexp.MustCompile(`^f?chmod(?:at2?)?\((?:AT_FDCWD<[^>]*>, )?(?:"([^"]*)"|\d+<([^>]*)>), (0\d*)`)
	dirCall   = regexp.MustCompile(`^(?:mkdir|mkdirat)\((?:AT_FDCWD<[^>]*>, )?"([^"]*)", (0\d*)\).* = 0`)
	onlyZeros = regexp.MustCompile(`^"(?:\\0)+", `)
)

// exposures says what is wrong with how files below a directory were made: each file that gets content must be made by this run
// with O_CREAT|O_EXCL and mode 0600, and may not become wider. Public keys may, once they are whole.
func exposures(lines []string, below string) (wrong []string) {
	safe := map[string]bool{}
	ours := func(path string) bool { return strings.HasPrefix(path, below) }
	for _, line := range lines {
		if m := openCall.FindStringSubmatch(line); m != nil && ours(m[1]) && strings.Contains(m[2], "O_CREAT") {
			flags := strings.Split(m[2], "|")
			safe[m[1]] = slices.Contains(flags, "O_EXCL") && m[3] == "0600"
		}
	}
	for _, line := range lines {
		if m := writeCall.FindStringSubmatch(line); m != nil && ours(m[1]) && !safe[m[1]] && !onlyZeros.MatchString(m[2]) {
			wrong = append(wrong, "written, and not made with O_CREAT|O_EXCL and 0600: "+line)
		}
		if m := chmodCall.FindStringSubmatch(line); m != nil && ours(m[1]+m[2]) && wide(m[3], 0o077) && !strings.Contains(filepath.Base(m[1]+m[2]), ".pub") {
			wrong = append(wrong, "made wider: "+line)
		}
		if m := dirCall.FindStringSubmatch(line); m != nil && ours(m[1]) && wide(m[2], 0o022) {
			wrong = append(wrong, "a directory in which others may write: "+line)
		}
		if strings.HasPrefix(line, "copy_file_range") || strings.HasPrefix(line, "mknod") {
			wrong = append(wrong, "not understood: "+line)
		}
	}
	return wrong
}

func wide(mode string, bits int64) bool {
	n, err := strconv.ParseInt(mode, 8, 32)
	return err != nil || n&bits != 0
}

// writers are commands that write every kind of file, one after the other in one home.
func writers() [][]string {
	all := []string{
		"generate --service shop --passphrase-file @/pass --kdf-rounds 16 --ssh-config shop --ca @/ca --principals deploy --store-passphrase",
		"generate --service cron --no-passphrase --reason timer",
		"adopt ~/.ssh/open",
		"passphrase ~/.ssh/open --new-passphrase-file @/new --kdf-rounds 16",
		"passphrase ~/.ssh/open --passphrase-file @/new --no-passphrase --reason timer",
		"passphrase ~/.ssh/pem --passphrase-file @/pass --new-passphrase-file @/new --kdf-rounds 16 --output ~/.ssh/openssh",
		"backup shop -o @/stick --backup-passphrase-file @/backup --work-factor 15",
		"backup shop --form sheet -o @/stick --backup-passphrase-file @/backup --work-factor 15",
		"backup shop --form sheet --payload words -o @/stick/words.html --passphrase-file @/pass",
		"backup verify shop @/stick/shop.age --backup-passphrase-file @/backup",
		"restore @/stick/shop.age -o ~/deep/er/back --backup-passphrase-file @/backup",
		"restore @/stick/words.html -o ~/.ssh/words --new-passphrase-file @/new --kdf-rounds 16",
		"inspect ~/.ssh/shop-none.pub -o @/stick/report",
		"compromised open --reason lost",
		"retire open --destroy",
		"retire shop --archive @/stick/archive.age --archive-passphrase-file @/backup",
	}
	var commands [][]string
	for _, line := range all {
		commands = append(commands, strings.Fields(line))
	}
	return commands
}

// TestModes runs every command that writes, under umask 000.
func TestModes(t *testing.T) {
	t.Parallel()
	needStrace(t)
	h := newHome(t)
	must(t, os.Remove(h.path("~/.ssh"))) // it is made
	h.keygen("@/ca", "")
	h.keygen("@/open", "")
	h.keygen("@/pem", keyPass, "-t", "rsa", "-b", "2048", "-m", "PEM")
	made := 0
	for i, args := range writers() {
		if i == 1 { // .ssh is there now
			for _, name := range []string{"open", "pem"} {
				must(t, os.Rename(h.path("@/"+name), h.path("~/.ssh/"+name)))
			}
			must(t, os.WriteFile(h.path("~/.ssh/shop-none.pub"), []byte(h.read("@/ca.pub")), 0o644))
		}
		lines, said, err := strace(t, fileCalls, h.command(cheap, args...))
		if code := exitOf(t, err); code != exitOK && args[0] != "inspect" {
			t.Fatalf("%q: exit code %d\n%s", args, code, said)
		}
		for _, wrong := range exposures(lines, h.root) {
			t.Errorf("%q: %s", args, wrong)
		}
		for _, line := range lines {
			if m := openCall.FindStringSubmatch(line); m != nil && strings.HasPrefix(m[1], h.root) && strings.Contains(m[2], "O_EXCL") {
				made++
			}
		}
		if litter := h.private(); len(litter) > 0 {
			t.Errorf("%q leaves %q", args, litter)
		}
	}
	for _, dir := range []string{"~/.ssh", "~/deep/er", "~/.local/share/keysweep/ledger"} {
		if info, err := os.Stat(h.path(dir)); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v, %v", dir, info.Mode(), err)
		}
	}
	if made < 30 {
		t.Errorf("%d files were made: the trace does not show them", made)
	}
	t.Logf("%d files were made by %d commands under umask 000", made, len(writers()))
}

// TestModesNotice shows that the test above can fail.
func TestModesNotice(t *testing.T) {
	needStrace(t)
	dir := t.TempDir()
	for script, want := range map[string]string{
		"echo key > %s/id": "not made with",
		"mkdir %s/d":       "others may write",
		"mktemp %s/id.XXXXXX | { read f; chmod 644 $f; }": "made wider",
		"f=$(mktemp %s/id.XXXXXX); echo key > $f":         "",
		"cp /etc/passwd %s/p":                             "not",
	} {
		lines, said, err := strace(t, fileCalls, exec.Command("/bin/sh", "-c", fmt.Sprintf(script, dir)))
		if err != nil {
			t.Fatalf("%v\n%s", err, said)
		}
		wrong := exposures(lines, dir)
		if want == "" && len(wrong) > 0 || want != "" && !strings.Contains(strings.Join(wrong, "\n"), want) {
			t.Errorf("%s: found %q, want %q", script, wrong, want)
		}
	}
}
