//go:build unix

package owned

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// maxLinks is how many links a path may lead through, as in Linux: path_resolution(7).
const maxLinks = 40

// resolve looks at everything on the way to a file, and returns its path without links.
func resolve(path string) (string, error) {
	if !filepath.IsAbs(path) {
		return "", &Error{path, path, "is not an absolute path", "begin it with /"}
	}
	if _, err := os.Stat(path); err != nil { // what is not there is not said to be open
		return "", err
	}
	at, rest := "/", split(path)
	for links := 0; len(rest) > 0; {
		if err := lookAt(path, at, true); err != nil {
			return "", err
		}
		next := filepath.Join(at, rest[0]) // also where rest[0] is "..": at has no links
		rest = rest[1:]
		info, err := os.Lstat(next)
		if err != nil {
			return "", err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			at = next
			continue
		}
		if links++; links > maxLinks {
			return "", &fs.PathError{Op: "open", Path: path, Err: syscall.ELOOP}
		}
		if err := strange(path, next, info); err != nil {
			return "", err
		}
		target, err := os.Readlink(next)
		if err != nil {
			return "", err
		}
		if filepath.IsAbs(target) {
			at = "/"
		}
		rest = append(split(target), rest...)
	}
	return at, lookAt(path, at, false)
}

// unmapped is the user that Linux shows in a user namespace for all that have no number there: user_namespaces(7).
const unmapped = 65534

func split(path string) []string {
	return strings.FieldsFunc(path, func(c rune) bool { return c == '/' })
}

// lookAt looks at one file or directory. In a directory with the sticky bit nobody can take away what others own.
func lookAt(path, at string, dir bool) error {
	info, err := os.Lstat(at)
	if err != nil {
		return err
	}
	if err := strange(path, at, info); err != nil {
		return err
	}
	mode := info.Mode()
	if dir && mode&fs.ModeSticky != 0 {
		return nil
	}
	seen := path
	if dir {
		seen = at
	}
	switch {
	case mode&everybody != 0:
		return &Error{path, seen, fmt.Sprintf("can be written by everybody (mode %04o)", mode.Perm()), "see what is in it; then: chmod go-w " + seen}
	case mode&group != 0 && !private(at, info):
		return &Error{path, seen, fmt.Sprintf("can be written by its group (mode %04o)", mode.Perm()), "see what is in it; then: chmod g-w " + seen}
	}
	return nil
}

// strange says that a file belongs to another user than this one and root.
func strange(path, at string, info fs.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return errors.New("look at the owner of " + at + ": the system does not say")
	}
	if stat.Uid == 0 || int(stat.Uid) == os.Geteuid() {
		return nil
	}
	owner := strconv.Itoa(int(stat.Uid))
	if u, err := user.LookupId(owner); err == nil {
		owner = u.Username
	}
	if info.Mode().IsRegular() {
		at = path
	}
	use := "use it as " + owner
	if stat.Uid == unmapped {
		use = "if this is a user namespace, the owner has no number in it and could be anybody: map root, too (user_namespaces(7))"
	}
	return &Error{path, at, "belongs to another user (" + owner + ")", use + ", or put what is to count where only you and root may write"}
}

// everybody and group are the bits of the mode that let others write.
const (
	everybody fs.FileMode = 0o002
	group     fs.FileMode = 0o020
)
