//go:build unix

package terminal

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// screen is a pseudo-terminal with a Terminal on it, and what a person sees.
type screen struct {
	t      *testing.T
	person *os.File // the person's side
	line   *os.File // the program's side
	term   *Terminal
	shown  []byte
}

func newScreen(t *testing.T) *screen {
	t.Helper()
	person, line, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	term, err := OpenDevice(line.Name())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _, _ = term.Close(), line.Close(), person.Close() })
	return &screen{t: t, person: person, line: line, term: term}
}

// until reads what is shown until it holds a text that was not there before.
func (s *screen) until(text string) {
	s.t.Helper()
	start := len(s.shown)
	for buf := make([]byte, 1); !bytes.Contains(s.shown[start:], []byte(text)); {
		if _, err := s.person.Read(buf); err != nil {
			s.t.Fatalf("%v after %q", err, s.shown)
		}
		s.shown = append(s.shown, buf...)
	}
}

func (s *screen) kind(text string) {
	s.t.Helper()
	if _, err := s.person.WriteString(text); err != nil {
		s.t.Fatal(err)
	}
}

func (s *screen) settings() unix.Termios {
	s.t.Helper()
	settings, err := unix.IoctlGetTermios(int(s.line.Fd()), getTermios)
	if err != nil {
		s.t.Fatal(err)
	}
	return *settings
}

type answer struct {
	line []byte
	err  error
}

// ask has the program ask while the test is the person.
func (s *screen) ask(ctx context.Context) <-chan answer {
	done := make(chan answer, 1)
	go func() {
		line, err := s.term.ReadPassphrase(ctx, "Pass: ")
		done <- answer{line, err}
	}()
	s.until("Pass: ")
	return done
}

func TestReadPassphrase(t *testing.T) {
	for name, c := range map[string]struct {
		typed, want string
		err         error
	}{
		"a line":             {typed: "open sesame\n", want: "open sesame"},
		"an empty line":      {typed: "\n", want: ""},
		"return":             {typed: "carriage\r", want: "carriage"},
		"backspace":          {typed: "abx\x7fc\n", want: "abc"},
		"kill":               {typed: "all wrong\x15right\n", want: "right"},
		"UTF-8":              {typed: "пароль 馬\n", want: "пароль 馬"},
		"spaces stay":        {typed: "  a b \n", want: "  a b "},
		"end of input":       {typed: "\x04", err: ErrNothing},
		"end after text":     {typed: "ab\x04c\n", want: "abc"},
		"only the first":     {typed: "one\ntwo\n", want: "one"},
		"as long as allowed": {typed: strings.Repeat("x", MaxLine) + "\n", want: strings.Repeat("x", MaxLine)},
		"too long":           {typed: strings.Repeat("x", MaxLine+1) + "\n", err: ErrTooLong},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScreen(t)
			before := s.settings()
			done := s.ask(t.Context())
			s.kind(c.typed)
			got := <-done
			if string(got.line) != c.want || !errors.Is(got.err, c.err) {
				t.Errorf("got %q, %v; want %q, %v", got.line, got.err, c.want, c.err)
			}
			if s.settings() != before {
				t.Error("the terminal's settings are not restored")
			}
			s.until("\n")
			if shown := string(s.shown); shown != "Pass: \r\n" {
				t.Errorf("the screen shows %q", shown)
			}
		})
	}
}

func TestMuchTooLong(t *testing.T) {
	s := newScreen(t)
	done := s.ask(t.Context())
	for range 20 {
		s.kind(strings.Repeat("y", 500))
	}
	s.kind("\n")
	if got := <-done; !errors.Is(got.err, ErrTooLong) {
		t.Errorf("got %d bytes, %v", len(got.line), got.err)
	}
	// What is left of the line is not the answer to the next question.
	done = s.ask(t.Context())
	s.kind("next\n")
	if got := <-done; string(got.line) != "next" || got.err != nil {
		t.Errorf("got %q, %v", got.line, got.err)
	}
}

func TestContextEndsTheQuestion(t *testing.T) {
	s := newScreen(t)
	before := s.settings()
	ctx, cancel := context.WithCancel(t.Context())
	done := s.ask(ctx)
	s.kind("half a passphra")
	cancel()
	if got := <-done; got.line != nil || !errors.Is(got.err, context.Canceled) {
		t.Errorf("got %q, %v", got.line, got.err)
	}
	if s.settings() != before {
		t.Error("the terminal's settings are not restored")
	}
	if _, err := s.term.ReadPassphrase(ctx, "again"); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
}

// TestSignalsEndTheQuestion sends what would end the process with echo off.
func TestSignalsEndTheQuestion(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGHUP} {
		screen := newScreen(t)
		before := screen.settings()
		done := screen.ask(t.Context())
		if err := syscall.Kill(os.Getpid(), s); err != nil {
			t.Fatal(err)
		}
		if got := <-done; !errors.Is(got.err, context.Canceled) {
			t.Errorf("%v: %q, %v", s, got.line, got.err)
		}
		if screen.settings() != before {
			t.Errorf("%v: the terminal's settings are not restored", s)
		}
	}
}

func TestWhatWasTypedBeforeDoesNotCount(t *testing.T) {
	s := newScreen(t)
	s.kind("typed ahead\n")
	s.until("ahead\r\n") // the terminal has it
	done := s.ask(t.Context())
	s.kind("now\n")
	if got := <-done; string(got.line) != "now" {
		t.Errorf("got %q, %v", got.line, got.err)
	}
}

func TestVisibleAndConfirm(t *testing.T) {
	s := newScreen(t)
	lines := make(chan string, 1)
	go func() {
		line, err := s.term.ReadLine(t.Context(), "Name: ")
		if err != nil {
			line = err.Error()
		}
		lines <- line
	}()
	s.until("Name: ")
	s.kind("ann\n")
	s.until("ann\r\n") // shown
	if got := <-lines; got != "ann" {
		t.Errorf("got %q", got)
	}
	for typed, want := range map[string]bool{"y\n": true, "YES\n": true, "\n": false, "no\n": false, "maybe\nyes\n": true} {
		said := make(chan bool, 1)
		go func() {
			yes, err := s.term.Confirm(t.Context(), "Sure?")
			said <- yes && err == nil
		}()
		s.until("Sure? [y/N] ")
		s.kind(typed)
		if got := <-said; got != want {
			t.Errorf("%q is %v", typed, got)
		}
	}
}

func TestOpenDeviceThatIsNone(t *testing.T) {
	for _, path := range []string{"/dev/null", "/nowhere"} {
		if _, err := OpenDevice(path); !errors.Is(err, ErrNone) {
			t.Errorf("%s: %v", path, err)
		}
	}
}
