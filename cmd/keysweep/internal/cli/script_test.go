package cli

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs testdata/script at the root of the repository. What its commands do is in testdata/README.md.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "../../../../testdata/script",
		Setup:               setUp,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Condition: func(cond string) (bool, error) {
			if cond != "root" {
				return false, fmt.Errorf("there is no condition %q", cond)
			}
			return os.Geteuid() == 0, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":   cmdExits,
			"expand":  cmdExpand,
			"repo":    cmdRepo,
			"capture": cmdCapture,
			"make":    cmdMake,
			"mode":    cmdMode,
			"hides":   cmdHides,
		},
	})
}

// setUp gives a script a home of its own, fake secrets, and a git whose commits have the same ids every time.
func setUp(env *testscript.Env) error {
	home := filepath.Join(env.WorkDir, ".home")
	if err := os.MkdirAll(home, 0o755); err != nil {
		return err
	}
	for name, value := range fakeSecrets() {
		env.Setenv(name, value)
	}
	// XDG_RUNTIME_DIR leads nowhere, and DBUS_SESSION_BUS_ADDRESS is not set: no script reaches the keyring of who runs it.
	for name, value := range map[string]string{
		"HOME": home, "XDG_RUNTIME_DIR": filepath.Join(home, ".run"), "XDG_CONFIG_HOME": filepath.Join(home, ".config"), "XDG_STATE_HOME": filepath.Join(home, ".state"),
		"USER": "ann", "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1", "GIT_EDITOR": "true", "GIT_MERGE_AUTOEDIT": "no",
		"GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "ann@example.org", "GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z",
		"GIT_COMMITTER_NAME": "Com", "GIT_COMMITTER_EMAIL": "com@example.org", "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z",
	} {
		env.Setenv(name, value)
	}
	return nil
}

// cmdExits runs a program and wants an exit code: exits 1 keysweep scan.
func cmdExits(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARG...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// cmdExpand replaces ${NAME} in files by the script's variables: expand FILE...
func cmdExpand(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		text := regexp.MustCompile(`\$\{\w+\}`).ReplaceAllStringFunc(ts.ReadFile(name), func(v string) string {
			value := ts.Getenv(v[2 : len(v)-1])
			if value == "" {
				ts.Fatalf("%s: %s is not set", name, v)
			}
			return value
		})
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o644))
	}
}

// cmdRepo makes a git repository of a directory and commits what is in it: repo DIR.
func cmdRepo(ts *testscript.TestScript, _ bool, args []string) {
	for _, dir := range args {
		ts.Check(os.MkdirAll(ts.MkAbs(dir), 0o755))
		ts.Check(ts.Exec("git", "init", "-q", "-b", "main", dir))
		ts.Check(ts.Exec("git", "-C", dir, "add", "-A"))
		if ts.Exec("git", "-C", dir, "diff", "--cached", "--quiet") != nil {
			ts.Check(ts.Exec("git", "-C", dir, "commit", "-qm", "first"))
		}
	}
}

// cmdCapture puts the last output, without white space around it, into a variable: capture NAME [REGEXP]. With an expression
// it is the expression's first group.
func cmdCapture(ts *testscript.TestScript, _ bool, args []string) {
	text := strings.TrimSpace(ts.ReadFile("stdout"))
	if len(args) == 2 {
		m := regexp.MustCompile("(?m)" + args[1]).FindStringSubmatch(text)
		if len(m) < 2 {
			ts.Fatalf("%q does not match", args[1])
		}
		text = m[1]
	}
	ts.Setenv(args[0], text)
}

// cmdMake makes what an archive of text cannot hold: make utf16|long|fifo|binary|zip|png FILE.
func cmdMake(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: make KIND FILE")
	}
	file, token := ts.MkAbs(args[1]), ts.Getenv(secretPrefix+"GITHUB")
	var data []byte
	switch args[0] {
	case "utf16":
		data = []byte{0xff, 0xfe}
		for _, u := range utf16.Encode([]rune("token = \"" + token + "\"\r\n")) {
			data = append(data, byte(u), byte(u>>8))
		}
	case "long":
		data = slices.Concat([]byte(strings.Repeat("word ", 3<<20)), []byte("\""+token+"\" "), []byte(strings.Repeat("word ", 3<<20)))
	case "binary":
		data = append([]byte("\x7fELF\x02\x01\x01\x00"), make([]byte, 4096)...)
	case "zip": // without members
		data = append([]byte("PK\x05\x06"), make([]byte, 18)...)
	case "png":
		data = append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 256)...)
	case "fifo":
		ts.Check(makeFIFO(file))
		return
	default:
		ts.Fatalf("make: there is no %s", args[0])
	}
	ts.Check(os.WriteFile(file, data, 0o644))
}

// cmdMode wants a file to have a mode: mode 0600 FILE.
func cmdMode(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != args[0] {
		ts.Fatalf("%s has mode %s, want %s", args[1], got, args[0])
	}
}

// cmdHides wants files to hold none of the fake secrets: hides FILE...; "! hides" wants one in each.
func cmdHides(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		text, shown := ts.ReadFile(name), ""
		for secret, value := range secretsIn(fakeEnviron()) {
			if strings.Contains(text, value) {
				shown = secret
			}
		}
		if (shown != "") != neg {
			ts.Fatalf("%s: secret shown: %q", name, shown)
		}
	}
}

func fakeEnviron() (environ []string) {
	for name, value := range fakeSecrets() {
		environ = append(environ, name+"="+value)
	}
	return environ
}
