package cli

import (
	"io"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"golang.org/x/term"
)

// Env is everything a command sees of the world around the process. Tests make their own.
type Env struct {
	Args           []string // without the program's name
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Environ        []string // as of os.Environ
	Dir            string   // working directory, absolute
	Executable     string   // path of this program
	Now            func() time.Time
	StdoutTerminal bool
	StderrTerminal bool
	Width          int // columns of the terminal; 0 if there is none
	Version        string
	Commit         string
}

// System returns the process's own environment. version and commit are what the linker was told; if it was told nothing, the
// build information of the binary says.
func System(version, commit string) Env {
	dir, _ := os.Getwd() // "" makes what needs it fail with a message of its own
	exe, _ := os.Executable()
	env := Env{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Environ: os.Environ(), Dir: dir,
		Executable: exe, Now: time.Now, StdoutTerminal: isTerminal(os.Stdout), StderrTerminal: isTerminal(os.Stderr),
		Version: version, Commit: commit,
	}
	if w, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil {
		env.Width = w
	}
	env.fromBuildInfo()
	return env
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

func (e *Env) fromBuildInfo() {
	info, ok := debug.ReadBuildInfo()
	if e.Version == "" {
		e.Version = "devel"
		if ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
			e.Version = info.Main.Version
		}
	}
	if e.Commit == "" && ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				e.Commit = s.Value
			}
		}
	}
}

// Getenv returns the value of an environment variable, "" if it is not set.
func (e *Env) Getenv(name string) string {
	for i := len(e.Environ) - 1; i >= 0; i-- {
		if value, ok := strings.CutPrefix(e.Environ[i], name+"="); ok {
			return value
		}
	}
	return ""
}
