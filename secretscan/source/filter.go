package source

import (
	"fmt"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// Filter chooses files by globs, much as .gitignore does. The zero value and nil choose every file. It may be used by several
// goroutines at once.
//
// A pattern without a slash is tried on the name of the file and of each directory above it: "*.pem", "vendor". A pattern
// with one is tried on the path from the root, Blob.Path, and on each directory above it: "docs/*.md", "/build", "a/**/z". A
// trailing slash asks for a directory: "vendor/" is not the file vendor. A directory that matches stands for everything in
// it. "*" and "?" stop at slashes, "**" does not; [a-z], [^a-z] and {a,b} work, and a backslash takes away a character's
// meaning. Case counts. A file is chosen if some include pattern matches, or there is none, and no exclude pattern does.
type Filter struct {
	include, exclude []pattern
}

// pattern is one glob.
type pattern struct {
	glob     string
	anchored bool // tried on the whole path, not on single names
	dirOnly  bool
}

// NewFilter compiles globs. The error names the first one that cannot be one.
func NewFilter(include, exclude []string) (*Filter, error) {
	var f Filter
	var err error
	if f.include, err = compilePatterns("include", include); err != nil {
		return nil, err
	}
	if f.exclude, err = compilePatterns("exclude", exclude); err != nil {
		return nil, err
	}
	return &f, nil
}

func compilePatterns(what string, globs []string) ([]pattern, error) {
	var all []pattern
	for _, glob := range globs {
		p, err := compilePattern(glob)
		if err != nil {
			return nil, fmt.Errorf("read %s pattern %q: %w", what, glob, err)
		}
		all = append(all, p)
	}
	return all, nil
}

func compilePattern(glob string) (pattern, error) {
	if strings.HasPrefix(glob, "!") {
		return pattern{}, fmt.Errorf("a leading ! is not supported\nhint: use --include and --exclude, or write \\! for a name that starts so")
	}
	p := pattern{glob: strings.TrimPrefix(glob, "./")}
	if trimmed := strings.TrimRight(p.glob, "/"); trimmed != p.glob {
		p.glob, p.dirOnly = trimmed, true
	}
	p.anchored = strings.Contains(p.glob, "/")
	p.glob = strings.TrimPrefix(p.glob, "/")
	if p.glob == "" || !doublestar.ValidatePattern(p.glob) {
		return pattern{}, fmt.Errorf("it is not a glob\nhint: close every [ and {, and write \\[ for the character itself")
	}
	return p, nil
}

// File reports whether the file at a slash-separated path is chosen; reason says, in words for Sink.Skip, why it is not.
func (f *Filter) File(path string) (chosen bool, reason string) {
	if f == nil {
		return true, ""
	}
	if matchAny(f.exclude, path, false) {
		return false, skipExcluded
	}
	if len(f.include) > 0 && !matchAny(f.include, path, false) {
		return false, skipNotIncluded
	}
	return true, ""
}

// Dir reports whether files below the directory may be chosen, so that it is worth being read.
func (f *Filter) Dir(path string) bool {
	return f == nil || !matchAny(f.exclude, path, true)
}

func matchAny(patterns []pattern, path string, isDir bool) bool {
	for i := range patterns {
		if patterns[i].match(path, isDir) {
			return true
		}
	}
	return false
}

// match tries the pattern on path and on every directory above it.
func (p *pattern) match(path string, isDir bool) bool {
	start := 0
	for end := 0; end <= len(path); end++ {
		if end < len(path) && path[end] != '/' {
			continue
		}
		name := path[start:end]
		if p.anchored {
			name = path[:end]
		}
		if (!p.dirOnly || isDir || end < len(path)) && doublestar.MatchUnvalidated(p.glob, name) {
			return true
		}
		start = end + 1
	}
	return false
}
