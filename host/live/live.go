// Package live is the machine that the program runs on, as a host.Source: its files, and what its programs say. Start at New.
//
// Only programs of package plan's table are run, and those that a trusted policy names: by absolute path, from directories that nobody but
// root can change if root runs them, without standard input, with settled environment and arguments, and not for longer than allowed.
package live

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"keysweep/host"
)

// ErrOtherSystem is the answer to everything on systems other than Linux.
var ErrOtherSystem = errors.New("machines that run " + runtime.GOOS + " are not looked at yet")

// Options of a machine.
type Options struct {
	// Now is the clock: time.Now.
	Now func() time.Time
	// Allow are commands that may be run beside those of the table: what a trusted policy names to tell a program's version.
	Allow [][]string
	// Path are the directories that hold programs, in their order; nil for the system's usual ones.
	Path []string
}

// Source is this machine. Its methods may be called concurrently; a command is run once, and then has the same answer.
type Source struct {
	options Options
	name    string
	mu      sync.Mutex
	answers map[string]*answer
	ran     []host.Output
}

// New returns this machine.
func New(o Options) *Source {
	if o.Path == nil {
		o.Path = []string{"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"}
	}
	name, err := os.Hostname()
	if err != nil {
		name = "localhost"
	}
	return &Source{options: o, name: name, answers: map[string]*answer{}}
}

// Allow adds a command that may be run: one that a trusted policy names to tell a program's version.
func (s *Source) Allow(command []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.options.Allow = append(s.options.Allow, slices.Clone(command))
}

// Kind is host.Live.
func (s *Source) Kind() host.Kind { return host.Live }

// Name is the machine's host name.
func (s *Source) Name() string { return s.name }

// Time is now.
func (s *Source) Time() time.Time { return s.options.Now() }

// Root reports whether root runs the program.
func (s *Source) Root() bool { return os.Geteuid() == 0 }

// Read is host.Source's.
func (s *Source) Read(name string) (*host.File, error) {
	real, err := follow("read", name)
	if err != nil {
		return nil, err
	}
	data, fi, err := host.ReadRegular(name, func() (fs.FileInfo, error) { return os.Lstat(real) },
		func(flag int) (*os.File, error) { return os.OpenFile(real, flag, 0) })
	if err != nil {
		return nil, host.Known(err)
	}
	return &host.File{Info: led(name, real, fi), Data: data}, nil
}

// Stat is host.Source's.
func (s *Source) Stat(name string) (host.Info, error) {
	real, err := follow("stat", name)
	if err != nil {
		return host.Info{}, err
	}
	fi, err := os.Stat(real)
	if err != nil {
		return host.Info{}, host.Known(err)
	}
	return led(name, real, fi), nil
}

// follow returns the path without links.
func follow(op, name string) (string, error) {
	if runtime.GOOS != "linux" {
		return "", &fs.PathError{Op: op, Path: name, Err: ErrOtherSystem}
	}
	real, err := filepath.EvalSymlinks(path.Join("/", name))
	if err = host.Known(err); err != nil && !errors.As(err, new(*fs.PathError)) {
		err = &fs.PathError{Op: op, Path: name, Err: err}
	}
	return real, err
}

func led(name, real string, fi fs.FileInfo) host.Info {
	info := host.InfoOf(name, fi, "")
	info.Name, info.Real = path.Base(name), real
	return info
}

// Lstat is host.Source's.
func (s *Source) Lstat(name string) (host.Info, error) {
	if runtime.GOOS != "linux" {
		return host.Info{}, &fs.PathError{Op: "lstat", Path: name, Err: ErrOtherSystem}
	}
	file := path.Join("/", name)
	fi, err := os.Lstat(file)
	if err != nil {
		return host.Info{}, host.Known(err)
	}
	link := ""
	if fi.Mode()&fs.ModeSymlink != 0 {
		if link, err = os.Readlink(file); err != nil {
			return host.Info{}, err
		}
	}
	return host.InfoOf(name, fi, link), nil
}

// List is host.Source's. What vanishes meanwhile, as processes do, is left out.
func (s *Source) List(dir string) ([]host.Info, error) {
	real, err := follow("list", dir)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(real)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	if fi, err := f.Stat(); err != nil || !fi.IsDir() {
		return nil, errors.Join(err, &fs.PathError{Op: "list", Path: dir, Err: host.ErrNoDirectory})
	}
	names, err := host.Names(f)
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	list := make([]host.Info, 0, len(names))
	for _, name := range names {
		info, err := s.Lstat(path.Join(real, name))
		if host.Missing(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		info.Path = path.Join(dir, name)
		list = append(list, info)
	}
	return list, nil
}
