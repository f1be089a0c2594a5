package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"keysweep/internal/git"
	"keysweep/secretscan/source"
)

// prePush takes what git tells the hook: the remote's name and URL as arguments, and a line "LOCAL-REF LOCAL-ID REMOTE-REF
// REMOTE-ID" on standard input for each ref (https://git-scm.com/docs/githooks#_pre_push).
func (r *hookRun) prePush(args []string) error {
	push := &pushScan{}
	if len(args) > 0 {
		push.remote = args[0]
	}
	r.scan.push = push
	return r.lines(func(f []string) error {
		return r.update(source.RefUpdate{Ref: f[1], Old: f[2], New: f[0]})
	})
}

// preReceive takes a line "OLD-ID NEW-ID REF" on standard input for each ref
// (https://git-scm.com/docs/githooks#pre-receive). What is pushed decides nothing: configuration and baseline are those of the
// server's default branch, and allow comments count only if the server says so.
func (r *hookRun) preReceive(ctx context.Context, o *hookRunOptions) error {
	r.scan.push = &pushScan{receive: true}
	r.scan.out.receiving = true
	r.scan.ignoreAllow = !o.allowComments && !r.serverSays(ctx, "keysweep.allowComments")
	return r.lines(func(f []string) error {
		return r.update(source.RefUpdate{Ref: f[2], Old: f[0], New: f[1]})
	})
}

func (r *hookRun) update(u source.RefUpdate) error {
	for _, id := range []string{u.Old, u.New} {
		if _, err := git.ParseOID(id); err != nil {
			return fmt.Errorf("read what git says about the push: %w", err)
		}
	}
	r.scan.push.updates = append(r.scan.push.updates, u)
	const most = 100 // of the refs in a record
	if len(r.refs) < most {
		r.refs = append(r.refs, git.Printable(u.Ref)+" "+u.Old+".."+u.New)
	}
	return nil
}

// lineLimit is the length of the longest line taken: git limits the name of a ref to less.
const lineLimit = 64 << 10

// lines reads standard input and hands on the last three words of each line. The names of refs have no spaces; what was typed
// for a local ref, which stands first, may.
func (r *hookRun) lines(take func([]string) error) error {
	const words = 3
	in := bufio.NewScanner(r.env.Stdin)
	in.Buffer(nil, lineLimit)
	for in.Scan() {
		f := strings.Fields(in.Text())
		if len(f) == 0 {
			continue
		}
		if len(f) < words {
			return fmt.Errorf("read what git says about the push: a line of %d words", len(f))
		}
		if err := take(f[len(f)-words:]); err != nil {
			return err
		}
	}
	if err := in.Err(); err != nil {
		return fmt.Errorf("read what git says about the push: %w", err)
	}
	return nil
}

// underFramework takes what the pre-commit program tells its hooks in the environment: two commits with --from-ref and --to-ref
// or when a push extends a branch, a remote's name when a push brings a root commit, otherwise nothing
// (https://pre-commit.com/#supported-git-hooks).
func (r *hookRun) underFramework(ctx context.Context) error {
	from, to := r.env.Getenv("PRE_COMMIT_FROM_REF"), r.env.Getenv("PRE_COMMIT_TO_REF")
	remote := r.env.Getenv("PRE_COMMIT_REMOTE_NAME")
	switch {
	case from != "" && to != "":
		if remote != "" {
			r.name = "pre-push"
		}
		r.scan.ranges = []string{from + ".." + to}
		return nil
	case from != "" || to != "":
		return errors.New("the environment has one of PRE_COMMIT_FROM_REF and PRE_COMMIT_TO_REF only")
	case remote == "":
		r.scan.staged = true
		return nil
	}
	r.name = "pre-push"
	branch := r.env.Getenv("PRE_COMMIT_LOCAL_BRANCH")
	p, err := placeOf(ctx, r.env, r.env.Dir, false)
	if err != nil {
		return err
	}
	id, err := p.repo.Output(ctx, "rev-parse", "--verify", "--end-of-options", branch+"^{commit}")
	if err != nil {
		return fmt.Errorf("find the branch that is pushed: %w", err)
	}
	fresh := strings.TrimSpace(string(id))
	r.scan.push = &pushScan{remote: remote}
	return r.update(source.RefUpdate{Ref: r.env.Getenv("PRE_COMMIT_REMOTE_BRANCH"), Old: strings.Repeat("0", len(fresh)), New: fresh})
}
