package shell

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"keysweep/script/internal/text"
)

// statement returns where a statement stands, without the sign that ends it.
func (r *reader) statement(s *syntax.Stmt) text.Span {
	span := r.span(s)
	for span.To > span.From && strings.IndexByte("; \t&", r.text.Data[span.To-1]) >= 0 {
		span.To--
	}
	return span
}

// newCommand makes a command of a statement in the reader's context.
func (r *reader) newCommand(s *syntax.Stmt) *Command {
	c := r.context
	return &Command{Span: r.statement(s), Wrappers: slices.Clone(c.wrappers), Function: c.function, Conditional: c.conditional, Inside: c.inside,
		Negated: c.negated || s.Negated, Pipeline: c.pipeline, Stage: c.stage, Redirects: append(r.redirects(s.Redirs), c.redirects...)}
}

// add puts a command behind those that were read so far.
func (r *reader) add(c *Command) {
	c.Seq = len(r.script.Commands)
	r.script.Commands = append(r.script.Commands, c)
}

// command reads a simple command.
func (r *reader) command(s *syntax.Stmt, assigns []*syntax.Assign, args []*syntax.Word) {
	var env []*Assign
	for _, a := range assigns {
		if len(args) == 0 {
			r.assign(a)
		} else if a.Name != nil {
			set := &Assign{Span: r.span(a), Name: a.Name.Value, Exported: true, Function: r.context.function, Value: r.word(a.Value)}
			env = append(env, set)
		}
	}
	var words []*Word
	for _, a := range args {
		words = append(words, r.word(a))
	}
	c := r.newCommand(s)
	c.Env = env
	if len(words) == 0 {
		if len(s.Redirs) > 0 { // > file
			r.add(c)
		}
		return
	}
	c.Args = r.split(words)
	for _, a := range env {
		a.For, a.Seq = c, len(r.script.Commands)
		r.script.Assigns = append(r.script.Assigns, a)
	}
	r.run(c)
}

// split takes the first word apart that is a variable which holds a command with options: $sh_c 'apt-get update'.
func (r *reader) split(words []*Word) []*Word {
	first := words[0]
	if len(first.Vars) != 1 || !first.bare && strings.Contains(first.Raw, " ") || first.Raw != "$"+first.Vars[0] && first.Raw != "${"+first.Vars[0]+"}" {
		return words
	}
	v := r.vars[first.Vars[0]]
	if v == nil || v.Value == "" || strings.Contains(v.Value, "$") {
		if len(words) > 1 && runsOthers(first.Vars[0]) {
			return words[1:]
		}
		return words
	}
	var out []*Word
	for _, f := range strings.Fields(v.Value) {
		out = append(out, &Word{Span: first.Span, Value: f, Raw: f, Literal: true, Known: true, bare: true, Secret: first.Secret, Downloaded: first.Downloaded})
	}
	return append(out, words[1:]...)
}

// runsOthers reports whether a variable is, by its name, what commands are prefixed with: empty, or sudo.
func runsOthers(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "sudo") || strings.Contains(name, "root") || name == "dry_run" || name == "run" || name == "echo"
}

// redirects reads where a statement's input comes from and its output goes.
func (r *reader) redirects(list []*syntax.Redirect) (out []*Redirect) {
	for _, s := range list {
		d := &Redirect{Span: r.span(s)}
		switch s.Op {
		case syntax.RdrOut, syntax.RdrClob, syntax.RdrAll, syntax.RdrAllClob:
			d.Op = ">"
		case syntax.AppOut, syntax.AppAll:
			d.Op = ">>"
		case syntax.RdrIn, syntax.RdrInOut:
			d.Op = "<"
		case syntax.WordHdoc:
			d.Op = "<<<"
		case syntax.Hdoc, syntax.DashHdoc:
			d.Op = "<<"
			d.Target = r.document(s)
			out = append(out, d)
			continue
		default:
			continue // file descriptors that become one another
		}
		if s.N != nil && s.N.Value == "2" {
			continue // messages
		}
		d.Target = r.word(s.Word)
		out = append(out, d)
	}
	return out
}

// document reads a here-document as a word.
func (r *reader) document(s *syntax.Redirect) *Word {
	flat := r.heredoc(s)
	w := &Word{Raw: string(flat.Data), Value: string(flat.Data), Literal: true, Known: true, flat: flat}
	if s.Hdoc == nil {
		w.Span = r.span(s)
		return w
	}
	w.Span = r.span(s.Hdoc)
	if _, to := r.body(s); to < w.To {
		w.To = max(w.From, to-1) // without the last line's end
	}
	if strings.ContainsAny(r.source(s.Word), `'"\`) {
		return w
	}
	var value strings.Builder
	r.parts(w, &value, s.Hdoc.Parts, true)
	w.Value = value.String()
	return w
}

// Flat returns the word's text without quotes, expansions as they are written.
func (w *Word) Flat() *text.Text {
	if w.flat == nil {
		return text.Part(w.Text, w.From, w.To)
	}
	return w.flat
}
