package hook

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Names in the temporary clone.
const (
	baseRef    = "refs/keysweep/base" // where every attempt starts
	pushTarget = "keysweep-check"     // the remote
	pushBranch = "keysweep-check"
)

// prepare makes the clone, and a bare repository to push to.
func (t *trial) prepare(ctx context.Context) error {
	t.server = filepath.Join(t.tmp, "server.git")
	source := t.from.Root
	if t.from.Bare {
		source = t.server
		if err := t.clone(ctx, t.from.CommonDir, t.server, "--bare"); err != nil {
			return err
		}
	}
	if err := t.clone(ctx, source, t.dir, "--no-checkout"); err != nil {
		return err
	}
	if err := t.fill(ctx); err != nil {
		return err
	}
	if !t.from.Bare {
		if err := t.clone(ctx, t.dir, t.server, "--bare"); err != nil {
			return err
		}
	}
	// The clone must not know where it comes from: a hook might push there.
	for _, args := range [][]string{
		{"remote", "remove", "origin"},
		{"remote", "add", pushTarget, t.server},
		{"push", "-q", "--no-verify", pushTarget, "HEAD:refs/heads/" + pushBranch},
		{"fetch", "-q", pushTarget},
	} {
		if err := t.quiet(ctx, t.dir, args...); err != nil {
			return err
		}
	}
	return t.hooks(ctx)
}

// clone copies a repository without its objects, which are borrowed, and without hooks.
func (t *trial) clone(ctx context.Context, from, to, how string) error {
	if err := t.quiet(ctx, t.tmp, "clone", "-q", "--shared", how, "--", from, to); err != nil {
		return err
	}
	if how != "--bare" {
		to = filepath.Join(to, ".git")
	}
	return os.RemoveAll(filepath.Join(to, "hooks"))
}

// fill checks out the files and lays over them what decides about hooks and is not committed yet.
func (t *trial) fill(ctx context.Context) error {
	if t.quiet(ctx, t.dir, "rev-parse", "--verify", "-q", "HEAD") == nil { // there is a commit
		if err := t.quiet(ctx, t.dir, "checkout", "-q", "-f", "HEAD"); err != nil {
			return err
		}
	}
	if !t.from.Bare {
		if err := t.overlay(); err != nil {
			return err
		}
	}
	for _, args := range [][]string{
		{"add", "-A"},
		{"commit", "-q", "--no-verify", "--allow-empty", "-m", "the state to try hooks on"},
		{"update-ref", baseRef, "HEAD"},
	} {
		if err := t.quiet(ctx, t.dir, args...); err != nil {
			return err
		}
	}
	return nil
}

// overlay copies the files of the work tree that configure hooks, and lends the clone the programs that npm installed.
func (t *trial) overlay() error {
	names := append(lefthookNames(), ".husky", ".pre-commit-config.yaml", ".overcommit.yml",
		".keysweep.toml", ".gitleaks.toml", ".gitleaksignore", ".keysweep-baseline")
	if rel, ok := t.from.inWorkTree(); ok {
		names = append(names, rel)
		if base, husky := strings.CutSuffix(rel, "/.husky/_"); husky {
			names = append(names, base+"/.husky")
		}
	}
	for _, name := range names {
		name = filepath.FromSlash(name)
		if err := copyTree(filepath.Join(t.from.Root, name), filepath.Join(t.dir, name)); err != nil {
			return err
		}
	}
	const modules = "node_modules"
	from, to := filepath.Join(t.from.Root, modules), filepath.Join(t.dir, modules)
	if info, err := os.Stat(from); err != nil || !info.IsDir() {
		return nil
	}
	if _, err := os.Lstat(to); err == nil {
		return nil
	}
	if err := os.Symlink(from, to); err != nil {
		return nil // Windows may not allow it; then the manager says what it misses
	}
	return appendTo(filepath.Join(t.dir, ".git", "info", "exclude"), "/"+modules+"\n")
}

func appendTo(name, text string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// hooks gives the clone, or the server, the repository's hooks and what of its configuration concerns them.
func (t *trial) hooks(ctx context.Context) error {
	gitDir, top := filepath.Join(t.dir, ".git"), t.dir
	if t.from.Bare {
		gitDir, top = t.server, t.server
	}
	if err := copyTree(filepath.Join(t.from.CommonDir, "hooks"), filepath.Join(gitDir, "hooks")); err != nil {
		return err
	}
	if t.from.HooksPath != "" {
		path := filepath.Join(t.tmp, "hooks")
		if rel, inside := t.from.inWorkTree(); inside {
			path = filepath.Join(top, filepath.FromSlash(rel))
		} else if !filepath.IsAbs(t.from.HooksPath) {
			path = filepath.Join(top, filepath.FromSlash(t.from.HooksPath))
		}
		if err := copyTree(t.from.Dir, path); err != nil {
			return err
		}
		if err := t.quiet(ctx, gitDir, "config", "core.hooksPath", filepath.ToSlash(path)); err != nil {
			return err
		}
	}
	return t.settings(ctx, gitDir)
}

// settings copies the repository's settings for keysweep and for the managers of hooks.
func (t *trial) settings(ctx context.Context, gitDir string) error {
	at := t.from.Root
	if t.from.Bare {
		at = t.from.GitDir
	}
	out, err := t.user.output(ctx, at, "config", "--local", "-z", "--get-regexp", `^(keysweep|overcommit|lefthook)\.`)
	if exitStatus(err) == 1 {
		return nil
	}
	if err != nil {
		return err
	}
	for entry := range strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00") {
		key, value, hasValue := strings.Cut(entry, "\n")
		if !hasValue {
			value = "true"
		}
		if err := t.quiet(ctx, gitDir, "config", "--add", key, value); err != nil {
			return err
		}
	}
	return nil
}

// afterwards reports whether a hook tells others what has happened: the trial is nothing to tell.
func afterwards(name string) bool {
	return strings.HasPrefix(name, "post-") || name == "reference-transaction" || name == "proc-receive" || strings.HasSuffix(name, ".sample")
}

// copyLimit is how many bytes of a hooks directory are copied; usual ones have a thousandth of that.
const copyLimit = 256 << 20

// copyTree copies a file or a directory, if it is there, with modes and links, over what is there.
func copyTree(from, to string) error {
	var total int64
	err := filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		switch mode := info.Mode(); {
		case d.IsDir():
			return os.MkdirAll(target, 0o755)
		case rel != "." && afterwards(d.Name()):
			return nil
		case mode&fs.ModeSymlink != 0:
			link, err := os.Readlink(name)
			if err != nil {
				return err
			}
			_ = os.Remove(target)
			return os.Symlink(link, target)
		case !mode.IsRegular():
			return nil
		}
		if total += info.Size(); total > copyLimit {
			return fmt.Errorf("%s holds more than %d MB", from, copyLimit>>20)
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(target, data, 0o600); err != nil {
			return err
		}
		return os.Chmod(target, info.Mode().Perm()|0o600)
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
