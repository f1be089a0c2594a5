package remedy

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"keysweep/host"
)

// staged is a machine as it would be after a boot with some changes: nothing is asked of its programs, which know only how it is now.
type staged struct{ overlay }

// Run is host.Source's.
func (staged) Run(_ context.Context, argv ...string) (*host.Output, error) {
	return nil, fmt.Errorf("%s: %w", argv[0], host.ErrNotRun)
}

// boot is the machine as its files would have it.
func boot(src host.Source, changes []Change) host.Source { return staged{overlay{src, changes}} }

// scratch writes files into a directory that is there only as long as a function works with it. It is given their paths.
func scratch(files map[string]string, use func(path map[string]string) error) error {
	dir, err := os.MkdirTemp("", "keysweep-fix-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := map[string]string{}
	for name, text := range files {
		path[name] = filepath.Join(dir, name)
		if err := os.WriteFile(path[name], []byte(text), 0o600); err != nil {
			return err
		}
	}
	return use(path)
}

// run runs a program of the machine. Its error says what it said.
func (s *Situation) run(ctx context.Context, argv ...string) (string, error) {
	if s.Run == nil {
		return "", ErrElsewhere
	}
	said, err := s.Run(ctx, argv...)
	if err != nil {
		return said, fmt.Errorf("%s: %s: %w", argv[0], firstLine(said), err)
	}
	return said, nil
}
