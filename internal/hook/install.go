package hook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"keysweep/internal/atomicfile"
)

// Change says what Install or Uninstall did to one hook.
type Change struct {
	Name string // of the hook
	Path string
	Did  string // "installed", "updated", "unchanged", "removed", "restored", "not there"
	Kept string // the hook that was there before, and runs first; "" if there is none
	Self bool   // the kept hook mentions $0, the name it is called by, which is another now
}

// ConflictError says that a hook is not as keysweep left it, and that a person must decide.
type ConflictError struct {
	Path, Kept string
}

// Error names both files and what can be done.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("%s is not keysweep's, and %s holds another hook from before", e.Path, e.Kept)
}

// Hint says what to do next.
func (e *ConflictError) Hint() string {
	return "something replaced keysweep's script; decide which of the two hooks you want, delete the other, and try again"
}

// Install puts keysweep into the hook called name in the directory dir, which is made if need be. exe is the absolute path of
// the keysweep program. A hook that is there is kept beside it. Installing again changes nothing.
func Install(dir, name, exe string) (Change, error) {
	return place(dir, script{name: name, exe: exe})
}

// place writes a script to where the hook of its name belongs.
func place(dir string, s script) (Change, error) {
	c := Change{Name: s.name, Path: filepath.Join(dir, s.name)}
	made, err := makeDirectory(dir)
	if err != nil {
		return c, fmt.Errorf("install hook: %w", err)
	}
	s.made = made
	there, err := look(c.Path)
	if err != nil {
		return c, fmt.Errorf("install hook: %w", err)
	}
	kept, err := look(c.Path + keptSuffix)
	if err != nil {
		return c, fmt.Errorf("install hook: %w", err)
	}
	if kept.exists {
		c.Kept = c.Path + keptSuffix
	}
	c.Did = "installed"
	aside, err := look(c.Path + legacySuffix)
	if err != nil {
		return c, fmt.Errorf("install hook: %w", err)
	}
	switch {
	case aside.ours && there.exists && !there.ours:
		c.Path, c.Did = c.Path+legacySuffix, "unchanged"
		return c, nil
	case there.ours:
		s.made = bytes.Contains(there.data, []byte(madeDirectory))
		c.Did = "updated"
		if bytes.Equal(there.data, s.text()) && there.executable {
			c.Did = "unchanged"
			return c, nil
		}
	case there.exists && kept.exists:
		return c, &ConflictError{c.Path, c.Kept}
	case there.exists:
		c.Kept = c.Path + keptSuffix
		c.Self = bytes.Contains(there.data, []byte("$0"))
		if err := os.Rename(c.Path, c.Kept); err != nil {
			return c, fmt.Errorf("install hook: keep the hook that is there: %w", err)
		}
	}
	if err := atomicfile.Write(c.Path, s.text(), 0o755); err != nil {
		return c, fmt.Errorf("install hook: %w", err)
	}
	return c, nil
}

// makeDirectory makes the hooks directory and reports whether it was missing.
func makeDirectory(dir string) (made bool, err error) {
	if _, err := os.Stat(dir); err == nil {
		return false, nil
	}
	return true, os.MkdirAll(dir, 0o755)
}

// Uninstall takes keysweep out of the hook called name and puts back the hook that was there before.
func Uninstall(dir, name string) (Change, error) {
	c := Change{Name: name, Path: filepath.Join(dir, name), Did: "not there"}
	there, err := look(c.Path)
	if err != nil {
		return c, fmt.Errorf("uninstall hook: %w", err)
	}
	kept, err := look(c.Path + keptSuffix)
	if err != nil {
		return c, fmt.Errorf("uninstall hook: %w", err)
	}
	switch {
	case there.exists && !there.ours:
		err = c.uninstallAside(kept.exists, bytes.Equal(there.data, kept.data))
	case kept.exists: // rename replaces ours in one step
		err = os.Rename(c.Path+keptSuffix, c.Path)
		c.Did = "restored"
	case there.ours:
		err = os.Remove(c.Path)
		c.Did = "removed"
	}
	if conflict := (*ConflictError)(nil); errors.As(err, &conflict) {
		return c, conflict
	}
	if err != nil {
		return c, fmt.Errorf("uninstall hook: %w", err)
	}
	if there.ours && bytes.Contains(there.data, []byte(madeDirectory)) {
		_ = os.Remove(dir) // stays if others have put something there
	}
	return c, nil
}

// legacySuffix is what the pre-commit program calls a hook that it found, and runs first; lefthook calls it oldSuffix and does
// not run it.
const (
	legacySuffix = ".legacy"
	oldSuffix    = ".old"
)

// uninstallAside takes away a script of ours that a hook manager has set aside. The hook that ours had kept takes its place: that
// is where the manager would have put it. If that is the manager's own hook (same), it is there already and goes.
func (c *Change) uninstallAside(kept, same bool) error {
	for _, suffix := range []string{legacySuffix, oldSuffix} {
		f, err := look(c.Path + suffix)
		switch {
		case err != nil:
			return err
		case f.ours && kept && same:
			c.Did = "restored"
			return errors.Join(os.Remove(c.Path+keptSuffix), os.Remove(c.Path+suffix))
		case f.ours && kept:
			c.Did = "restored"
			return os.Rename(c.Path+keptSuffix, c.Path+suffix)
		case f.ours:
			c.Did = "removed"
			return os.Remove(c.Path + suffix)
		}
	}
	if kept {
		return &ConflictError{c.Path, c.Path + keptSuffix}
	}
	return nil
}

// found is what stands at the path of a hook.
type found struct {
	exists, ours, executable bool
	data                     []byte // of a regular file, its beginning
}

// hookLimit is how much of a hook is read to know it; ours are far shorter.
const hookLimit = 64 << 10

// look sees what is at path. A symbolic link is never ours, wherever it leads.
func look(path string) (f found, err error) {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return f, err
	}
	f.exists = true
	switch mode := info.Mode(); {
	case mode&fs.ModeSymlink != 0:
		return f, nil
	case !mode.IsRegular():
		return f, fmt.Errorf("%s is neither a file nor a link", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return f, err
	}
	defer file.Close()
	if f.data, err = io.ReadAll(io.LimitReader(file, hookLimit)); err != nil {
		return f, err
	}
	f.ours = ours(f.data)
	f.executable = info.Mode()&0o100 != 0 || os.PathSeparator == '\\' // Windows has no such bit
	return f, nil
}
