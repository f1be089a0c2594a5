// Package host observes a machine: this one, a tree that was mounted, or what was collected on another one. It states facts and has
// no opinions.
//
// Start at Source, which is where all facts come from, and at package host/observe, which gathers them. A fact that could not be
// had is an error and never a default: fs.ErrNotExist is knowledge, everything else is ignorance (Missing tells them apart).
package host

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"
)

// Kind says what a source looks at.
type Kind string

// The kinds of sources.
const (
	Live   Kind = "live"   // the machine that the program runs on
	Image  Kind = "image"  // a directory that holds a machine's files; nothing of it is run
	Bundle Kind = "bundle" // files and answers that were collected before
)

// Source is where facts of a machine come from. Paths are absolute, slash-separated and those of the machine; symbolic links are
// followed inside of it, never out of it. Errors wrap fs.ErrNotExist if there is no such file, fs.ErrPermission if this user may not
// look, ErrNotCollected or ErrNotRun if the source cannot know. All methods are safe for concurrent use.
type Source interface {
	Kind() Kind
	// Name is the machine's name for people: its host name, or the path of the tree.
	Name() string
	// Read returns a regular file of at most MaxFile bytes; larger ones, devices and pipes are errors.
	Read(path string) (*File, error)
	// Stat says what a path leads to.
	Stat(path string) (Info, error)
	// Lstat says what a path is, without following it if it is a link.
	Lstat(path string) (Info, error)
	// List returns the entries of a directory in the order of their names.
	List(dir string) ([]Info, error)
	// Run runs a program of the machine that only looks, with a settled environment (LC_ALL=C, no pager, no terminal) and a
	// deadline, and returns what it said, whatever its exit code. A program that is not installed is fs.ErrNotExist.
	Run(ctx context.Context, argv ...string) (*Output, error)
	// Time is when the facts are from: now, or when they were collected. Zero for an image, whose age nobody knows.
	Time() time.Time
	// Root reports whether the facts are seen with the rights of root; it is also so for an image that holds all of its files.
	Root() bool
}

// MaxFile is the largest file that is read, in bytes, and the most that is kept of what a program says.
const MaxFile = 16 << 20

// MaxEntries is how many entries a directory may have that is listed.
const MaxEntries = 1 << 16

// Errors of sources that cannot know.
var (
	ErrNotCollected = errors.New("it was not collected")
	ErrNotRun       = errors.New("nothing is run there")
)

// Errors of sources that do not look at what there is.
var (
	ErrIrregular   = errors.New("it is no regular file")
	ErrNoDirectory = errors.New("it is no directory")
	ErrTooLarge    = fmt.Errorf("it holds more than %d bytes", MaxFile)
	ErrTooMany     = fmt.Errorf("it holds more than %d entries", MaxEntries)
)

// File is the content of a file and what is known about it.
type File struct {
	Info
	Data []byte
}

// Info is what is known about a file.
type Info struct {
	Path string      // as it was asked for
	Real string      // Path with all links followed; "" from Lstat and List
	Name string      // last part of the path
	Mode fs.FileMode // type and permissions, setuid, setgid and sticky bit
	UID  int         // owner; -1 if unknown
	GID  int         // group; -1 if unknown
	Size int64
	Time time.Time // of the last change of its content
	Link string    // where a link leads, as it is written; "" otherwise
}

// Output is what a program said.
type Output struct {
	Argv           []string
	Stdout, Stderr []byte
	Exit           int
	CPU            time.Duration // user and system time; 0 if unknown
	Elapsed        time.Duration
}

// Missing reports whether an error is the knowledge that there is no such file or program. Every other error means that nothing is known.
func Missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// Glob returns the files that match a pattern of path.Match in the last part of a path, in the order of their names. A directory
// that does not exist has none.
func Glob(s Source, pattern string) ([]Info, error) {
	dir, last := path.Split(pattern)
	entries, err := s.List(path.Clean(dir))
	if Missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []Info
	for _, e := range entries {
		ok, err := path.Match(last, e.Name)
		if err != nil {
			return nil, fmt.Errorf("pattern %s: %w", pattern, err)
		}
		if ok {
			list = append(list, e)
		}
	}
	return list, nil
}

// Origin is where a value was set.
type Origin struct {
	Path   string // the file; "" for a default
	Line   int    // from 1; 0 if unknown
	Column int    // of the value, from 1 in code points; 0 if unknown
	Text   string // the line
}

// String returns FILE:LINE, or "default".
func (o Origin) String() string {
	switch {
	case o.Path == "":
		return "default"
	case o.Line == 0:
		return o.Path
	}
	return fmt.Sprintf("%s:%d", o.Path, o.Line)
}
