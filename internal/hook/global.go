package hook

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"keysweep/internal/atomicfile"
)

// previousName is the file in the user's hooks directory that holds the core.hooksPath from before.
const previousName = "previous-hooks-path"

// HooksPathError says that the user's or the system's configuration names another hooks directory already.
type HooksPathError struct {
	Scope string // "global" or "system"
	Value string
}

// Error names the directory.
func (e *HooksPathError) Error() string {
	return "the " + e.Scope + " git configuration has core.hooksPath already: " + e.Value
}

// Hint says what to do next.
func (e *HooksPathError) Hint() string {
	return "keysweep hook install --global --replace takes its place and runs its hooks first; uninstall sets it back"
}

// InstallGlobal makes dir the hooks directory of all of the user's repositories that do not set core.hooksPath themselves, with
// keysweep in the hooks called names. Every repository's own hooks go on running. A core.hooksPath that is set to something
// else is a HooksPathError unless replace is set; then the hooks of that directory run, as they did before.
func InstallGlobal(ctx context.Context, g Git, dir string, names []string, exe string, replace bool) ([]Change, error) {
	previous, err := g.previous(ctx, dir, replace)
	if err != nil {
		return nil, err
	}
	var changes []Change
	for _, name := range hidden() {
		s := script{name: name, exe: exe, global: true, replace: previous, pass: !slices.Contains(names, name)}
		c, err := place(dir, s)
		if err != nil {
			return changes, err
		}
		if !s.pass {
			changes = append(changes, c)
		}
	}
	if _, err := g.output(ctx, dir, "config", "--global", "core.hooksPath", filepath.ToSlash(dir)); err != nil {
		return changes, fmt.Errorf("install hook: set core.hooksPath: %w", err)
	}
	return changes, nil
}

// previous returns the directory whose hooks the scripts have to run, because its core.hooksPath no longer counts; "" is none.
// It is noted in dir, so that it is known the next time, too.
func (g Git) previous(ctx context.Context, dir string, replace bool) (string, error) {
	for _, scope := range []string{"global", "system"} {
		raw, path, err := g.hooksPath(ctx, scope)
		switch {
		case err != nil:
			return "", err
		case raw == "":
			continue
		case filepath.Clean(path) == filepath.Clean(dir):
			_, path, err = recorded(dir)
			return path, err
		case !replace:
			return "", &HooksPathError{scope, raw}
		case !filepath.IsAbs(path):
			return "", fmt.Errorf("install hook: the %s core.hooksPath, %s, means another directory in every repository", scope, raw)
		}
		if scope == "system" {
			raw = "" // it counts again once the global setting is gone
		}
		return path, record(dir, raw, path)
	}
	return "", nil
}

// UninstallGlobal takes keysweep out of the user's hooks directory and sets core.hooksPath back.
func UninstallGlobal(ctx context.Context, g Git, dir string) ([]Change, error) {
	raw, path, err := g.hooksPath(ctx, "global")
	if err != nil {
		return nil, err
	}
	previous, _, err := recorded(dir)
	if err != nil {
		return nil, err
	}
	// First the setting: until the scripts are gone they do no harm.
	if raw != "" && filepath.Clean(path) == filepath.Clean(dir) {
		args := []string{"config", "--global", "--unset", "core.hooksPath"}
		if previous != "" {
			args = []string{"config", "--global", "core.hooksPath", previous}
		}
		if _, err := g.output(ctx, parent(dir), args...); err != nil {
			return nil, fmt.Errorf("uninstall hook: set core.hooksPath back: %w", err)
		}
	}
	if err := os.Remove(filepath.Join(dir, previousName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("uninstall hook: %w", err)
	}
	var changes []Change
	for _, name := range hidden() {
		c, err := Uninstall(dir, name)
		if err != nil {
			return changes, err
		}
		if slices.Contains(Types(), name) {
			changes = append(changes, c)
		}
	}
	_ = os.Remove(dir) // stays if others have put something there
	return changes, nil
}

// hooksPath returns core.hooksPath of the global or the system configuration as written, and as a path.
func (g Git) hooksPath(ctx context.Context, scope string) (raw, path string, err error) {
	for _, ask := range []struct {
		to   *string
		args []string
	}{{&raw, nil}, {&path, []string{"--type=path"}}} {
		args := append([]string{"config", "--" + scope, "--includes"}, ask.args...)
		*ask.to, err = g.output(ctx, os.TempDir(), append(args, "--get", "core.hooksPath")...)
		if exitStatus(err) == 1 {
			return "", "", nil
		}
		if err != nil {
			return "", "", fmt.Errorf("read core.hooksPath: %w", err)
		}
	}
	return raw, filepath.FromSlash(path), nil
}

// record notes the core.hooksPath that is being replaced: as written, and as a path, one line each.
func record(dir, raw, path string) error {
	if _, err := makeDirectory(dir); err != nil {
		return fmt.Errorf("install hook: %w", err)
	}
	if err := atomicfile.Write(filepath.Join(dir, previousName), []byte(raw+"\n"+path+"\n"), 0o644); err != nil {
		return fmt.Errorf("install hook: %w", err)
	}
	return nil
}

func recorded(dir string) (raw, path string, err error) {
	data, err := os.ReadFile(filepath.Join(dir, previousName))
	if errors.Is(err, fs.ErrNotExist) {
		return "", "", nil
	}
	if err != nil {
		return "", "", fmt.Errorf("read the core.hooksPath from before: %w", err)
	}
	raw, rest, _ := strings.Cut(string(data), "\n")
	path, _, _ = strings.Cut(rest, "\n")
	return raw, path, nil
}

// parent returns a directory around dir that exists.
func parent(dir string) string {
	for {
		up := filepath.Dir(dir)
		if info, err := os.Stat(up); up == dir || err == nil && info.IsDir() {
			return up
		}
		dir = up
	}
}
