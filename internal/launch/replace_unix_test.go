//go:build unix

package launch

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestReplaceIsTheProgram(t *testing.T) {
	cmd := helper("replace", "sh", "-c", `echo "$0:$1:$2"; echo $$; exit 7`, "", "a b", "")
	out, status := outcome(t, cmd)
	if want := fmt.Sprintf(":a b:\n%d", cmd.Process.Pid); out != want || status.ExitStatus() != 7 {
		t.Errorf("said %q and ended with %d, want %q and 7", out, status.ExitStatus(), want)
	}
	if _, status := outcome(t, helper("replace", "sh", "-c", "kill -USR1 $$")); status.Signal() != syscall.SIGUSR1 {
		t.Errorf("ended with %v", status)
	}
}

func TestReplaceFails(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{"plain": "echo \"$0 $1\"\n", "interpreter": "#!/no/such/interpreter\n", "binary": "\x00\x01\x02\x03", "empty": ""}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	long := strings.Repeat("x", 100_000)
	many := make([]string, 25)
	for i := range many {
		many[i] = long
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{dir + "/plain", "a b"}, 0, dir + "/plain a b"}, // as execvp(3) and every shell have it
		{[]string{dir + "/empty"}, 0, ""},
		{[]string{dir + "/interpreter"}, CodeNotFound, "is not there"},
		{[]string{dir + "/binary"}, CodeNotExecutable, "format"},
		{[]string{"no-such-program"}, CodeNotFound, "not found in the PATH"},
		{[]string{dir}, CodeNotExecutable, "it is a directory"},
	} {
		out, status := outcome(t, helper("replace", c.args...))
		if status.ExitStatus() != c.code || !strings.Contains(out, c.says) {
			t.Errorf("%q: ended with %d and said %q; want %d and %q", c.args, status.ExitStatus(), out, c.code, c.says)
		}
	}
	p := Program{Path: "/bin/true", Args: append([]string{"true"}, many...)}
	if err := p.Replace(); err == nil || !strings.Contains(err.Error(), "too long") || len(err.Error()) > 200 {
		t.Errorf("too many arguments: %.300v", err)
	}
}

// TestDescriptors has the program list its descriptors: those that it inherited, and none of this package's or of the runtime's.
func TestDescriptors(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	for _, mode := range []string{"replace", "child"} {
		cmd := helper(mode, "sh", "-c", `for n in 0 1 2 3 4 5 6 7 8 9 10 11 12 100 101; do if { true <&$n; } 2>/dev/null; then echo $n; fi; done`)
		cmd.ExtraFiles = []*os.File{r, w}
		cmd.Args[3] = strings.ReplaceAll(cmd.Args[3], "true <&$n", `eval "true <&$n"`)
		out, _ := outcome(t, cmd)
		if got := strings.Join(strings.Fields(out), " "); got != "0 1 2 3 4" {
			t.Errorf("%s: the program has the descriptors %s", mode, got)
		}
	}
}
