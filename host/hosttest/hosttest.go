// Package hosttest makes machines for tests: files, and what programs would say. Start at New.
package hosttest

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"keysweep/host"
	"keysweep/host/tree"
)

// Machine is a host.Source that a test describes. It is a live machine called "test", seen by root, whose files belong to root; what was not
// said to be there is known to be absent. It is described first and read afterwards, also concurrently.
type Machine struct {
	files    *tree.Tree
	programs map[string]result
	kind     host.Kind
	name     string
	user     bool
	at       time.Time
}

type result struct {
	out host.Output
	err error
}

// New makes a machine of files, mode 0644, by their paths. A path with a slash at its end is an empty directory.
func New(files map[string]string) *Machine {
	m := &Machine{files: tree.New(false), programs: map[string]result{}, kind: host.Live, name: "test", at: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)}
	for name, content := range files {
		if strings.HasSuffix(name, "/") {
			m.Dir(name)
			continue
		}
		m.File(name, content)
	}
	return m
}

// File adds a file of root's, mode 0644, changed a day before the machine's time.
func (m *Machine) File(name, content string) *Machine {
	m.files.Add(name, tree.Node{Info: host.Info{Mode: 0o644, Size: int64(len(content)), Time: m.at.Add(-24 * time.Hour)}, Data: []byte(content)})
	return m
}

// Dir adds a directory of root's, mode 0755. Those on the way to a file need no mention.
func (m *Machine) Dir(name string) *Machine {
	m.files.Add(name, tree.Node{Info: host.Info{Mode: fs.ModeDir | 0o755, Time: m.at.Add(-24 * time.Hour)}})
	return m
}

// Link adds a symbolic link.
func (m *Machine) Link(name, target string) *Machine {
	m.files.Add(name, tree.Node{Info: host.Info{Mode: fs.ModeSymlink | 0o777, Link: target, Size: int64(len(target))}})
	return m
}

// Node adds anything else: a device, a pipe.
func (m *Machine) Node(name string, mode fs.FileMode) *Machine {
	m.files.Add(name, tree.Node{Info: host.Info{Mode: mode}})
	return m
}

// node returns what is at a path; an empty file if nothing was.
func (m *Machine) node(name string) *tree.Node {
	if n := m.files.Node(name); n != nil {
		return n
	}
	return m.files.Add(name, tree.Node{Info: host.Info{Mode: 0o644}})
}

// Mode sets the permissions, setuid, setgid and sticky bit of what is at a path.
func (m *Machine) Mode(name string, mode fs.FileMode) *Machine {
	n := m.node(name)
	n.Mode = n.Mode.Type() | mode
	return m
}

// Own sets the owner and group of what is at a path.
func (m *Machine) Own(name string, uid, gid int) *Machine {
	n := m.node(name)
	n.UID, n.GID = uid, gid
	return m
}

// Touch sets when what is at a path was changed.
func (m *Machine) Touch(name string, at time.Time) *Machine {
	m.node(name).Time = at
	return m
}

// Deny keeps the content of a file, or the entries of a directory, from this user.
func (m *Machine) Deny(name string) *Machine { return m.Fail(name, fs.ErrPermission) }

// Fail has reading a file, or listing a directory, fail.
func (m *Machine) Fail(name string, err error) *Machine {
	m.node(name).Err = err
	return m
}

// NotCollected says that nothing is known of a path.
func (m *Machine) NotCollected(name string) *Machine {
	m.files.Add(name, tree.Node{Gone: host.ErrNotCollected})
	return m
}

// Program says what a program prints, with exit code 0. The command is written with single spaces between its words.
func (m *Machine) Program(command, stdout string) *Machine {
	return m.Result(command, host.Output{Stdout: []byte(stdout)})
}

// Result says all of what a program says.
func (m *Machine) Result(command string, out host.Output) *Machine {
	out.Argv = strings.Fields(command)
	m.programs[command] = result{out: out}
	return m
}

// Broken says that a program cannot be run: fs.ErrPermission, host.ErrNotCollected.
func (m *Machine) Broken(command string, err error) *Machine {
	m.programs[command] = result{err: err}
	return m
}

// As makes it a machine of another kind. Nothing is run on an image.
func (m *Machine) As(kind host.Kind) *Machine {
	m.kind = kind
	return m
}

// User has it be seen by a user who is not root. What he may not read is said with Deny.
func (m *Machine) User() *Machine {
	m.user = true
	return m
}

// At sets the machine's time, which is 1 November 2026 otherwise.
func (m *Machine) At(now time.Time) *Machine {
	m.at = now
	return m
}

// Kind is host.Source's.
func (m *Machine) Kind() host.Kind { return m.kind }

// Name is host.Source's.
func (m *Machine) Name() string { return m.name }

// Time is host.Source's.
func (m *Machine) Time() time.Time {
	if m.kind == host.Image {
		return time.Time{}
	}
	return m.at
}

// Root is host.Source's.
func (m *Machine) Root() bool { return !m.user }

// Read is host.Source's.
func (m *Machine) Read(name string) (*host.File, error) { return m.files.Read(name) }

// Stat is host.Source's.
func (m *Machine) Stat(name string) (host.Info, error) { return m.files.Stat(name) }

// Lstat is host.Source's.
func (m *Machine) Lstat(name string) (host.Info, error) { return m.files.Lstat(name) }

// List is host.Source's.
func (m *Machine) List(dir string) ([]host.Info, error) { return m.files.List(dir) }

// Run is host.Source's. A program of which nothing was said is not installed; one of which another command was said has not been asked.
func (m *Machine) Run(_ context.Context, argv ...string) (*host.Output, error) {
	command := strings.Join(argv, " ")
	if m.kind == host.Image {
		return nil, fmt.Errorf("%s: %w", command, host.ErrNotRun)
	}
	if r, ok := m.programs[command]; ok {
		if r.err != nil {
			return nil, fmt.Errorf("%s: %w", command, r.err)
		}
		out := r.out
		return &out, nil
	}
	for other := range m.programs {
		if first, _, _ := strings.Cut(other, " "); path.Base(first) == path.Base(argv[0]) {
			return nil, fmt.Errorf("%s: %w", command, host.ErrNotCollected)
		}
	}
	return nil, fmt.Errorf("%s: %w", command, fs.ErrNotExist)
}
