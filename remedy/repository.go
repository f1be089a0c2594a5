package remedy

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"keysweep/host"
)

// repositoryFixes are those of the repository at hand.
func repositoryFixes() []Fix {
	return []Fix{{ID: ignoreID, Does: "has git ignore files of environments", Here: true, plan: planIgnore, revert: revertIgnore}}
}

const (
	ignoreID = "git.env-ignored"
	// ignoreLines name files that hold values, and spare templates of them, which hold none. The last line that fits counts (gitignore(5)).
	ignoreLines = ".env\n.env.*\n!.env.example\n!.env.sample\n!.env.template\n!.env.dist"
)

// disk is the files that there are, on any system.
type disk struct{}

// Read reads a regular file. A link is none: git does not follow one there either.
func (disk) Read(name string) (*host.File, error) {
	info, err := os.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "read", Path: name, Err: host.ErrIrregular}
	}
	data, err := os.ReadFile(name)
	return &host.File{Info: host.InfoOf(name, info, ""), Data: data}, err
}

// ignored opens the file that says what git ignores.
func ignored(s *Situation) (*edited, error) {
	if s.Dir == "" {
		return nil, errors.New("there is no repository with files here")
	}
	return openBlock(disk{}, filepath.Join(s.Dir, ".gitignore"))
}

func planIgnore(ctx context.Context, s *Situation) (*Plan, error) {
	wrong, err := s.judge(ctx, s.Open(), ignoreID)
	if err != nil {
		return nil, err
	}
	p := &Plan{}
	open := false
	for _, w := range wrong {
		if w.Subject == "" {
			open = true
			continue
		}
		p.Notes = append(p.Notes, fmt.Sprintf("%s is in the repository already: git rm --cached %[1]s, and revoke what stands in it", w.Subject))
	}
	if !open {
		return p, nil
	}
	e, err := ignored(s)
	if err != nil {
		return nil, err
	}
	e.set(ignoreID, ignoreLines, atEnd)
	if p.Changes = e.changes(); len(p.Changes) == 0 {
		p.Refused = []string{e.name + " names them already, and a line after that, or a .gitignore further down, lets them in again: take it out"}
	}
	p.after = func(ctx context.Context) error {
		left, err := s.judge(ctx, s.Open(), ignoreID)
		for _, w := range left {
			if w.Subject == "" {
				return fmt.Errorf("it did not help: %s", w.Title)
			}
		}
		return err
	}
	return p, nil
}

func revertIgnore(_ context.Context, s *Situation) (*Plan, error) {
	e, err := ignored(s)
	if err != nil {
		return nil, err
	}
	e.set(ignoreID, "", atEnd)
	return &Plan{Changes: e.changes()}, nil
}
