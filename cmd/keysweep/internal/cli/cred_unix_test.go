//go:build unix

package cli

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// onScreen runs keysweep cred on a terminal: it waits for each question and answers it. It returns what the screen shows and the
// exit code.
func (h *credHome) onScreen(args []string, steps ...[2]string) (screen string, code int) {
	h.t.Helper()
	cmd := exec.Command(program(h.t), append([]string{"cred"}, args...)...)
	cmd.Dir = h.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + h.dir, "TERM=xterm", "GIT_CONFIG_NOSYSTEM=1", "XDG_RUNTIME_DIR=" + h.dir,
		ledgerPassphraseFile + "=" + filepath.Join(h.dir, "ledger")}
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 50, Cols: 200})
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = terminal.Close() }()
	h.t.Cleanup(func() { _ = cmd.Process.Kill() })
	for _, step := range steps {
		screen += readUntil(h.t, terminal, step[0])
		if _, err := io.WriteString(terminal, step[1]); err != nil {
			h.t.Fatal(err)
		}
	}
	rest, _ := io.ReadAll(terminal) // ends with EIO when the program has closed its side
	return screen + string(rest), exitOf(h.t, cmd.Wait())
}

// TestCredOnATerminal asks for purpose and value, lists what an import would move, and shows a value after a question alone.
func TestCredOnATerminal(t *testing.T) {
	h := newCredHome(t)
	value := strings.Repeat("Vw5", 8)
	h.run(exitOK, value+"q", "add", "FIRST_TOKEN", "--env", "dev", "--purpose", "x") // the ledger, quickly
	want := func(screen string, code, wanted int, words ...string) {
		t.Helper()
		if code != wanted {
			t.Errorf("exit code %d, want %d\n%s", code, wanted, screen)
		}
		for _, w := range words {
			if !strings.Contains(screen, w) {
				t.Errorf("the screen lacks %q:\n%s", w, screen)
			}
		}
	}
	hidden := func(screen string) {
		t.Helper()
		if strings.Contains(screen, value) {
			t.Errorf("the value is on the screen:\n%s", screen)
		}
	}
	screen, code := h.onScreen([]string{"add", "A_TOKEN", "--env", "dev"}, [2]string{"What needs dev/A_TOKEN? ", "tests\n"},
		[2]string{"Value of dev/A_TOKEN (it is not shown): ", value + "\n"})
	want(screen, code, exitOK, "(24 characters)", "added dev/A_TOKEN", "purpose   tests")
	hidden(screen)
	screen, code = h.onScreen([]string{"add", "B_TOKEN", "--env", "dev"}, [2]string{"What needs dev/B_TOKEN? ", "\n"})
	want(screen, code, exitUsage, "if nothing needs it, revoke it")
	screen, code = h.onScreen([]string{"add", "B_TOKEN", "--env", "dev", "--purpose", "x"}, [2]string{"(it is not shown): ", value[:5] + "\x03"})
	want(screen, code, exitInterrupted)
	screen, code = h.onScreen([]string{"show", "dev/A_TOKEN", "--reveal"}, [2]string{"Show the value of dev/A_TOKEN (24 characters) on this screen? [y/N] ", "\n"})
	want(screen, code, exitUsage, "not shown")
	hidden(screen)
	screen, code = h.onScreen([]string{"show", "dev/A_TOKEN", "--reveal"}, [2]string{"[y/N] ", "y\n"})
	want(screen, code, exitOK, value)

	text := "C_TOKEN=" + value + "x\nPORT=1\n"
	h.write(".env", text)
	screen, code = h.onScreen([]string{"import", ".env", "--env", "dev"}, [2]string{"Move them? [y/N] ", "n\n"})
	want(screen, code, exitUsage, "C_TOKEN  ->  keysweep://dev/C_TOKEN", "nothing was changed")
	hidden(screen)
	if got := h.read(".env"); got != text {
		t.Errorf("%q", got)
	}
	screen, code = h.onScreen([]string{"import", ".env", "--env", "dev"}, [2]string{"Move them? [y/N] ", "y\n"}, [2]string{"What needs 1 variable of .env? ", "tests\n"})
	want(screen, code, exitOK, "may be committed")
	hidden(screen)
	if got := h.read(".env"); got != "C_TOKEN=keysweep://dev/C_TOKEN\nPORT=1\n" {
		t.Errorf("%q", got)
	}
	screen, code = h.onScreen([]string{"remove", "dev/C_TOKEN"}, [2]string{"Destroy the value of dev/C_TOKEN? It cannot be had back from here. [y/N] ", "no\n"})
	want(screen, code, exitUsage, "nothing was removed")
	screen, code = h.onScreen([]string{"remove", "dev/C_TOKEN"}, [2]string{"[y/N] ", "yes\n"})
	want(screen, code, exitOK, "dev/C_TOKEN is removed")
}
