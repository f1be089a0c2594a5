package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"time"

	"keysweep/internal/hook"
)

// ledger says where the ledger is, without opening it, and how old its snapshot is.
func (s *status) ledger() error {
	home, err := readHome(s.env)
	if err != nil {
		s.problem("ledger", err)
		return nil
	}
	if home == nil {
		s.note("ledger", "keysweep key generate, key adopt FILE or cred add NAME", "there is none yet")
		return nil
	}
	text := home.Home
	if info, err := os.Stat(snapshotPath(s.env)); err == nil {
		text += "; snapshot written " + s.ago(info.ModTime())
	} else {
		text += "; no snapshot yet"
	}
	if u := unlockedOf(s.env, home); u != nil {
		text += "; unlocked until " + clockTime(u.Until)
	}
	s.good("ledger", "%s", text)
	return nil
}

// rescues is about new values of credentials that the ledger could not take.
func (s *status) rescues() error {
	const area = "new values"
	found, err := rescues(s.env)
	if err != nil {
		s.problem(area, err)
	}
	for _, f := range found {
		switch {
		case f.Err != nil:
			s.bad(area, "keysweep cred list", "one may have been lost: %v", f.Err)
		default:
			s.bad(area, "keysweep cred rotate "+shellWord(f.Label.Ref)+" --status", "one of %s waits outside the ledger", f.Label.Ref)
		}
	}
	return nil
}

// repository says how the repository around the working directory stands, if there is one.
func (s *status) repository() error {
	p, err := placeOf(s.ctx, s.env, s.env.Dir, false)
	if errors.Is(err, context.Canceled) {
		return err
	}
	if isUsage(err) {
		s.note("repository", "", "%s is in no git repository", homePath(s.env, s.env.Dir))
		return nil
	}
	if err != nil {
		s.problem("repository", err)
		return nil
	}
	if err := s.hooks(); err != nil {
		return err
	}
	s.scanned("last scan", "keysweep scan", p.root, scanOfTree, 30*24*time.Hour)
	s.scanned("history", "keysweep scan --history", p.root, scanOfHistory, 180*24*time.Hour)
	return nil
}

func (s *status) hooks() error {
	g := hook.Git{Environ: s.env.Environ}
	l, err := hook.Locate(s.ctx, g, s.env.Dir)
	if err != nil {
		s.problem("hooks", err)
		return s.ctx.Err()
	}
	types := l.DefaultTypes()
	if missing := hook.Missing(s.ctx, g, l, types); len(missing) > 0 {
		s.bad("hooks", "keysweep hook install", "not installed: %s", strings.Join(missing, ", "))
	} else {
		s.good("hooks", "%s installed (the proof: keysweep hook check)", strings.Join(types, ", "))
	}
	return nil
}

// scanned says when the repository was last scanned as a whole, and what came of it. late is when it wants to be done again.
func (s *status) scanned(area, command, root, kind string, late time.Duration) {
	last, err := readLastScan(s.env, root, kind)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.bad(area, command, "never, as far as is known here")
		return
	case err != nil:
		s.problem(area, err)
		return
	}
	when := s.ago(last.At)
	switch {
	case last.Problems > 0:
		s.bad(area, command, "%s, and it could not look everywhere", when)
	case last.Findings > 0:
		s.bad(area, command, "%s: %s", when, counted(last.Findings, "secret", "secrets"))
	case s.env.Now().Sub(last.At) > late:
		s.bad(area, command, "%s, clean then", when)
	default:
		s.good(area, "%s, clean", when)
	}
}
