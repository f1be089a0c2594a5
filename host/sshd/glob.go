package sshd

import (
	"path"
	"strings"

	"keysweep/host"
)

// expand returns the paths that an Include pattern names, in the order of their names. That nothing matches is no error. The error is the
// first directory that could not be looked at.
func expand(src host.Source, pattern string) ([]string, error) {
	if !strings.HasPrefix(pattern, "/") { // it starts with ~, which sshd does not replace, and leads nowhere
		return nil, nil
	}
	found := []string{"/"}
	var failed error
	for part := range strings.SplitSeq(strings.Trim(path.Clean(pattern), "/"), "/") {
		var next []string
		for _, dir := range found {
			list, err := expandIn(src, dir, part)
			if err != nil && failed == nil {
				failed = err
			}
			next = append(next, list...)
		}
		found = next
	}
	return found, failed
}

// expandIn returns the entries of a directory that match one part of a pattern.
func expandIn(src host.Source, dir, part string) ([]string, error) {
	if !strings.ContainsAny(part, `*?[\`) {
		name := path.Join(dir, part)
		switch _, err := src.Lstat(name); {
		case host.Missing(err):
			return nil, nil
		case err != nil:
			return nil, err
		}
		return []string{name}, nil
	}
	info, err := src.Stat(dir)
	if host.Missing(err) || err == nil && !info.Mode.IsDir() {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	entries, err := src.List(dir)
	if err != nil && !host.Missing(err) {
		return nil, err
	}
	var list []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name, ".") && !strings.HasPrefix(part, ".") {
			continue
		}
		if ok, err := path.Match(strings.ReplaceAll(part, "[!", "[^"), e.Name); ok && err == nil {
			list = append(list, path.Join(dir, e.Name))
		}
	}
	return list, nil
}
