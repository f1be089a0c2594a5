package shell

import (
	"slices"

	"mvdan.cc/sh/v3/syntax"
)

// stmts reads statements in their order.
func (r *reader) stmts(list []*syntax.Stmt) {
	for _, s := range list {
		r.stmt(s)
	}
}

// within reads something in a changed context.
func (r *reader) within(change func(*context), read func()) {
	before := r.context
	change(&r.context)
	read()
	r.context = before
}

func conditional(c *context) { c.conditional = true }
func asked(c *context)       { c.negated = true }

// stmt reads one statement.
func (r *reader) stmt(s *syntax.Stmt) {
	if s == nil {
		return
	}
	switch cmd := s.Cmd.(type) {
	case nil:
		r.command(s, nil, nil)
		return
	case *syntax.CallExpr:
		r.command(s, cmd.Assigns, cmd.Args)
		return
	case *syntax.DeclClause:
		r.declare(s, cmd)
		return
	case *syntax.BinaryCmd:
		r.binary(s, cmd)
		return
	case *syntax.TestClause:
		r.test(s, cmd)
		return
	}
	redirects := r.redirects(s.Redirs)
	r.within(func(c *context) { c.redirects = slices.Concat(redirects, c.redirects) }, func() { r.compound(s.Cmd) })
}

// compound reads what is inside of a command that is made of others.
func (r *reader) compound(cmd syntax.Command) {
	switch cmd := cmd.(type) {
	case *syntax.Block:
		r.stmts(cmd.Stmts)
	case *syntax.Subshell:
		r.stmts(cmd.Stmts)
	case *syntax.IfClause:
		for c := cmd; c != nil; c = c.Else {
			r.within(asked, func() { r.stmts(c.Cond) })
			r.within(conditional, func() { r.stmts(c.Then) })
		}
	case *syntax.WhileClause:
		r.within(asked, func() { r.stmts(cmd.Cond) })
		r.stmts(cmd.Do)
	case *syntax.ForClause:
		r.loop(cmd)
	case *syntax.CaseClause:
		r.word(cmd.Word)
		for _, item := range cmd.Items {
			r.within(conditional, func() { r.stmts(item.Stmts) })
		}
	case *syntax.FuncDecl:
		r.function(cmd)
	case *syntax.TimeClause:
		r.stmt(cmd.Stmt)
	case *syntax.CoprocClause:
		r.stmt(cmd.Stmt)
	case *syntax.TestDecl:
		r.stmt(cmd.Body)
	}
}

func (r *reader) loop(cmd *syntax.ForClause) {
	if iter, ok := cmd.Loop.(*syntax.WordIter); ok {
		v := &Var{}
		for _, item := range iter.Items {
			w := r.word(item)
			v.Value, v.Literal = w.Value, w.Known && len(iter.Items) == 1
			if w.Secret != "" {
				v.Secret = w.Secret
			}
		}
		if iter.Name != nil {
			r.vars[iter.Name.Value] = v
		}
	}
	r.stmts(cmd.Do)
}

func (r *reader) function(cmd *syntax.FuncDecl) {
	name := ""
	if cmd.Name != nil {
		name = cmd.Name.Value
	} else if len(cmd.Names) > 0 {
		name = cmd.Names[0].Value
	}
	if name == "" {
		name = "(function)"
	}
	r.script.Functions[name] = true
	r.within(func(c *context) { *c = context{wrappers: c.wrappers, function: name} }, func() { r.stmt(cmd.Body) })
}

// binary reads a && b, a || b and a | b.
func (r *reader) binary(s *syntax.Stmt, cmd *syntax.BinaryCmd) {
	if cmd.Op == syntax.AndStmt || cmd.Op == syntax.OrStmt {
		r.within(asked, func() { r.stmt(cmd.X) })
		r.within(conditional, func() { r.stmt(cmd.Y) })
		return
	}
	stages := flattenPipe(nil, s)
	p := &Pipeline{Span: r.statement(s), Stages: make([][]*Command, len(stages))}
	for i, stage := range stages {
		start := len(r.script.Commands)
		r.within(func(c *context) { c.pipeline, c.stage = p, i }, func() { r.stmt(stage) })
		for _, c := range r.script.Commands[start:] {
			if c.Pipeline == p && !c.Inside || c.Pipeline != nil && c.Pipeline != p && !c.Inside {
				p.Stages[i] = append(p.Stages[i], c)
			}
		}
	}
	r.script.Pipelines = append(r.script.Pipelines, p)
}

// flattenPipe returns the stages of a pipeline.
func flattenPipe(list []*syntax.Stmt, s *syntax.Stmt) []*syntax.Stmt {
	cmd, ok := s.Cmd.(*syntax.BinaryCmd)
	if !ok || cmd.Op != syntax.Pipe && cmd.Op != syntax.PipeAll || len(s.Redirs) > 0 {
		return append(list, s)
	}
	return flattenPipe(flattenPipe(list, cmd.X), cmd.Y)
}

// test reads [[ ... ]] as a command with its words.
func (r *reader) test(s *syntax.Stmt, cmd *syntax.TestClause) {
	var words []*Word
	syntax.Walk(cmd, func(n syntax.Node) bool {
		if w, ok := n.(*syntax.Word); ok {
			words = append(words, r.word(w))
			return false
		}
		return true
	})
	from, to := r.offsets(cmd)
	name := &Word{Span: r.span(cmd), Value: "[[", Raw: "[[", Literal: true, Known: true}
	name.From, name.To = from, min(from+2, to)
	c := r.newCommand(s)
	c.Name, c.Args = "[[", append([]*Word{name}, words...)
	r.add(c)
}

// declare reads export, local, readonly and their kin: a command that assigns.
func (r *reader) declare(s *syntax.Stmt, cmd *syntax.DeclClause) {
	name := &Word{Span: r.span(cmd.Variant), Value: cmd.Variant.Value, Raw: cmd.Variant.Value, Literal: true, Known: true}
	args := []*Word{name}
	exported := cmd.Variant.Value == "export"
	for _, a := range cmd.Args {
		if a.Naked || a.Name == nil {
			if a.Value != nil {
				w := r.word(a.Value)
				exported = exported || w.Value == "-x" || w.Value == "-gx"
				args = append(args, w)
			} else if a.Name != nil {
				args = append(args, &Word{Span: r.span(a), Value: a.Name.Value, Raw: a.Name.Value, Literal: true, Known: true})
			}
			continue
		}
		set := r.assign(a)
		set.Exported = exported
	}
	c := r.newCommand(s)
	c.Name, c.Args = cmd.Variant.Value, args
	r.add(c)
}

// directory reports whether a value is what pwd says: a password's short name is that of a directory, too.
func directory(w *Word) bool {
	return len(w.Substs) > 0 && !slices.ContainsFunc(w.Substs, func(s Subst) bool {
		return len(s.Commands) == 0 || s.Commands[len(s.Commands)-1].Name != "pwd"
	})
}

// assign reads NAME=value.
func (r *reader) assign(a *syntax.Assign) *Assign {
	set := &Assign{Span: r.span(a), Name: a.Name.Value, Function: r.context.function, Seq: len(r.script.Commands)}
	v := &Var{Secret: SecretName(set.Name)}
	if a.Value != nil {
		set.Value = r.word(a.Value)
	}
	if a.Array != nil {
		for _, e := range a.Array.Elems {
			if w := r.word(e.Value); w != nil && w.Secret != "" {
				v.Secret = w.Secret
			}
		}
	}
	if w := set.Value; w != nil {
		v.Value, v.Literal, v.Downloaded = w.Value, w.Known, w.Downloaded
		if w.Secret != "" {
			v.Secret = w.Secret
		} else if w.Known && (w.Value == "" || harmless(w.Value)) || directory(w) {
			v.Secret = ""
		}
	} else if a.Array == nil {
		v.Literal = true
	}
	before := r.vars[set.Name]
	if a.Append && before != nil {
		v.Value, v.Literal = before.Value+v.Value, before.Literal && v.Literal
	}
	if before != nil && r.context.conditional {
		v.Literal = v.Literal && before.Literal && before.Value == v.Value
		v.Downloaded = v.Downloaded || before.Downloaded
		if v.Secret == "" {
			v.Secret = before.Secret
		}
	}
	r.vars[set.Name] = v
	r.script.Assigns = append(r.script.Assigns, set)
	return set
}
