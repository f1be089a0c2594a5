//go:build unix

package cli

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/term"

	"keysweep/internal/testneed"
)

// person is somebody in front of a terminal, in which the program runs with standard streams of its own.
type person struct {
	t           *testing.T
	screen      *os.File
	line        *os.File // the program's side, to look at its settings
	cmd         *exec.Cmd
	out, said   bytes.Buffer
	home        string
	shown       string
	beforeState *term.State
}

// sitDown starts key generate in a session whose controlling terminal is not one of its standard streams.
func sitDown(t *testing.T, args ...string) *person {
	t.Helper()
	screen, line, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	p := &person{t: t, screen: screen, line: line, home: t.TempDir()}
	if p.beforeState, err = term.GetState(int(line.Fd())); err != nil {
		t.Fatal(err)
	}
	p.cmd = exec.Command(program(t), append([]string{"key", "generate", "--no-ledger", "--kdf-rounds", "16"}, args...)...)
	p.cmd.Dir = p.home
	p.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.home, "XDG_RUNTIME_DIR=" + p.home, "TERM=xterm"}
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = strings.NewReader(strings.Repeat(testNewPass+"\n", 5)), &p.out, &p.said
	p.cmd.ExtraFiles = []*os.File{line}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 3}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		_, _ = screen.Close(), line.Close()
	})
	return p
}

func (p *person) answers(question, answer string) {
	p.t.Helper()
	start := len(p.shown)
	for c := make([]byte, 1); !strings.Contains(p.shown[start:], question); { // byte by byte: the rest is for the next question
		if _, err := p.screen.Read(c); err != nil {
			p.t.Fatalf("%v after %q", err, p.shown)
		}
		p.shown += string(c)
	}
	if _, err := io.WriteString(p.screen, answer); err != nil {
		p.t.Fatal(err)
	}
}

// leaves waits for the program's end, and returns its exit code.
func (p *person) leaves() int {
	p.t.Helper()
	code := exitOf(p.t, p.cmd.Wait())
	after, err := term.GetState(int(p.line.Fd()))
	if err != nil {
		p.t.Fatal(err)
	}
	if *after != *p.beforeState {
		p.t.Error("the terminal's settings are not restored")
	}
	if all := p.shown + p.out.String() + p.said.String(); strings.Contains(all, testNewPass) {
		p.t.Errorf("the passphrase is shown:\n%s", all)
	}
	return code
}

func (p *person) key() string { return filepath.Join(p.home, ".ssh", "id_ed25519_git") }

func TestGenerateOnATerminal(t *testing.T) {
	testneed.Program(t, "ssh-keygen")
	p := sitDown(t, "--service", "git")
	question := "New passphrase for " + p.key() + ": "
	p.answers(question, "qwertyuiopqwertyuiop\n")
	p.answers("the same thing again and again", "")
	p.answers(question, testNewPass+"\n")
	p.answers("The same again: ", testNewPass+" \n")
	p.answers("These were not the same.", "")
	p.answers(question, testNewPass+"\n")
	p.answers("The same again: ", testNewPass+"\n")
	if code := p.leaves(); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, p.said.String())
	}
	pub := sshKeygen(t, "-y", "-P", testNewPass, "-f", p.key())
	if !strings.Contains(p.out.String(), strings.TrimSpace(pub)) {
		t.Errorf("the public key is not in the output:\n%s", p.out.String())
	}
}

func TestGenerateInterrupted(t *testing.T) {
	for name, signal := range map[string]func(*person){
		"Ctrl-C":  func(p *person) { p.answers(": ", "half a pass\x03") },
		"SIGTERM": func(p *person) { p.answers(": ", "half a pass"); _ = p.cmd.Process.Signal(syscall.SIGTERM) },
		"later":   func(p *person) { p.answers(": ", testNewPass+"\n"); p.answers("again: ", "\x03") },
	} {
		p := sitDown(t, "--service", "git")
		signal(p)
		if code := p.leaves(); code != exitInterrupted || p.said.String() != "note: nothing is recorded in the ledger (--no-ledger)\nkeysweep: interrupted\n" {
			t.Errorf("%s: exit code %d, said %q", name, code, p.said.String())
		}
		if left, _ := os.ReadDir(filepath.Dir(p.key())); len(left) > 0 {
			t.Errorf("%s: left behind: %v", name, left)
		}
	}
}

func TestGenerateGivesUp(t *testing.T) {
	for name, c := range map[string]struct {
		typed, want string
	}{
		"end of input": {"\x04", "nothing was entered"},
		"empty":        {"\n\x04", "it is empty"},
	} {
		p := sitDown(t, "--service", "git")
		for i := range c.typed {
			p.answers("New passphrase for "+p.key()+": ", c.typed[i:i+1])
		}
		code := p.leaves()
		rest := p.shown + p.said.String()
		if code != exitUsage || !strings.Contains(rest, c.want) {
			t.Errorf("%s: exit code %d\n%s", name, code, rest)
		}
	}
}

// TestGenerateThatNobodyCouldContinue presses Ctrl-Z where no shell would start the program again, so that the kernel does not
// stop it: the prompt comes back by itself.
func TestGenerateThatNobodyCouldContinue(t *testing.T) {
	p := sitDown(t, "--service", "git")
	p.answers("New passphrase", "half\x1a")
	p.answers("New passphrase for "+p.key()+": ", testNewPass+"\n")
	p.answers("The same again: ", testNewPass+"\n")
	if code := p.leaves(); code != exitOK {
		t.Errorf("exit code %d\n%s", code, p.said.String())
	}
}

// TestGeneratedPassphrase reads the passphrase off the screen and enters the words that are asked for.
func TestGeneratedPassphrase(t *testing.T) {
	testneed.Program(t, "ssh-keygen")
	p := sitDown(t, "--service", "git", "--generate-passphrase")
	p.answers("enter word ", "")
	pass := regexp.MustCompile(`(?m)^ {4}(\S+(?: \S+){5})\r$`).FindStringSubmatch(p.shown)
	if pass == nil {
		t.Fatalf("no passphrase is shown:\n%s", p.shown)
	}
	words := strings.Fields(pass[1])
	p.answers(": ", "surely not this\n")
	for range 2 {
		p.answers("enter word ", "")
		p.answers(": ", "")
		number, err := strconv.Atoi(strings.TrimSuffix(p.shown[strings.LastIndex(p.shown, "enter word ")+len("enter word "):], ": "))
		if err != nil || number < 1 || number > len(words) {
			t.Fatalf("which word?\n%s", p.shown)
		}
		p.answers("", strings.ToUpper(words[number-1])+"\n")
	}
	p.answers("Clear the screen", "")
	if code := p.leaves(); code != exitOK || strings.Contains(p.out.String()+p.said.String(), pass[1]) {
		t.Errorf("exit code %d\n%s%s", code, p.out.String(), p.said.String())
	}
	sshKeygen(t, "-y", "-P", pass[1], "-f", p.key())
}

// TestGenerateWithoutATerminal runs in a session without one: what is in the pipe is no passphrase.
func TestGenerateWithoutATerminal(t *testing.T) {
	home := t.TempDir()
	askpass := filepath.Join(home, "askpass")
	if err := os.WriteFile(askpass, []byte("#!/bin/sh\necho \"$1\" >> \"$HOME/asked\"\necho '"+testNewPass+"'\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		environ, args []string
		code          int
		said          string
	}{
		"nothing":           {code: exitUsage, said: "hint: give it with --passphrase-fd N or --passphrase-file FILE"},
		"generated":         {args: []string{"--generate-passphrase"}, code: exitUsage, said: "needs a terminal to show it"},
		"askpass, forced":   {environ: []string{"SSH_ASKPASS=" + askpass, "SSH_ASKPASS_REQUIRE=force"}, args: []string{"k1"}},
		"askpass, a screen": {environ: []string{"SSH_ASKPASS=" + askpass, "DISPLAY=:0"}, args: []string{"k2"}},
		"askpass, never":    {environ: []string{"SSH_ASKPASS=" + askpass, "DISPLAY=:0", "SSH_ASKPASS_REQUIRE=never"}, code: exitUsage, said: "cannot ask"},
		"no screen":         {environ: []string{"SSH_ASKPASS=" + askpass}, code: exitUsage, said: "cannot ask"},
		"declined":          {environ: []string{"SSH_ASKPASS=/bin/false", "SSH_ASKPASS_REQUIRE=force"}, code: exitUsage, said: "no passphrase was given"},
	} {
		cmd := exec.Command(program(t), append([]string{"key", "generate", "--no-ledger", "--kdf-rounds", "16"}, c.args...)...)
		cmd.Dir = home
		cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "XDG_RUNTIME_DIR=" + home}, c.environ...)
		cmd.Stdin = strings.NewReader(strings.Repeat(testNewPass+"\n", 5))
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		out, err := cmd.CombinedOutput()
		if code := exitOf(t, err); code != c.code || !strings.Contains(string(out), c.said) {
			t.Errorf("%s: exit code %d\n%s", name, code, out)
		}
	}
	if asked, err := os.ReadFile(filepath.Join(home, "asked")); err != nil || !strings.Contains(string(asked), "New passphrase for "+home) ||
		strings.Count(string(asked), "The same again: ") != 2 {
		t.Errorf("asked %q, %v", asked, err)
	}
}
