package odb

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// deepestAlternate is how far git follows alternates of alternates.
const deepestAlternate = 5

// directories returns the object directories: those given and, after each, the alternates that it names, and that these name.
// Each is there once. Only a missing first one is an error.
func (db *DB) directories(given []string) (dirs []string, err error) {
	seen := map[string]bool{}
	var add func(dir string, depth int) error
	add = func(dir string, depth int) error {
		info, err := os.Stat(dir)
		if err == nil && !info.IsDir() {
			err = &fs.PathError{Op: "open", Path: dir, Err: errors.New("not a directory")}
		}
		if err != nil {
			return err
		}
		real := realPath(dir)
		if seen[real] {
			return nil
		}
		seen[real] = true
		dirs = append(dirs, dir)
		names, err := alternates(dir)
		if err != nil {
			db.damage = append(db.damage, fmt.Errorf("read alternates: %w", err))
		}
		for _, name := range names {
			if depth == deepestAlternate {
				db.damage = append(db.damage, fmt.Errorf("alternate object directory %s: alternates of alternates go too deep", name))
				break
			}
			if err := add(name, depth+1); err != nil {
				db.damage = append(db.damage, fmt.Errorf("alternate object directory: %w", err))
			}
		}
		return nil
	}
	for i, dir := range given {
		switch err := add(dir, 0); {
		case err != nil && i == 0:
			return nil, err
		case err != nil:
			db.damage = append(db.damage, fmt.Errorf("object directory: %w", err))
		}
	}
	if len(dirs) == 0 {
		return nil, errors.New("no object directory was named")
	}
	return dirs, nil
}

func realPath(dir string) string {
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	return filepath.Clean(dir)
}

// mostAlternates bounds the file in bytes; git's own are a line or two.
const mostAlternates = 1 << 20

// alternates reads info/alternates: a directory on each line, relative to the object directory, in double quotes with C's
// escapes if it begins with one. Lines that begin with # are comments.
func alternates(dir string) (names []string, err error) {
	path := filepath.Join(dir, "info", "alternates")
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular() || info.Size() > mostAlternates:
		return nil, fmt.Errorf("%s: it is not a file of less than %d bytes", path, mostAlternates)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	for line := range strings.SplitSeq(string(data), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		name := line
		if line[0] == '"' {
			if unquoted, ok := unquote(line); ok {
				name = unquoted
			}
		}
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		names = append(names, name)
	}
	return names, nil
}

// unquote reads a string as git quotes it: C's escapes, and bytes as three octal digits.
func unquote(line string) (string, bool) {
	var out strings.Builder
	for i := 1; i < len(line); i++ {
		switch c := line[i]; {
		case c == '"':
			return out.String(), i == len(line)-1
		case c != '\\':
			out.WriteByte(c)
		case i+3 < len(line) && line[i+1] >= '0' && line[i+1] <= '3':
			b, err := strconv.ParseUint(line[i+1:i+4], 8, 8)
			if err != nil {
				return "", false
			}
			out.WriteByte(byte(b))
			i += 3
		case i+1 < len(line):
			plain := strings.IndexByte(`abfnrtv\"`, line[i+1])
			if plain < 0 {
				return "", false
			}
			out.WriteByte("\a\b\f\n\r\t\v\\\""[plain])
			i++
		}
	}
	return "", false
}
