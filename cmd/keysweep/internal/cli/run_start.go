package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"keysweep/internal/launch"
)

// start gives the program what it is to get, and runs it.
func (o *runOptions) start(ctx context.Context, env *Env, p *runPlan, core launch.CoreLimit) error {
	beside, err := o.setAll(env, p)
	if err != nil {
		return err
	}
	path, err := launch.Find(o.command[0], env.Dir, p.environ)
	if err != nil {
		return err
	}
	// There is no later: the program takes this process's place. That the snapshot could not be kept is no reason not to run it.
	if err := env.finish(ctx); err != nil && !slices.Contains(p.notes, err.Error()) {
		p.notes = append(p.notes, err.Error())
	}
	env.endings = nil
	if err := o.tellNotes(env, p); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	program := launch.Program{Path: path, Args: o.command, Dir: env.Dir, Environ: p.environ, Pass: p.files,
		Stdin: env.Stdin, Stdout: env.Stdout, Stderr: env.Stderr, Core: core}
	if !beside {
		return program.Replace()
	}
	ending, err := program.Child()
	if err = errors.Join(err, p.clear()); err != nil {
		return err
	}
	ending.Repeat()
	return verdict(ending.Code)
}

func (o *runOptions) tellNotes(env *Env, p *runPlan) error {
	if o.quiet {
		return nil
	}
	for _, note := range p.notes {
		if _, err := fmt.Fprintln(env.Stderr, "keysweep: "+note); err != nil {
			return err
		}
	}
	return nil
}

// setAll puts the credentials into the environment, as they are or as the paths of files. beside: the program is to be run beside
// this process, which deletes the files afterwards.
func (o *runOptions) setAll(env *Env, p *runPlan) (beside bool, err error) {
	beside = !launch.CanReplace
	where, err := heldPlace(env)
	if err == nil {
		err = launch.Sweep(where)
	}
	if err != nil && o.realFile {
		return false, err
	}
	if err != nil {
		p.notes = append(p.notes, err.Error())
	}
	for i := range p.wants {
		w := &p.wants[i]
		value := string(w.value)
		if w.asFile {
			if value, err = o.file(p, where, w); err != nil {
				return false, err
			}
		}
		clear(w.value)
		p.set(w.variable, value, w.replace || o.override)
	}
	p.setCompanions(o.override)
	if len(p.conflicts) > 0 {
		slices.Sort(p.conflicts)
		return false, usagef("replace them: --override; or begin without them: --pristine",
			"set to something else already: %s", strings.Join(slices.Compact(p.conflicts), ", "))
	}
	if p.envs != "" {
		p.set(runEnvVariable, p.envs, true)
	}
	return beside || p.held != nil, nil
}

// file puts one credential into a file and returns its path: in memory where the system can, and if nobody wants a real one.
func (o *runOptions) file(p *runPlan, where string, w *runWant) (path string, err error) {
	if !o.realFile {
		file, path, err := launch.Sealed(w.value)
		if err == nil {
			p.files = append(p.files, file)
		}
		if !errors.Is(err, errors.ErrUnsupported) {
			return path, err
		}
	}
	if p.held == nil {
		if p.held, err = launch.Hold(where); err != nil {
			return "", err
		}
	}
	return p.held.Add(w.ref.Name, w.value)
}

// heldPlace is where real files are made: in XDG_RUNTIME_DIR, which is in memory, the user's alone and gone at the end of the
// session (https://specifications.freedesktop.org/basedir-spec), or else where keysweep has its state.
func heldPlace(env *Env) (string, error) {
	if dir := env.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		if info, err := os.Stat(dir); err == nil && info.IsDir() && isOwn(info) {
			return filepath.Join(dir, "keysweep"), nil
		}
	}
	return stateFile(env, "run")
}
