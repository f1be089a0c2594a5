package cli

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"keysweep/internal/hook"
)

// hookInstallOptions are the flags of hook install and hook uninstall.
type hookInstallOptions struct {
	types     []string
	global    bool
	replace   bool
	write     bool
	noManager bool
}

func newHookInstallCommand(env *Env) *cobra.Command {
	o := new(hookInstallOptions)
	c := &cobra.Command{
		Use:   "install",
		Short: "Put keysweep into git's hooks, next to what is there",
		Long: "Put keysweep into this repository's hooks: before a commit and a push, or, in a bare repository, before a push is\n" +
			"accepted. A hook that is there stays and runs first. Where husky, lefthook, the pre-commit program, overcommit or a tracked\n" +
			"hooks directory is in charge, the lines to add to its file are printed; --write adds them.",
		Example: `  keysweep hook install
  keysweep hook install --type pre-receive      a repository that is pushed to
  keysweep hook install --write                 edit .husky/pre-commit or lefthook.yml
  keysweep hook install --global                all of your repositories`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runHookInstall(c.Context(), env, o) },
	}
	f := c.Flags()
	f.StringSliceVar(&o.types, "type", nil, "the `HOOK` to install: "+strings.Join(hook.Types(), ", ")+" (repeatable)")
	f.BoolVar(&o.global, "global", false, "for all of your repositories, through the global core.hooksPath")
	f.BoolVar(&o.replace, "replace", false, "with --global: take the place of a core.hooksPath that is set, and run its hooks first")
	f.BoolVar(&o.write, "write", false, "edit the tracked file of husky or lefthook, or a hook in a tracked directory")
	f.BoolVar(&o.noManager, "no-manager", false, "install the script although a hook manager is in charge")
	return c
}

func newHookUninstallCommand(env *Env) *cobra.Command {
	o := new(hookInstallOptions)
	c := &cobra.Command{
		Use:     "uninstall",
		Short:   "Take keysweep out of git's hooks and put back what was there before",
		Example: "  keysweep hook uninstall\n  keysweep hook uninstall --global",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return runHookUninstall(c.Context(), env, o) },
	}
	c.Flags().StringSliceVar(&o.types, "type", nil, "only the `HOOK` (repeatable; default: all of keysweep's)")
	c.Flags().BoolVar(&o.global, "global", false, "the hooks for all of your repositories")
	return c
}

func runHookInstall(ctx context.Context, env *Env, o *hookInstallOptions) error {
	names, err := checkTypes(o.types, nil)
	if err != nil {
		return err
	}
	if o.replace && !o.global {
		return usagef("", "--replace belongs to --global")
	}
	exe, err := hookExecutable(env)
	if err != nil {
		return err
	}
	if o.global {
		return installGlobally(ctx, env, o, names, exe)
	}
	g, l, err := locateHooks(ctx, env)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		names = l.DefaultTypes()
	}
	local := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == "pre-receive" }) // no manager is for servers
	if m := hook.Detect(ctx, g, l); m != nil && !o.noManager && len(local) > 0 {
		if len(local) < len(names) {
			return usagef("keysweep hook install --type pre-receive", "%s is in charge of the other hooks: install pre-receive on its own", m.Name)
		}
		return installManaged(env, m, names, o.write)
	}
	if dir, err := globalHooksDir(env); err == nil && l.Scope == "global" && filepath.Clean(dir) == l.Dir {
		tell(env.Stdout, "the hooks of all your repositories are keysweep's already (%s)\n", l.Dir)
		return nil
	}
	if l.Scope == "global" || l.Scope == "system" {
		tell(env.Stderr, "note: core.hooksPath is set in your %s configuration: these hooks are in force wherever it is\n", l.Scope)
	}
	for _, name := range names {
		change, err := hook.Install(l.Dir, name, exe)
		if err != nil {
			return err
		}
		say(env, change)
	}
	tell(env.Stderr, "hint: prove that it works: keysweep hook check\n")
	return nil
}

// hookExecutable returns the path of this program as hooks will call it.
func hookExecutable(env *Env) (string, error) {
	exe := env.Executable
	if exe == "" || passing(exe) {
		return "", usagef("go install ./cmd/keysweep, then: keysweep hook install",
			"this keysweep is gone when it ends (go run makes a new one each time): hooks could not call it")
	}
	return exe, nil
}

// passing reports whether a program is one that go run has made: in a temporary directory or in go's cache, from which it may
// vanish at any time.
func passing(exe string) bool {
	for part := range strings.SplitSeq(filepath.ToSlash(exe), "/") {
		if rest, ok := strings.CutPrefix(part, "go-build"); ok && strings.Trim(rest, "0123456789") == "" {
			return true
		}
	}
	const entry = 64 + len("-d") // a directory of the cache is named by a hash
	dir := filepath.Base(filepath.Dir(exe))
	return len(dir) == entry && strings.HasSuffix(dir, "-d")
}

func say(env *Env, c hook.Change) {
	tell(env.Stdout, "%s: %s (%s)\n", c.Name, c.Did, shownPath(env, c.Path))
	if c.Kept != "" && c.Did == "installed" {
		tell(env.Stdout, "  the hook that was there runs first; it is kept as %s\n", filepath.Base(c.Kept))
	}
	if c.Self {
		tell(env.Stderr, "note: that hook mentions $0; if it goes by its own name, that is %s now\n", filepath.Base(c.Kept))
	}
}

// installManaged says what the manager's files need, and writes it if that was asked for.
func installManaged(env *Env, m *hook.Manager, names []string, write bool) error {
	tell(env.Stdout, "%s is in charge of the hooks here (%s)\n", m.Name, m.Why)
	missing, texts := 0, map[string]bool{}
	for _, line := range m.Lines(names) {
		switch {
		case line.Present:
			tell(env.Stdout, "%s: %s calls keysweep already\n", line.Hook, line.File)
			continue
		case write && line.Cannot == "":
			if _, err := m.Write(line); err != nil {
				return usagef("add this to it:\n"+line.Text, "%w", err)
			}
			tell(env.Stdout, "%s: added to %s; commit it\n", line.Hook, line.File)
			continue
		}
		missing++
		if key := line.File + "\x00" + line.Text; !texts[key] {
			texts[key] = true
			tell(env.Stdout, "\nadd to %s:\n\n%s\n\n", line.File, indented(line.Text))
		}
		if write {
			tell(env.Stdout, "(keysweep does not edit %s: %s)\n", line.File, line.Cannot)
		}
	}
	if next := m.Next(); next != "" {
		tell(env.Stdout, "to make %s put its hooks in place: %s\n", m.Name, next)
	}
	if missing == 0 {
		tell(env.Stderr, "hint: prove that it works: keysweep hook check\n")
		return nil
	}
	tell(env.Stderr, "keysweep: not installed yet\nhint: --write edits shell scripts and lefthook's file; --no-manager installs beside the manager, for you alone\n")
	return verdict(exitFindings)
}

func indented(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n    ")
}

func runHookUninstall(ctx context.Context, env *Env, o *hookInstallOptions) error {
	names, err := checkTypes(o.types, hook.Types())
	if err != nil {
		return err
	}
	if o.global {
		dir, err := globalHooksDir(env)
		if err != nil {
			return err
		}
		changes, err := hook.UninstallGlobal(ctx, hook.Git{Environ: env.Environ}, dir)
		for _, c := range changes {
			say(env, c)
		}
		return err
	}
	g, l, err := locateHooks(ctx, env)
	if err != nil {
		return err
	}
	if m := hook.Detect(ctx, g, l); m != nil {
		files, err := m.Unwrite()
		for _, f := range files {
			tell(env.Stdout, "%s: taken out of %s\n", m.Name, f)
		}
		if err != nil {
			return err
		}
	}
	if dir, err := globalHooksDir(env); err == nil && filepath.Clean(dir) == l.Dir {
		return usagef("keysweep hook uninstall --global", "the hooks here are those of all your repositories")
	}
	for _, name := range names {
		change, err := hook.Uninstall(l.Dir, name)
		if err != nil {
			return err
		}
		if change.Did != "not there" || len(o.types) > 0 {
			say(env, change)
		}
	}
	return nil
}

func installGlobally(ctx context.Context, env *Env, o *hookInstallOptions, names []string, exe string) error {
	dir, err := globalHooksDir(env)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		names = []string{"pre-commit", "pre-push"}
	}
	changes, err := hook.InstallGlobal(ctx, hook.Git{Environ: env.Environ}, dir, names, exe, o.replace)
	if err != nil {
		return usageIfHooksPath(err)
	}
	for _, c := range changes {
		say(env, c)
	}
	tell(env.Stdout, "core.hooksPath of your global configuration is %s; every repository's own hooks run first\n", dir)
	tell(env.Stderr, "note: a repository that sets core.hooksPath itself, as husky does, is not covered: keysweep hook check tells\n")
	return nil
}

// globalHooksDir returns the directory of the hooks for all repositories.
func globalHooksDir(env *Env) (string, error) {
	base := env.Getenv("XDG_CONFIG_HOME")
	if base == "" || !filepath.IsAbs(base) {
		home := env.Getenv("HOME")
		if home == "" {
			var err error
			if home, err = os.UserHomeDir(); err != nil {
				return "", usagef("set HOME", "find the directory for the hooks: %w", err)
			}
		}
		base = filepath.Join(home, ".config")
	}
	return filepath.Join(base, "keysweep", "hooks"), nil
}
