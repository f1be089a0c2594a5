package cli

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"keysweep/rotation"
	"keysweep/rotation/dotenv"
)

// wantsAny reports whether a program is to get credentials. If not, the ledger is not opened.
func (o *runOptions) wantsAny(p *runPlan) bool { return o.env != "" || len(p.wants) > 0 }

// fetch reads the credentials out of the ledger: by way of the snapshot if that is of the ledger's present state.
func (o *runOptions) fetch(ctx context.Context, env *Env, p *runPlan, begun *begunRing) error {
	if !o.wantsAny(p) {
		return nil
	}
	ahead := o.ahead(ctx, env, p)
	if begun != nil && ahead.err == nil {
		begun.items = rotation.GlanceItems(p.ids())
	}
	ledger, err := o.open(ctx, env, p)
	if err != nil {
		return err
	}
	current, err := o.glance(ctx, env, p, ledger, ahead)
	if !current && err == nil {
		err = o.lookUp(ctx, env, p, ledger, ahead)
	}
	if err == nil {
		err = o.judge(env, p)
	}
	if !current && err == nil {
		err = p.read(ctx, ledger)
	}
	for i := range p.wants {
		if err == nil {
			err = p.wants[i].check()
		}
	}
	if err == nil {
		err = p.pairs(ctx, ledger)
	}
	if current { // else the snapshot is to be written
		begun.end()
	}
	return err
}

// choose settles which record each variable gets: those of the environment, those of references, and those that are to be files.
func (o *runOptions) choose(p *runPlan, all []rotation.Record) error {
	byRef, here := make(map[dotenv.Reference]*rotation.Record, len(all)), false
	var chosen []runWant
	for i := range all {
		r := &all[i]
		if !givable(r) {
			continue
		}
		ref := dotenv.Reference{Env: r.Env, Name: r.Name}
		byRef[ref] = r
		if o.env == "" || r.Env != o.env {
			continue
		}
		here = true
		if (len(o.only) == 0 || slices.Contains(o.only, r.Name)) && !o.isFile(r.Name) {
			chosen = append(chosen, runWant{variable: r.Name, ref: ref})
		}
	}
	slices.SortFunc(chosen, func(a, b runWant) int { return strings.Compare(a.variable, b.variable) })
	p.wants = append(p.wants, chosen...)
	if o.env != "" && !here {
		return noEnvironment(o.env, all)
	}
	for _, name := range o.only {
		if ref := (dotenv.Reference{Env: o.env, Name: name}); byRef[ref] == nil {
			return noCredential("--only", ref, all)
		}
	}
	for _, file := range o.files {
		if err := p.wantFile(o.env, file); err != nil {
			return err
		}
	}
	for i, w := range p.wants {
		r := byRef[w.ref]
		if r == nil {
			return noCredential(w.variable, w.ref, all)
		}
		p.wants[i].record = *r
	}
	return nil
}

// givable reports whether a record is of a credential that a program can have.
func givable(r *rotation.Record) bool { return r.Kind == rotation.KindAPI && r.Status.Live() }

// isFile reports whether a credential is given as a file, and so not as a value.
func (o *runOptions) isFile(name string) bool {
	return slices.ContainsFunc(o.files, func(file string) bool { n, _, _ := strings.Cut(file, "="); return n == name })
}

// wantFile takes one --file NAME[=VARIABLE].
func (p *runPlan) wantFile(env, file string) error {
	name, variable, renamed := strings.Cut(file, "=")
	if !renamed {
		variable = name
	}
	if err := rotation.CheckVariable(variable); err != nil {
		return usagef("for example: --file TLS_KEY=SSL_KEY_FILE", "--file %s: %w", file, err)
	}
	ref := dotenv.Reference{Env: env, Name: name}
	for i, w := range p.wants {
		if w.variable == variable && w.ref == ref { // of a .env file
			p.wants[i].asFile = true
			return nil
		}
		if w.variable == variable {
			return usagef("name another variable: --file "+name+"=VARIABLE", "--file %s: %s is to be %s already", file, variable, w.ref)
		}
	}
	p.wants = append(p.wants, runWant{variable: variable, ref: ref, asFile: true})
	return nil
}

func noEnvironment(name string, records []rotation.Record) error {
	var envs []string
	for i := range records {
		if r := &records[i]; givable(r) {
			envs = append(envs, r.Env)
		}
	}
	slices.Sort(envs)
	envs = slices.Compact(envs)
	hint := "put one in: keysweep cred add NAME --env " + name
	if near := nearest(name, envs); near != "" {
		hint = "did you mean --env " + near + "? see: keysweep cred list"
	} else if len(envs) > 0 {
		hint = "there are: " + strings.Join(envs, ", ") + "; or " + hint
	}
	return usagef(hint, "the ledger has no credentials of environment %s", name)
}

func noCredential(who string, ref dotenv.Reference, records []rotation.Record) error {
	var names []string
	for i := range records {
		if r := &records[i]; givable(r) && r.Env == ref.Env {
			names = append(names, r.Name)
		}
	}
	hint := "put it in: keysweep cred add " + ref.Name + " --env " + ref.Env
	if near := nearest(ref.Name, names); near != "" {
		hint = "did you mean " + near + "? see: keysweep cred list --env " + ref.Env
	}
	return usagef(hint, "%s: there is no credential %s/%s", who, ref.Env, ref.Name)
}

// ids are those of the records that are wanted, whose secrets have them as their names.
func (p *runPlan) ids() []string {
	ids := make([]string, len(p.wants))
	for i, w := range p.wants {
		ids[i] = w.record.ID
	}
	return ids
}

// read reads the secrets.
func (p *runPlan) read(ctx context.Context, ledger *rotation.Ledger) error {
	values, err := ledger.Secrets(ctx, p.ids())
	p.take(values)
	if n := len(values); err != nil && n < len(p.wants) {
		return fmt.Errorf("%s/%s: %w", p.wants[n].ref.Env, p.wants[n].ref.Name, err)
	}
	return err
}

func (p *runPlan) take(values [][]byte) {
	for i, value := range values {
		p.wants[i].value = value
	}
}

// check refuses a value that cannot be given.
func (w *runWant) check() error {
	name := w.ref.Env + "/" + w.ref.Name
	switch {
	case w.value == nil:
		return usagef("put it in: keysweep cred rotate "+name, "the ledger knows of %s, and has no value for it", name)
	case !w.asFile && bytes.IndexByte(w.value, 0) >= 0:
		return usagef("give it as a file: --file "+w.ref.Name, "%s holds a zero byte, which no environment variable can", name)
	}
	return nil
}
