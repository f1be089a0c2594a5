//go:build unix

package cli

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/creack/pty"

	"keysweep/internal/testneed"
)

const (
	testInnerPass  = "some words for a key"
	testBackupPass = "gravel mosaic unlit tipoff dangling pueblo"
)

// typist is a person at a terminal that a command runs on.
type typist struct {
	t        *testing.T
	cmd      *exec.Cmd
	terminal *os.File
	screen   string
}

// newTypist starts a command in a directory.
func newTypist(t *testing.T, dir string, args ...string) *typist {
	t.Helper()
	cmd := exec.Command(program(t), args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "XDG_RUNTIME_DIR=" + dir, "TERM=xterm"}
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 50, Cols: 200})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = terminal.Close()
	})
	return &typist{t: t, cmd: cmd, terminal: terminal}
}

// sees waits for a text and returns what came up to its end.
func (p *typist) sees(text string) string {
	p.t.Helper()
	before := len(p.screen)
	p.next(text)
	return p.screen[before:]
}

func (p *typist) types(text string) {
	p.t.Helper()
	if _, err := io.WriteString(p.terminal, text); err != nil {
		p.t.Fatal(err)
	}
}

// ends waits for the command's end and wants an exit code.
func (p *typist) ends(want int) string {
	p.t.Helper()
	rest, _ := io.ReadAll(p.terminal) // ends with EIO when the program has closed its side
	p.screen += string(rest)
	if got := exitOf(p.t, p.cmd.Wait()); got != want {
		p.t.Errorf("exit code %d, want %d\n%s", got, want, p.screen)
	}
	for _, pass := range []string{testInnerPass, testBackupPass, testNewPass} {
		if strings.Contains(p.screen, pass) {
			p.t.Errorf("a passphrase is on the screen:\n%s", p.screen)
		}
	}
	return p.screen
}

// keyToBackUp makes a directory with a key, id, and a place for backups.
func keyToBackUp(t *testing.T) (dir string) {
	t.Helper()
	testneed.Program(t, "ssh-keygen")
	dir = t.TempDir()
	sshKeygen(t, "-q", "-t", "ed25519", "-a", "1", "-N", testInnerPass, "-C", "ann@desk", "-f", filepath.Join(dir, "id"))
	if err := os.Mkdir(filepath.Join(dir, "usb"), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// wordsOn returns the 24 words that a screen shows, in their order.
func wordsOn(t *testing.T, screen string) []string {
	t.Helper()
	words := make([]string, 24)
	for _, m := range regexp.MustCompile(`(\d+)\. ([a-z]+)`).FindAllStringSubmatch(screen, -1) {
		if n, err := strconv.Atoi(m[1]); err == nil && n >= 1 && n <= 24 {
			words[n-1] = m[2]
		}
	}
	for i, w := range words {
		if w == "" {
			t.Fatalf("word %d is not on the screen:\n%s", i+1, screen)
		}
	}
	return words
}

// writtenDown has the words of dir/id shown, and proves to have them.
func writtenDown(t *testing.T, dir string) []string {
	t.Helper()
	p := newTypist(t, dir, "key", "backup", "id", "--form", "words", "--no-ledger")
	p.sees("Passphrase for id: ")
	p.types(testInnerPass + "\n")
	words := wordsOn(t, p.sees("enter word "))
	for more := true; more; {
		n, err := strconv.Atoi(strings.TrimSuffix(p.sees(": "), ": "))
		if err != nil {
			t.Fatal(err)
		}
		p.types(words[n-1] + "\n")
		more = p.next("enter word ", "Clear the screen") == 0
	}
	if screen := p.ends(exitOK); !strings.Contains(screen, "is on your paper (24 words)") || !strings.Contains(screen, "not recorded (--no-ledger)") {
		t.Errorf("the screen:\n%s", screen)
	}
	return words
}

// next waits for the first of several texts, and says which it is.
func (p *typist) next(texts ...string) int {
	p.t.Helper()
	got := ""
	one := make([]byte, 1)
	for {
		if _, err := p.terminal.Read(one); err != nil {
			p.t.Fatalf("the screen ends: %v\n%s%s", err, p.screen, got)
		}
		got += string(one)
		for i, text := range texts {
			if strings.HasSuffix(got, text) {
				p.screen += got
				return i
			}
		}
	}
}

// TestWordsOnATerminal shows a key's words, types them back, mistypes them, and restores the key from them.
func TestWordsOnATerminal(t *testing.T) {
	dir := keyToBackUp(t)
	words := writtenDown(t, dir)

	t.Run("one by one, with mistakes", func(t *testing.T) {
		p := newTypist(t, dir, "key", "backup", "verify", "id", "--no-ledger")
		for i, w := range words {
			prompt := "Word " + strconv.Itoa(i+1) + ": "
			p.sees(prompt)
			if i == 6 {
				p.types("abandom\n")
				p.sees("word 7 is not in the list of words; near it: abandon")
				p.sees(prompt)
			}
			p.types(strings.ToUpper(w[:min(4, len(w))]) + "\n")
		}
		if screen := p.ends(exitOK); !strings.Contains(screen, "proven: these words: the words are the private key id (SHA256:") {
			t.Errorf("the screen:\n%s", screen)
		}
	})
	t.Run("two swapped", func(t *testing.T) {
		swapped := append([]string{}, words...)
		i := 0
		for swapped[i] == swapped[i+1] {
			i++
		}
		swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
		p := newTypist(t, dir, "key", "backup", "verify", "id", "--no-ledger")
		p.sees("Word 1: ")
		p.types(strings.Join(swapped, " ") + "\n")
		// One wrong list in 256 has a right checksum; then it is another key.
		if screen := p.ends(exitFindings); !strings.Contains(screen, "damaged: these words: the checksum") && !strings.Contains(screen, "different key: these words") {
			t.Errorf("the screen:\n%s", screen)
		}
	})
	t.Run("interrupted", func(t *testing.T) {
		p := newTypist(t, dir, "key", "restore", "-o", "back")
		p.sees("Word 1: ")
		p.types(strings.Join(words[:5], " ") + "\n")
		p.sees("Word 6: ")
		p.types("\x03")
		p.ends(exitInterrupted)
	})
	t.Run("restored", func(t *testing.T) {
		p := newTypist(t, dir, "key", "restore", "-o", "back", "--kdf-rounds", "16", "--comment", "ann@new")
		p.sees("Word 1: ")
		p.types(strings.Join(words[:12], " ") + "\n")
		p.sees("Word 13: ")
		p.types(strings.Join(words[12:], " ") + "\n")
		p.sees("New passphrase for back: ")
		p.types(testNewPass + "\n")
		p.sees("The same again: ")
		p.types(testNewPass + "\n")
		p.ends(exitOK)
		want := strings.Fields(sshKeygen(t, "-y", "-P", testInnerPass, "-f", filepath.Join(dir, "id")))
		if got := strings.Fields(sshKeygen(t, "-y", "-P", testNewPass, "-f", filepath.Join(dir, "back"))); got[1] != want[1] {
			t.Errorf("another key came back: %v, not %v", got, want)
		}
	})
}

// TestAgeBackupOnATerminal asks for a new passphrase twice, and takes a mistyped one when the backup is verified.
func TestAgeBackupOnATerminal(t *testing.T) {
	dir := keyToBackUp(t)
	p := newTypist(t, dir, "key", "backup", "id", "-o", "usb", "--no-ledger", "--work-factor", "15")
	p.sees("New passphrase for the backup: ")
	p.types("short\n")
	p.sees("New passphrase for the backup: ")
	p.types(testBackupPass + "\n")
	p.sees("The same again: ")
	p.types(testBackupPass + "\n")
	p.ends(exitOK)

	p = newTypist(t, dir, "key", "backup", "verify", "id", "usb/id.age", "--no-ledger")
	p.sees("Passphrase of the backup: ")
	p.types("a typo\n")
	p.sees("That does not open the backup. Try again.")
	p.sees("Passphrase of the backup: ")
	p.types(testBackupPass + "\n")
	if screen := p.ends(exitOK); !strings.Contains(screen, "proven: usb/id.age") {
		t.Errorf("the screen:\n%s", screen)
	}
	p = newTypist(t, dir, "key", "backup", "verify", "id", "usb/id.age", "--no-ledger")
	for range 3 {
		p.sees("Passphrase of the backup: ")
		p.types("wrong again\n")
	}
	if screen := p.ends(exitFindings); !strings.Contains(screen, "wrong passphrase: usb/id.age") {
		t.Errorf("the screen:\n%s", screen)
	}
}
