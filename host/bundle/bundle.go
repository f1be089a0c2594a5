// Package bundle is what was collected of a machine, in one file: a host.Source that can be saved, sent and looked at later. Start at Collect,
// which takes what package plan lists from another source, and at Open, which reads a saved one.
//
// A bundle is a tar archive, gzipped or not. Its first member, manifest.json, says of each path what is known: mode, owner, size, time,
// where a link leads, and why something could not be had. The content of files stands under files/, what programs said under programs/.
// No private key and no hash of a password gets in (Reduce). What is opened may be meant to do harm: it is held in memory, bounded, and
// nothing of it is run, unpacked or followed out of it.
package bundle

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"keysweep/host"
	"keysweep/host/tree"
)

// Limits of a bundle.
const (
	MaxBytes    = 128 << 20 // of all content together
	MaxNodes    = 1 << 17   // paths of which something is known
	maxPath     = 4096      // bytes of a path, or of where a link leads
	maxPrograms = 4096
	maxManifest = 64 << 20
)

// Bundle is what was collected of a machine. It may be used concurrently when nothing is added any more.
type Bundle struct {
	About
	files    *tree.Tree
	programs map[string]*program
	size     int64
}

// About is what a bundle says of itself.
type About struct {
	Host      string    // the machine's own name
	Collected time.Time // by the machine's clock
	Collector string    // the version of the program that collected it
	UID       int       // with whose rights
}

// program is a command and what came of it.
type program struct {
	output host.Output
	err    error
}

// New returns an empty bundle, to which Add and Ran add.
func New(about About) *Bundle {
	return &Bundle{About: about, files: tree.New(true), programs: map[string]*program{}}
}

// Add adds what is known of a path. A regular file's data is reduced to what may be taken along. The error says that there is too much.
func (b *Bundle) Add(name string, n tree.Node) error {
	if len(name) > maxPath || len(n.Link) > maxPath || len(n.Real) > maxPath {
		return fmt.Errorf("a path of more than %d bytes", maxPath)
	}
	if n.Mode&fs.ModeSymlink == 0 {
		n.Real = ""
	}
	if n.Mode.IsRegular() && n.Err == nil {
		n.Data, n.Err = Reduce(name, n.Data)
	}
	if len(n.Data) > host.MaxFile {
		n.Data, n.Err = nil, host.ErrTooLarge
	}
	return b.put(name, n)
}

// put adds a node as it is.
func (b *Bundle) put(name string, n tree.Node) error {
	b.size += int64(len(n.Data))
	b.files.Add(name, n)
	if b.size > MaxBytes || b.files.Len() > MaxNodes { // with the directories on the way to it
		return fmt.Errorf("more than %d bytes or %d paths", MaxBytes, MaxNodes)
	}
	return nil
}

// Known reports whether what a file holds, or why that is not known, is in the bundle.
func (b *Bundle) Known(name string) bool {
	n := b.files.Node(name)
	return n != nil && (n.Gone != nil || n.Err != host.ErrNotCollected)
}

// Node returns what was added at a path; nil if nothing was.
func (b *Bundle) Node(name string) *tree.Node { return b.files.Node(name) }

// Paths returns all paths of which something is known, in their order.
func (b *Bundle) Paths() []string { return b.files.Paths() }

// Ran adds what a program said, or why it could not be run.
func (b *Bundle) Ran(out host.Output, err error) error {
	p := &program{output: out, err: err}
	var cutOut, cutErr error
	name := strings.Join(out.Argv[:min(1, len(out.Argv))], "")
	p.output.Stdout, cutOut = cut(name, out.Stdout)
	p.output.Stderr, cutErr = cut(name, out.Stderr)
	if err == nil && (cutOut != nil || cutErr != nil) {
		p.err = ErrWithheld
	}
	if len(out.Stdout) > host.MaxFile || len(out.Stderr) > host.MaxFile {
		p.output.Stdout, p.output.Stderr, p.err = nil, nil, host.ErrTooLarge
	}
	return b.putProgram(p)
}

func (b *Bundle) putProgram(p *program) error {
	b.size += int64(len(p.output.Stdout) + len(p.output.Stderr))
	if b.size > MaxBytes || len(b.programs) >= maxPrograms {
		return fmt.Errorf("more than %d bytes, or %d programs", MaxBytes, maxPrograms)
	}
	b.programs[strings.Join(p.output.Argv, "\x00")] = p
	return nil
}

// Kind is host.Bundle.
func (b *Bundle) Kind() host.Kind { return host.Bundle }

// Name is the machine's own name.
func (b *Bundle) Name() string { return b.Host }

// Time is when it was collected.
func (b *Bundle) Time() time.Time { return b.Collected }

// Root reports whether root collected it.
func (b *Bundle) Root() bool { return b.UID == 0 }

// Read is host.Source's.
func (b *Bundle) Read(name string) (*host.File, error) { return b.files.Read(name) }

// Stat is host.Source's.
func (b *Bundle) Stat(name string) (host.Info, error) { return b.files.Stat(name) }

// Lstat is host.Source's.
func (b *Bundle) Lstat(name string) (host.Info, error) { return b.files.Lstat(name) }

// List is host.Source's.
func (b *Bundle) List(dir string) ([]host.Info, error) { return b.files.List(dir) }

// Run returns what a program said when the bundle was made. One that was not there then is not there for other commands either.
func (b *Bundle) Run(_ context.Context, argv ...string) (*host.Output, error) {
	command := strings.Join(argv, " ")
	if p := b.programs[strings.Join(argv, "\x00")]; p != nil {
		if p.err != nil {
			return nil, fmt.Errorf("%s: %w", command, p.err)
		}
		out := p.output
		return &out, nil
	}
	for _, p := range b.programs {
		if len(argv) > 0 && len(p.output.Argv) > 0 && p.output.Argv[0] == argv[0] && host.Missing(p.err) {
			return nil, fmt.Errorf("%s: %w", command, fs.ErrNotExist)
		}
	}
	return nil, fmt.Errorf("%s: %w", command, host.ErrNotCollected)
}
