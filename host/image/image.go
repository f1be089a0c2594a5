// Package image is a directory that holds a machine's files, as a host.Source: a mounted disk, an unpacked backup, a container's files.
// Start at Open.
//
// Whoever filled the directory may mean ill. Links lead to where they would on the machine, and never out of the directory, also when
// they are changed meanwhile (os.Root); devices and pipes are not opened; nothing is run.
package image

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"keysweep/host"
)

// Source is a directory that holds a machine's files. Its methods may be called concurrently.
type Source struct {
	dir  string
	root *os.Root
	all  bool
}

// Open opens a directory. The caller closes the source.
func Open(dir string) (*Source, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the machine's files: %w", err)
	}
	fi, err := root.Stat(".")
	if err != nil {
		return nil, fmt.Errorf("open the machine's files: %w", errors.Join(err, root.Close()))
	}
	owner := host.InfoOf("/", fi, "").UID
	return &Source{dir: dir, root: root, all: os.Geteuid() == 0 || owner == os.Geteuid()}, nil
}

// Close closes the directory.
func (s *Source) Close() error { return s.root.Close() }

// Kind is host.Image.
func (s *Source) Kind() host.Kind { return host.Image }

// Name is the directory, as it was given.
func (s *Source) Name() string { return s.dir }

// Time is not known.
func (s *Source) Time() time.Time { return time.Time{} }

// Root reports whether all files can be seen: to root, and to a user who unpacked them, whose the directory is.
func (s *Source) Root() bool { return s.all }

// Run runs nothing.
func (s *Source) Run(_ context.Context, argv ...string) (*host.Output, error) {
	return nil, fmt.Errorf("%s: %w", strings.Join(argv, " "), host.ErrNotRun)
}

// within is a path as os.Root wants it.
func within(name string) string {
	if rel := strings.TrimPrefix(name, "/"); rel != "" {
		return rel
	}
	return "."
}

// find follows links; keep leaves the last part of the path as it is. No part of what it returns was a link.
func (s *Source) find(name string, keep bool) (string, error) {
	return host.Follow(name, keep, func(name string) (string, error) {
		fi, err := s.root.Lstat(within(name))
		if err != nil || fi.Mode()&fs.ModeSymlink == 0 {
			return "", s.known(name, err)
		}
		target, err := s.root.Readlink(within(name))
		return target, s.known(name, err)
	})
}

// known has errors name the file as the machine does.
func (s *Source) known(name string, err error) error {
	var p *fs.PathError
	if err = host.Known(err); errors.As(err, &p) {
		return &fs.PathError{Op: p.Op, Path: name, Err: p.Err}
	}
	return err
}

// Read is host.Source's.
func (s *Source) Read(name string) (*host.File, error) {
	real, err := s.find(name, false)
	if err != nil {
		return nil, err
	}
	data, fi, err := host.ReadRegular(name, func() (fs.FileInfo, error) { return s.root.Lstat(within(real)) },
		func(flag int) (*os.File, error) { return s.root.OpenFile(within(real), flag, 0) })
	if err != nil {
		return nil, s.known(name, err)
	}
	return &host.File{Info: led(name, real, fi), Data: data}, nil
}

func led(name, real string, fi fs.FileInfo) host.Info {
	info := host.InfoOf(name, fi, "")
	info.Name, info.Real = path.Base(name), real
	return info
}

// Stat is host.Source's.
func (s *Source) Stat(name string) (host.Info, error) {
	real, err := s.find(name, false)
	if err != nil {
		return host.Info{}, err
	}
	fi, err := s.root.Lstat(within(real))
	if err != nil {
		return host.Info{}, s.known(name, err)
	}
	return led(name, real, fi), nil
}

// Lstat is host.Source's.
func (s *Source) Lstat(name string) (host.Info, error) {
	real, err := s.find(name, true)
	if err != nil {
		return host.Info{}, err
	}
	return s.lstat(name, real)
}

func (s *Source) lstat(name, real string) (host.Info, error) {
	fi, err := s.root.Lstat(within(real))
	if err != nil {
		return host.Info{}, s.known(name, err)
	}
	target := ""
	if fi.Mode()&fs.ModeSymlink != 0 {
		if target, err = s.root.Readlink(within(real)); err != nil {
			return host.Info{}, s.known(name, err)
		}
	}
	info := host.InfoOf(name, fi, target)
	info.Name = path.Base(name)
	return info, nil
}

// List is host.Source's.
func (s *Source) List(dir string) ([]host.Info, error) {
	real, err := s.find(dir, false)
	if err != nil {
		return nil, err
	}
	fi, err := s.root.Lstat(within(real))
	if err != nil {
		return nil, s.known(dir, err)
	}
	if !fi.IsDir() {
		return nil, &fs.PathError{Op: "list", Path: dir, Err: host.ErrNoDirectory}
	}
	f, err := s.root.Open(within(real))
	if err != nil {
		return nil, s.known(dir, err)
	}
	defer func() { _ = f.Close() }()
	names, err := host.Names(f)
	if err != nil {
		return nil, s.known(dir, err)
	}
	slices.Sort(names)
	list := make([]host.Info, 0, len(names))
	for _, name := range names {
		info, err := s.lstat(path.Join(dir, name), path.Join(real, name))
		if err != nil {
			return nil, err
		}
		list = append(list, info)
	}
	return list, nil
}
