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
	switch {
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
	case there.exists && !there.ours && kept.exists:
		return c, &ConflictError{c.Path, c.Path + keptSuffix}
	case kept.exists: // rename replaces ours in one step
		err = os.Rename(c.Path+keptSuffix, c.Path)
		c.Did = "restored"
	case there.ours:
		err = os.Remove(c.Path)
		c.Did = "removed"
	default:
		c.Did, err = moved(c.Path)
	}
	if err != nil {
		return c, fmt.Errorf("uninstall hook: %w", err)
	}
	if there.ours && bytes.Contains(there.data, []byte(madeDirectory)) {
		_ = os.Remove(dir) // stays if others have put something there
	}
	return c, nil
}

// moved removes a script of ours that a hook manager has set aside under a name of its own.
func moved(path string) (did string, err error) {
	did = "not there"
	for _, aside := range []string{path + ".legacy", path + ".old"} { // of the pre-commit program, of lefthook
		f, err := look(aside)
		if err != nil {
			return did, err
		}
		if f.ours {
			if err := os.Remove(aside); err != nil {
				return did, err
			}
			did = "removed"
		}
	}
	return did, nil
}

// Installed reports whether the hook called name in dir is a script of keysweep's.
func Installed(dir, name string) bool {
	f, err := look(filepath.Join(dir, name))
	return err == nil && f.ours
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
