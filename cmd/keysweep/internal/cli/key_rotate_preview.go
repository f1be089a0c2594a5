package cli

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"keysweep/internal/git"
	"keysweep/internal/openssh"
	"keysweep/keys"
	"keysweep/keys/authorized"
	"keysweep/keys/deploy"
	"keysweep/rotation/rollover"
)

// sketch is what a host's file would become.
type sketch struct {
	before, after []byte
	err           error
}

// preview says what would be changed, on each host and here. Hosts are only read.
func (g *rotating) preview(ctx context.Context) error {
	if err := g.prepare(ctx); err != nil {
		return err
	}
	g.r = &rollover.Rotation{Journal: g.journal}
	fresh, err := g.standIn(ctx)
	if err != nil {
		return err
	}
	old, _, err := g.journal.Old.Public()
	if err != nil {
		return err
	}
	if err := g.previewFiles(); err != nil {
		return err
	}
	var names []string
	for _, h := range g.journal.Behind() {
		names = append(names, h.Target)
	}
	targets, err := parseTargets(names)
	if err != nil {
		return err
	}
	err = eachHost(ctx, &g.o.host, targets, func(ctx context.Context, t openssh.Target) sketch {
		return g.sketch(ctx, t.String(), old, fresh)
	}, func(i int, s sketch) error { return g.saySketch(targets[i], s, fresh) })
	if err != nil {
		return err
	}
	return g.trouble.verdict()
}

// standIn is the new key, or, as long as there is none, one that is made for nothing but to be shown.
func (g *rotating) standIn(ctx context.Context) (keys.Public, error) {
	if g.journal.Phase != rollover.Planned {
		public, _, err := g.journal.New.Public()
		return public, err
	}
	private, err := keys.Generate(ctx, keys.KindEd25519, "")
	if err != nil {
		return keys.Public{}, err
	}
	defer private.Clear()
	return private.Public()
}

// sketch reads a host's file, and computes what it would become: the new key comes, and then the old one goes.
func (g *rotating) sketch(ctx context.Context, target string, old, fresh keys.Public) (s sketch) {
	side := rollover.Old
	if g.journal.Host(target).Step.Moved() {
		side = rollover.New
	}
	host, err := g.enter(target, side, rollover.New)
	if err != nil {
		return sketch{err: err}
	}
	_, comment, err := g.journal.Old.Public() // the new key's is the same
	if err != nil {
		return sketch{err: err}
	}
	request := deploy.Request{Public: fresh, Comment: comment, Expires: g.journal.Expires, Now: g.env.Now()}
	if side == rollover.Old {
		request.Like = &old
	}
	s.before, s.after, s.err = deploy.Preview(ctx, host, request)
	s.after, _ = authorized.Remove(s.after, old)
	return s
}

func (g *rotating) saySketch(target openssh.Target, s sketch, fresh keys.Public) error {
	if s.err != nil {
		return g.trouble.say(target, s.err)
	}
	return writeAll(g.env.Stdout, func(w *bytes.Buffer) error {
		name := git.Printable(target.String())
		if bytes.Equal(s.before, s.after) {
			fmt.Fprintf(w, "%s: nothing would change\n", name)
			return nil
		}
		fmt.Fprintf(w, "%s: would change ~/.ssh/authorized_keys:\n", name)
		after, before := linesOf(s.after), linesOf(s.before)
		for _, line := range strings.Split(string(s.after), "\n") {
			if !before[line] {
				if g.journal.Phase == rollover.Planned {
					line = strings.Replace(line, strings.TrimSpace(string(fresh.Line(""))), "(the new key)", 1)
				}
				fmt.Fprintf(w, "  + %s\n", git.Printable(line))
			}
		}
		for _, line := range strings.Split(string(s.before), "\n") {
			if !after[line] {
				fmt.Fprintf(w, "  - %s\n", git.Printable(line))
			}
		}
		return nil
	})
}

func linesOf(data []byte) map[string]bool {
	lines := map[string]bool{"": true}
	for line := range strings.SplitSeq(string(data), "\n") {
		lines[line] = true
	}
	return lines
}

// previewFiles says what would happen here.
func (g *rotating) previewFiles() error {
	j := &g.journal
	return writeAll(g.env.Stdout, func(w *bytes.Buffer) error {
		switch j.Phase {
		case rollover.Planned:
			fmt.Fprintf(w, "%s: would make a new %s key, prove it on %s, and then put it in the place of %s\n", g.name(), g.o.kind,
				counted(len(j.Behind()), "host", "hosts"), git.Printable(j.File))
		default:
			fmt.Fprintf(w, "%s: would go on with the rotation that is under way (%s)\n", g.name(), j.Phase)
		}
		end := "archived in " + git.Printable(j.Archive)
		if j.Archive == "" {
			end = "destroyed"
		}
		fmt.Fprintf(w, "%s: the old key would be %s in the end\n", g.name(), end)
		return nil
	})
}
