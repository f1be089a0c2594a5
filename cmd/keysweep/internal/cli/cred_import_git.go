package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"keysweep/internal/git"
	"keysweep/rotation"
)

// sayGit says whether git has the old values: they are in its history for everybody who has the repository.
func (e *envFile) sayGit(ctx context.Context, env *Env, w io.Writer, kept []rotation.Record) {
	known, err := e.inGit(ctx, env)
	if err != nil {
		_, _ = fmt.Fprintf(w, "note: whether git has the old file could not be found out: %s\n", git.Printable(err.Error())) // into a buffer
		return
	}
	if !known {
		return
	}
	_, _ = fmt.Fprintf(w, "warning: git has %s with the old values, in its index or its history: who has the repository has them. Replace them:\n", git.Printable(e.name))
	for i := range kept {
		_, _ = fmt.Fprintf(w, "  keysweep cred rotate %s\n", kept[i].Ref())
	}
}

// inGit reports whether git tracks the file, or any commit of any branch has had it.
func (e *envFile) inGit(ctx context.Context, env *Env) (bool, error) {
	dir, name := filepath.Split(e.path)
	repo, err := git.Open(ctx, git.Options{Dir: filepath.Clean(dir), Environ: env.Environ, Cwd: env.Dir})
	if errors.Is(err, git.ErrNotRepository) || errors.Is(err, git.ErrNoGit) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, ask := range [][]string{
		{"ls-files", "--", ":(literal)" + name},
		{"log", "--all", "--reflog", "--max-count=1", "--format=%H", "--", ":(literal)" + name},
	} {
		out, err := repo.Output(ctx, ask...)
		if err != nil {
			return false, err
		}
		if len(bytes.TrimSpace(out)) > 0 {
			return true, nil
		}
	}
	return false, nil
}
