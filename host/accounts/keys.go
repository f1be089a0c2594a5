package accounts

import (
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"keysweep/host"
	"keysweep/keys/authorized"
)

var (
	errRules    = errors.New("sudoers holds more rules than are read")
	errNetgroup = errors.New("sudoers names a netgroup, whose members are not known here")
)

// KeyFile is a file that may hold keys which let a user in.
type KeyFile struct {
	Path    string
	Lines   []authorized.Line // all lines, also those that let nobody in
	Err     error             // why it is not known; fs.ErrNotExist: there is none
	Refused string            // why sshd would not look into it with StrictModes: "/home/a is writable by others"
}

// KeyFiles reads the files that AuthorizedKeysFile names for a user; patterns are its words.
func KeyFiles(src host.Source, u User, patterns []string) []KeyFile {
	var list []KeyFile
	for i, p := range patterns {
		if p == "none" || i >= 20 {
			continue
		}
		name := expandTokens(p, u)
		k := KeyFile{Path: name}
		f, err := src.Read(name)
		if err != nil {
			k.Err = err
		} else {
			k.Lines = authorized.Parse(f.Data)
			k.Refused, k.Err = strictModes(src, u, f.Info)
		}
		list = append(list, k)
	}
	return list
}

// expandTokens replaces %h, %u, %U and %%, and takes a relative path from the home directory.
func expandTokens(pattern string, u User) string {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		if pattern[i] != '%' || i+1 == len(pattern) {
			b.WriteByte(pattern[i])
			continue
		}
		i++
		switch pattern[i] {
		case 'h':
			b.WriteString(u.Home)
		case 'u':
			b.WriteString(u.Name)
		case 'U':
			b.WriteString(strconv.Itoa(u.UID))
		default:
			b.WriteByte(pattern[i])
		}
	}
	if name := b.String(); path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join("/", u.Home, b.String())
}

// strictModes says why sshd refuses a file: it or a directory above it, up to the home directory, belongs to somebody else or may be
// written by others. A mode that is not known is an error.
func strictModes(src host.Source, u User, file host.Info) (string, error) {
	if bad := unsafe(file, u); bad != "" {
		return bad, nil
	}
	home := path.Clean("/" + u.Home)
	name := file.Real
	if name == "" {
		name = file.Path
	}
	for dir := path.Dir(name); ; dir = path.Dir(dir) {
		info, err := src.Stat(dir)
		if err != nil {
			return "", fmt.Errorf("whether sshd takes %s: %w", file.Path, err)
		}
		if bad := unsafe(info, u); bad != "" {
			return bad, nil
		}
		if dir == home || dir == "/" {
			return "", nil
		}
	}
}

func unsafe(info host.Info, u User) string {
	switch {
	case info.UID > 0 && info.UID != u.UID:
		return info.Path + " belongs to another user"
	case info.Mode.Perm()&0o022 != 0:
		return info.Path + " may be written by others"
	}
	return ""
}

// UsableKeys returns the lines whose keys let the user in at a time, in all files that sshd takes.
func UsableKeys(files []KeyFile, at time.Time) []authorized.Line {
	var list []authorized.Line
	for _, f := range files {
		if f.Err != nil || f.Refused != "" {
			continue
		}
		for _, l := range f.Lines {
			if expires, ok := l.Options.Expiry(time.UTC); l.Usable() && (!ok || at.Before(expires)) {
				list = append(list, l)
			}
		}
	}
	return list
}
