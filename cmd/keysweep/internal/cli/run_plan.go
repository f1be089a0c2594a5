package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"keysweep/internal/launch"
	"keysweep/rotation"
	"keysweep/rotation/dotenv"
)

// runEnvVariable says in a program which environment's credentials it has.
const runEnvVariable = "KEYSWEEP_ENV"

// runPlan is what a program is to get.
type runPlan struct {
	chosen    string // the environment; "" if there is not one only
	envs      string // all whose credentials the program gets, as KEYSWEEP_ENV has them: "dev,prod"
	environ   []string
	wants     []runWant
	given     []runWant // those of them that are references, before any is chosen
	conflicts []string  // variables that are set to something else
	notes     []string  // for a person, if there is one who wants them
	files     []*os.File
	held      *launch.Held
}

// runWant is one credential for one variable.
type runWant struct {
	variable string
	ref      dotenv.Reference
	replace  bool // the variable holds the reference itself
	asFile   bool
	record   rotation.Record
	value    []byte
}

// plan settles what needs no ledger: the variables that stay, those of a .env file, and which references are to be followed.
func (o *runOptions) plan(env *Env) (*runPlan, error) {
	p := &runPlan{chosen: o.env, environ: o.kept(env)}
	if o.env != "" {
		if err := rotation.CheckEnv(o.env); err != nil {
			return nil, usagef("environments: keysweep cred list", "--env: %w", err)
		}
	}
	var fromFile []runWant
	if o.envFile != "" {
		file, err := readDotenv(env, o.envFile)
		if err != nil {
			return nil, err
		}
		defer file.Clear()
		if fromFile, err = o.takeFile(p, file); err != nil {
			return nil, err
		}
	}
	present, err := references(p.environ)
	if err != nil {
		return nil, err
	}
	p.wants = append(present, fromFile...)
	if err := o.settleEnv(env, p); err != nil {
		return nil, err
	}
	return p, nil
}

// kept returns the variables that the program has anyway. The way to the ledger's passphrase is none of them: it leads to all
// credentials, and the program is to have those of one environment.
func (o *runOptions) kept(env *Env) (environ []string) {
	for _, entry := range env.Environ {
		name, _, _ := strings.Cut(entry, "=")
		same := func(kept string) bool { return launch.SameName(kept, name) }
		kept := !o.pristine && !same(ledgerPassphraseFile) || isBase(name)
		if kept || slices.ContainsFunc(o.keep, same) {
			environ = append(environ, entry)
		}
	}
	return environ
}

// references returns the variables whose value is a reference.
func references(environ []string) (wants []runWant, err error) {
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		ref, found, refErr := dotenv.ParseReference(value)
		if refErr != nil {
			err = errors.Join(err, usagef("for example: "+dotenv.Scheme+"prod/"+name, "%s: %w", name, refErr))
		}
		if found && refErr == nil {
			wants = append(wants, runWant{variable: name, ref: ref, replace: true})
		}
	}
	return wants, err
}

// readDotenv reads a .env file.
func readDotenv(env *Env, name string) (*dotenv.File, error) {
	f, err := os.Open(absolute(env, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usagef("name a file with lines such as TOKEN=keysweep://prod/TOKEN; without one: --env ENV", "--env-file: there is no file %s", absolute(env, name))
	}
	if err != nil {
		return nil, usagef("see who may read it: ls -l "+shellWord(absolute(env, name)), "--env-file: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, dotenv.MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("--env-file: %w", err)
	}
	file, err := dotenv.Parse(data)
	var parse *dotenv.ParseError
	if errors.As(err, &parse) && parse.Line > 0 {
		return nil, usagef("", "%s:%d: %s", name, parse.Line, parse.What)
	}
	if err != nil {
		return nil, usagef("", "%s: %w", name, err)
	}
	if len(file.Odd) > 0 {
		file.Clear()
		return nil, usagef("lines are NAME=value, comments with #, or empty", "%s:%d: %s", name, file.Odd[0].Line, file.Odd[0].What)
	}
	return file, nil
}

// takeFile takes the plain values of a .env file into the environment, and returns its references. Of several values for one
// variable the last counts, as everywhere.
func (o *runOptions) takeFile(p *runPlan, file *dotenv.File) (wants []runWant, err error) {
	last := map[string]int{}
	for i, a := range file.Assignments {
		last[a.Name] = i
	}
	for i, a := range file.Assignments {
		if last[a.Name] != i || !a.Given {
			continue
		}
		place := fmt.Sprintf("%s:%d", o.envFile, a.Line)
		ref, found, err := dotenv.ParseReference(string(a.Value))
		switch {
		case err != nil:
			return nil, usagef("for example: "+dotenv.Scheme+"prod/NAME", "%s: %w", place, err)
		case found:
			wants = append(wants, runWant{variable: a.Name, ref: ref})
			continue
		case bytes.IndexByte(a.Value, 0) >= 0:
			return nil, usagef("", "%s: there is a zero byte in the value, which no environment variable can hold", place)
		case a.Expands:
			p.notes = append(p.notes, place+": the value holds a $, which is given as it is")
		case a.Doubt != "":
			p.notes = append(p.notes, place+": "+a.Doubt)
		}
		p.set(a.Name, string(a.Value), o.override)
	}
	return wants, nil
}

// settleEnv finds out which environment was chosen, and refuses what belongs to another.
func (o *runOptions) settleEnv(env *Env, p *runPlan) error {
	if p.chosen == "" {
		if envs := envsOf(p.wants); len(envs) == 1 {
			p.chosen = envs[0]
		} else if len(envs) > 1 && !o.anyEnv {
			return usagef("choose one with --env, or follow all: --any-env", "the references are to several environments: %s", strings.Join(envs, ", "))
		}
	}
	for _, w := range p.wants {
		if w.ref.Env != p.chosen && !o.anyEnv {
			return usagef("leave it out, or follow it: --any-env", "%s is to be %s, which is not of environment %s", w.variable, w.ref, p.chosen)
		}
	}
	return o.settleNesting(env, p)
}

// settleNesting finds out whether this runs in a program that has credentials already. Those of another environment beside them
// would be a mistake most of the time.
func (o *runOptions) settleNesting(env *Env, p *runPlan) error {
	envs := envsOf(p.wants)
	if p.chosen != "" {
		envs = append(envs, p.chosen)
	}
	outer := env.Getenv(runEnvVariable)
	if outer != "" && !o.pristine {
		before := strings.Split(outer, ",")
		other := slices.ContainsFunc(envs, func(e string) bool { return !slices.Contains(before, e) })
		if other && !o.nested {
			return usagef("leave that program first; or keep both: --nested; or only the new ones: --pristine",
				"this runs in a program that has the credentials of %q already (%s)", outer, runEnvVariable)
		}
		envs = append(envs, before...)
	}
	slices.Sort(envs)
	p.envs = strings.Join(slices.Compact(envs), ",")
	return nil
}

// envsOf returns the environments of references, each once, sorted.
func envsOf(wants []runWant) (envs []string) {
	for _, w := range wants {
		envs = append(envs, w.ref.Env)
	}
	slices.Sort(envs)
	return slices.Compact(envs)
}

// set gives a variable a value. One that is set to another is left alone and noted, unless it is to be replaced.
func (p *runPlan) set(name, value string, replace bool) {
	if old, found := launch.Lookup(p.environ, name); found && old != value && !replace {
		p.conflicts = append(p.conflicts, name)
		return
	}
	p.environ = slices.DeleteFunc(p.environ, func(entry string) bool {
		had, _, _ := strings.Cut(entry, "=")
		return launch.SameName(had, name)
	})
	p.environ = append(p.environ, name+"="+value)
}

// clear overwrites the values that are still held, and takes files with secrets away. What is in environ is text, which Go
// cannot overwrite; it is gone with the process, or with the program that takes its place.
func (p *runPlan) clear() error {
	for _, w := range p.wants {
		clear(w.value)
	}
	var err error
	for _, f := range p.files {
		err = errors.Join(err, f.Close())
	}
	p.files = nil
	if p.held != nil {
		err = errors.Join(err, p.held.Remove())
	}
	p.held = nil
	return err
}
