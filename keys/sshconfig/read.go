package sshconfig

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
)

// maxDepth is how deep files may include each other (readconf.c of OpenSSH: READCONF_MAX_DEPTH).
const maxDepth = 16

// maxFiles bounds how many files a configuration may include in all, so that files that include all others end.
const maxFiles = 1024

// Options say how Read gets at files.
type Options struct {
	ReadFile func(path string) ([]byte, error)      // os.ReadFile or its like; it should bound what it reads
	Glob     func(pattern string) ([]string, error) // filepath.Glob or its like; sorted
	Home     string                                 // what "~" stands for in Include, absolute; "" leaves such files out, as a problem
	Dir      string                                 // where files of a relative Include lie: ~/.ssh, or /etc/ssh for the system's configuration
}

// Config is a configuration with all that it includes.
type Config struct {
	Blocks   []*Block // in the order in which ssh reads them: an included file's stand behind the block that includes it
	Problems []Problem
	Files    []string // that were read, in order
}

// Read reads a configuration file and what it includes, at most 16 deep as OpenSSH. The error is for the first file, which
// must be readable; included ones are Problems, save those that do not exist, which ssh passes over too.
func Read(path string, o Options) (*Config, error) {
	data, err := o.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read ssh configuration: %w", err)
	}
	c := &Config{}
	c.add(path, data, nil, o, 0)
	return c, nil
}

func (c *Config) add(path string, data []byte, within *Block, o Options, depth int) {
	c.Files = append(c.Files, path)
	blocks, problems := Parse(path, data)
	c.Problems = append(c.Problems, problems...)
	for _, b := range blocks {
		b.Within = within
		if b.Kind != Global || len(b.Settings) > 0 {
			c.Blocks = append(c.Blocks, b)
		}
		for _, s := range b.Settings {
			if s.Keyword == "include" {
				c.include(b, s, o, depth)
			}
		}
	}
}

// include reads the files that one Include names.
func (c *Config) include(b *Block, s Setting, o Options, depth int) {
	problem := func(err error) { c.Problems = append(c.Problems, Problem{b.File, s.Line, err}) }
	if depth >= maxDepth {
		problem(fmt.Errorf("include: more than %d files deep", maxDepth))
		return
	}
	for _, arg := range s.Args {
		pattern, err := o.locate(arg)
		if err != nil {
			problem(err)
			continue
		}
		paths, err := o.Glob(pattern)
		if err != nil {
			problem(fmt.Errorf("include %s: %w", arg, err))
		}
		for _, path := range paths {
			if len(c.Files) >= maxFiles {
				problem(fmt.Errorf("include: more than %d files", maxFiles))
				return
			}
			data, err := o.ReadFile(path)
			switch {
			case err == nil:
				c.add(path, data, b, o, depth+1)
			case !errors.Is(err, fs.ErrNotExist):
				problem(fmt.Errorf("include: %w", err))
			}
		}
	}
}

// locate makes the argument of an Include a path.
func (o Options) locate(arg string) (string, error) {
	if rest, ok := strings.CutPrefix(arg, "~/"); ok && o.Home != "" {
		return filepath.Join(o.Home, filepath.FromSlash(rest)), nil
	}
	switch {
	case strings.HasPrefix(arg, "~"):
		return "", fmt.Errorf("include %s: whose home directory that is, is not known here", arg)
	case filepath.IsAbs(arg):
		return arg, nil
	case o.Dir == "":
		return "", fmt.Errorf("include %s: the directory of relative files is not known here", arg)
	}
	return filepath.Join(o.Dir, filepath.FromSlash(arg)), nil
}
