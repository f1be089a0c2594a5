package remedy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"keysweep/host"
	"keysweep/internal/atomicfile"
)

// Apply writes the changes of a plan. They are proven before and after; if anything fails, every file is put back. Nothing is written that
// a plan refuses, or if a file is not as it was when the plan was made.
func Apply(ctx context.Context, s *Situation, p *Plan) error {
	switch {
	case len(p.Refused) > 0:
		return fmt.Errorf("%w: %s", ErrRefused, strings.Join(p.Refused, "; "))
	case p.Empty():
		return nil
	case s.Run == nil:
		return ErrElsewhere
	}
	if p.before != nil {
		if err := p.before(ctx); err != nil {
			return fmt.Errorf("nothing was changed: %w", err)
		}
	}
	for i, c := range p.Changes {
		if err := c.write(); err != nil {
			if c.back().unchanged() == nil { // written all the same: its directory could not be synced, or its owner not be set
				i++
			}
			if failed := undo(p.Changes[:i]); failed != nil {
				return errors.Join(err, fmt.Errorf("%w: %w", ErrLeft, failed))
			}
			return err
		}
	}
	if err := p.settle(ctx); err != nil {
		failed := undo(p.Changes)
		if p.load != nil { // also when a file could not be put back: the rest of them is
			failed = errors.Join(failed, p.load(context.WithoutCancel(ctx)))
		}
		if failed != nil {
			return errors.Join(err, fmt.Errorf("%w: %w", ErrLeft, failed))
		}
		return fmt.Errorf("it was put back: %w", err)
	}
	return nil
}

// settle proves what is on the disk, has the machine be so, and proves that.
func (p *Plan) settle(ctx context.Context) error {
	for _, step := range []func(context.Context) error{p.after, p.load, p.held} {
		if step == nil {
			continue
		}
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// undo puts back what was written, the last first.
func undo(done []Change) error {
	var failed error
	for i := len(done) - 1; i >= 0; i-- {
		failed = errors.Join(failed, done[i].back().write())
	}
	return failed
}

// back is the change that takes it back.
func (c Change) back() Change {
	return Change{Path: c.Path, Before: c.After, After: c.Before, modes: c.modes}
}

// write makes one change, if the file is still as it was.
func (c Change) write() error {
	if err := c.unchanged(); err != nil {
		return err
	}
	switch {
	case c.modes:
		return c.chmod()
	case c.After == nil:
		if err := os.Remove(c.Path); err != nil {
			return fmt.Errorf("take back: %w", err)
		}
		return nil
	case c.After.Mode.IsDir():
		if err := os.Mkdir(c.Path, 0o700); err != nil {
			return err
		}
		return os.Chmod(c.Path, c.After.Mode&^fs.ModeDir)
	case c.Before != nil && bytes.Equal(c.Before.Data, c.After.Data):
		return os.Chmod(c.Path, c.After.Mode)
	}
	return c.replace()
}

// replace writes the file anew, and leaves it to its owner and group.
func (c Change) replace() error {
	before, err := os.Stat(c.Path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := atomicfile.Write(c.Path, c.After.Data, c.After.Mode); err != nil || before == nil {
		return err
	}
	after, err := os.Stat(c.Path)
	if err != nil {
		return err
	}
	was, is := host.InfoOf(c.Path, before, ""), host.InfoOf(c.Path, after, "")
	if was.UID == is.UID && was.GID == is.GID {
		return nil
	}
	if err := os.Chown(c.Path, was.UID, was.GID); err != nil {
		return fmt.Errorf("give it back to its owner: %w", err)
	}
	return nil
}

// unchanged compares the disk with what the plan knew.
func (c Change) unchanged() error {
	info, err := os.Lstat(c.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && c.Before == nil:
		return nil
	case err != nil:
		return err
	case c.Before == nil:
		return fmt.Errorf("%s: %w", c.Path, fs.ErrExist)
	case c.modes:
		return c.sameMode(info)
	case info.IsDir() && c.Before.Mode.IsDir():
		return nil
	}
	data, err := os.ReadFile(c.Path)
	if err != nil {
		return err
	}
	if !bytes.Equal(data, c.Before.Data) {
		return fmt.Errorf("%s was changed meanwhile: plan again", c.Path)
	}
	return nil
}
