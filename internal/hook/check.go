package hook

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Outcome is what Check has learned about a hook.
type Outcome string

// The outcomes.
const (
	Protected   Outcome = "ok"            // a secret was refused, by keysweep, and a harmless change was not
	Unprotected Outcome = "NOT PROTECTED" // a secret went through
	Unclear     Outcome = "UNCLEAR"       // it could not be tried
)

// Proof is the outcome for one hook.
type Proof struct {
	Hook    string
	Outcome Outcome
	Reason  string // what happened; "" if it is ok
	Next    string // what to do next; "" if it is ok
}

// Check tries the hooks called names of a repository with a canary: it commits and pushes, or pushes into, a temporary clone
// that has the same hooks and the same configuration, the files as they lie in the work tree included. Neither the
// repository nor its remotes are touched, and hooks that report what happened afterwards (post-...) are left out. random is
// what the canary is made of. An error says that no clone could be made.
func Check(ctx context.Context, g Git, l Layout, names []string, random io.Reader) ([]Proof, error) {
	tmp, err := os.MkdirTemp("", "keysweep-check-")
	if err != nil {
		return nil, fmt.Errorf("check hooks: %w", err)
	}
	defer func() { _ = os.RemoveAll(tmp) }() // a temporary directory that is left harms no one
	text, err := canary(random)
	if err != nil {
		return nil, err
	}
	t := &trial{git: Git{Environ: unhooked(g.Environ)}, user: g, from: l, tmp: tmp, dir: filepath.Join(tmp, "clone"), canary: text}
	if err := t.prepare(ctx); err != nil {
		return nil, fmt.Errorf("check hooks: make a temporary clone: %w", err)
	}
	var proofs []Proof
	for _, name := range names {
		p, err := t.try(ctx, name)
		if ctx.Err() != nil {
			return proofs, context.Cause(ctx)
		}
		if err != nil {
			p = Proof{name, Unclear, err.Error(), "try it by hand: stage a file with a private key and commit"}
		}
		p.Hook = name
		proofs = append(proofs, p)
	}
	return proofs, nil
}

// unhooked returns an environment without what ties git to a repository, and without a bypass.
func unhooked(environ []string) (kept []string) {
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		configured := name == "GIT_CONFIG_GLOBAL" || name == "GIT_CONFIG_SYSTEM" || name == "GIT_CONFIG_NOSYSTEM" || name == "GIT_EXEC_PATH"
		if strings.HasPrefix(name, "GIT_") && !configured || strings.HasPrefix(name, "PRE_COMMIT") || name == "KEYSWEEP_BYPASS" || name == "KEYSWEEP_KEPT" {
			continue
		}
		kept = append(kept, entry)
	}
	const who = "keysweep-check"
	return append(kept, "GIT_AUTHOR_NAME="+who, "GIT_AUTHOR_EMAIL="+who+"@localhost", "GIT_COMMITTER_NAME="+who,
		"GIT_COMMITTER_EMAIL="+who+"@localhost", "GIT_EDITOR=true", "GIT_LFS_SKIP_SMUDGE=1")
}

// trial is a temporary clone with the hooks of a repository.
type trial struct {
	git    Git // without the variables that name a repository
	user   Git // as the user has it
	from   Layout
	tmp    string
	dir    string // the clone's work tree
	server string // a bare repository to push to
	canary string
}

// quiet runs a git command that must not start a hook.
func (t *trial) quiet(ctx context.Context, dir string, args ...string) error {
	_, err := t.git.output(ctx, dir, append([]string{"-c", "core.hooksPath=" + os.DevNull, "-c", "commit.gpgSign=false"}, args...)...)
	return err
}

// hooked runs a git command that starts hooks, and returns all that is printed and whether it succeeded.
func (t *trial) hooked(ctx context.Context, args ...string) (said string, passed bool, err error) {
	cmd := t.git.command(ctx, t.dir, append([]string{"-c", "commit.gpgSign=false", "-c", "push.gpgSign=false"}, args...)...)
	out, err := cmd.CombinedOutput()
	if exitStatus(err) > 0 || err == nil {
		return string(out), err == nil, nil
	}
	return string(out), false, err
}

// try tries one hook: a secret first, then something harmless.
func (t *trial) try(ctx context.Context, name string) (Proof, error) {
	said, passed, err := t.attempt(ctx, name, "keysweep-canary.txt", t.canary)
	if err != nil {
		return Proof{}, err
	}
	refused := strings.Contains(said, Refusal(name))
	switch {
	case passed:
		return Proof{Outcome: Unprotected, Reason: "a secret went through: " + t.whyNot(name), Next: nextFor(name)}, nil
	case !refused:
		return Proof{Outcome: Unclear, Reason: "a secret was refused, but not by keysweep: " + tail(said), Next: "settle what the other hook says, and check again"}, nil
	}
	said, passed, err = t.attempt(ctx, name, "keysweep-harmless.txt", "nothing to see here\n")
	switch {
	case err != nil:
		return Proof{}, err
	case !passed && strings.Contains(said, Refusal(name)):
		return Proof{Outcome: Unclear, Reason: "keysweep refuses a harmless change too: " + tail(said), Next: "settle what it says, and check again"}, nil
	case !passed:
		return Proof{Outcome: Protected, Reason: "another hook refuses a harmless change in the temporary clone: " + tail(said)}, nil
	}
	return Proof{Outcome: Protected}, nil
}

// attempt commits a file, and for the hooks of a push pushes it, from the state that prepare left.
func (t *trial) attempt(ctx context.Context, name, file, text string) (said string, passed bool, err error) {
	if err := t.quiet(ctx, t.dir, "reset", "-q", "--hard", baseRef); err != nil {
		return "", false, err
	}
	if err := os.WriteFile(filepath.Join(t.dir, file), []byte(text), 0o600); err != nil {
		return "", false, err
	}
	defer func() { _ = os.Remove(filepath.Join(t.dir, file)) }() // reset takes it away, too
	if err := t.quiet(ctx, t.dir, "add", "-f", "--", file); err != nil {
		return "", false, err
	}
	if name == "pre-commit" {
		return t.hooked(ctx, "commit", "-q", "-m", "try the hook of keysweep")
	}
	if err := t.quiet(ctx, t.dir, "commit", "-q", "--no-verify", "-m", "try the hook of keysweep"); err != nil {
		return "", false, err
	}
	return t.hooked(ctx, "push", "-q", "--force", pushTarget, "HEAD:refs/heads/"+pushBranch)
}

// whyNot guesses why a hook let a secret through.
func (t *trial) whyNot(name string) string {
	file := filepath.Join(t.from.Dir, name)
	switch f, err := look(file); {
	case err != nil:
		return err.Error()
	case !f.exists:
		return "there is no hook " + file
	case !f.executable && !f.ours:
		return file + " cannot be executed, or is a link"
	case !f.ours && !strings.Contains(string(f.data), "keysweep"):
		return file + " does not call keysweep"
	}
	return file + " calls keysweep, but the commit or push went on"
}

func nextFor(name string) string { return "keysweep hook install --type " + name }

// tail returns the end of what was printed, on one line.
func tail(said string) string {
	const most = 300
	said = strings.Join(strings.Fields(said), " ")
	if said == "" {
		return "(it said nothing)"
	}
	if len(said) > most {
		said = "... " + strings.ToValidUTF8(said[len(said)-most:], "")
	}
	return said
}
