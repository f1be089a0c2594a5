package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"keysweep/script/internal/text"
)

// word reads a word and what is run for it.
func (r *reader) word(w *syntax.Word) *Word {
	if w == nil {
		return nil
	}
	b := text.From(r.text)
	r.flatten(b, w.Parts, false)
	flat := b.Text()
	out := &Word{Span: r.span(w), Raw: string(flat.Data), Literal: true, Known: true, flat: flat, bare: len(w.Parts) == 1}
	if out.bare {
		switch w.Parts[0].(type) {
		case *syntax.DblQuoted, *syntax.SglQuoted:
			out.bare = false
		}
	}
	var value strings.Builder
	r.parts(out, &value, w.Parts, false)
	out.Value = value.String()
	return out
}

// parts works out the value of a word's parts.
func (r *reader) parts(w *Word, value *strings.Builder, parts []syntax.WordPart, quoted bool) {
	for _, part := range parts {
		switch part := part.(type) {
		case *syntax.Lit, *syntax.SglQuoted:
			b := text.From(r.text)
			r.flatten(b, []syntax.WordPart{part}, quoted)
			value.Write(b.Text().Data)
		case *syntax.DblQuoted:
			r.parts(w, value, part.Parts, true)
		case *syntax.ParamExp:
			w.Literal = false
			r.param(w, value, part)
		case *syntax.CmdSubst:
			r.subst(w, part.Stmts, false)
			value.WriteString("$(...)")
		case *syntax.ProcSubst:
			r.subst(w, part.Stmts, true)
			value.WriteString(part.Op.String() + "...)")
		case *syntax.ArithmExp:
			w.Literal, w.Known = false, false
			value.WriteString("0")
		default:
			value.WriteString(r.source(part))
		}
	}
}

const (
	// maxValue is how long the value of a variable may be that is put in its place, in bytes.
	maxValue = 4096
	// maxExpanded is how much all values together may come to: a="$a$a" doubles with each line.
	maxExpanded = 4 << 20
)

// param works out a variable.
func (r *reader) param(w *Word, value *strings.Builder, p *syntax.ParamExp) {
	if p.Param == nil {
		w.Known = false
		value.WriteString("$")
		return
	}
	name := p.Param.Value
	w.Vars = append(w.Vars, name)
	v := r.vars[name]
	if v == nil {
		v = &Var{Secret: SecretName(name)}
	}
	plain := p.Exp == nil && p.Slice == nil && p.Repl == nil && p.Index == nil && !p.Excl && !p.Length && !p.IsSet
	if !p.Length && !p.IsSet && p.Names == 0 && (p.Exp == nil || p.Exp.Op != syntax.AlternateUnset && p.Exp.Op != syntax.AlternateUnsetOrNull) {
		w.taint(v)
	}
	if plain && v.Literal && len(v.Value) <= maxValue && r.script.expanded < maxExpanded {
		r.script.expanded += len(v.Value)
		value.WriteString(v.Value)
		return
	}
	w.Known = false
	if p.Exp != nil && p.Exp.Word != nil {
		other := r.word(p.Exp.Word)
		w.Substs = append(w.Substs, other.Substs...)
		w.Vars = append(w.Vars, other.Vars...)
		switch p.Exp.Op {
		case syntax.DefaultUnset, syntax.DefaultUnsetOrNull, syntax.AssignUnset, syntax.AssignUnsetOrNull:
			if r.vars[name] == nil && other.Value != "" && len(other.Value) <= maxValue {
				w.taint(&Var{Secret: other.Secret, Downloaded: other.Downloaded})
				value.WriteString(other.Value)
				return
			}
		}
	}
	value.WriteString("$" + name)
}

func (w *Word) taint(v *Var) {
	if w.Secret == "" {
		w.Secret = v.Secret
	}
	w.Downloaded = w.Downloaded || v.Downloaded
}

// subst reads commands whose output goes into a word.
func (r *reader) subst(w *Word, stmts []*syntax.Stmt, process bool) {
	w.Literal, w.Known = false, false
	start := len(r.script.Commands)
	r.within(func(c *context) {
		*c = context{wrappers: c.wrappers, function: c.function, conditional: c.conditional, inside: true}
	}, func() { r.stmts(stmts) })
	list := r.script.Commands[start:len(r.script.Commands):len(r.script.Commands)]
	w.Substs = append(w.Substs, Subst{Process: process, Commands: list})
	if process {
		return
	}
	if why := secretSource(list); why != "" && w.Secret == "" {
		w.Secret = why
	}
	w.Downloaded = w.Downloaded || fetched(list)
}
