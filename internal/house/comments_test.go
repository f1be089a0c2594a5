package house

import (
	"fmt"
	"go/ast"
	"testing"
)

func TestComments(t *testing.T) { report(t, checkComments(open(t))) }

// checkComments wants a comment on every package and on every exported name. What a comment must say no test can tell; the
// linters check how it starts.
func checkComments(r *tree) (violations []string) {
	documented := map[string]bool{}
	first := map[string]string{}
	r.written(func(f *goFile) {
		if first[f.dir] == "" {
			first[f.dir] = f.name
		}
		documented[f.dir] = documented[f.dir] || f.ast.Doc.Text() != ""
		for _, decl := range f.ast.Decls {
			for _, name := range undocumented(decl) {
				violations = append(violations, fmt.Sprintf("%s: %s has no comment: say what it means, its units, its errors, "+
					"who may call it at the same time", f.at(name.Pos()), name.Name))
			}
		}
	})
	for dir, file := range first {
		if !documented[dir] {
			violations = append(violations, fmt.Sprintf("%s: package %s has no comment: say what it is for, where to start and what is promised", file, dir))
		}
	}
	return violations
}

// undocumented returns the exported names of a declaration that have no comment. One comment does for a group of constants
// or variables; a type needs its own.
func undocumented(decl ast.Decl) (names []*ast.Ident) {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if decl.Name.IsExported() && decl.Doc.Text() == "" && (decl.Recv == nil || ast.IsExported(receiver(decl))) {
			names = append(names, decl.Name)
		}
	case *ast.GenDecl:
		group := decl.Doc.Text() != ""
		for _, spec := range decl.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				if spec.Name.IsExported() && spec.Doc.Text() == "" && (!group || len(decl.Specs) > 1) {
					names = append(names, spec.Name)
				}
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					if name.IsExported() && !group && spec.Doc.Text() == "" && spec.Comment.Text() == "" {
						names = append(names, name)
					}
				}
			}
		}
	}
	return names
}

// receiver returns the name of the type that a method belongs to.
func receiver(fun *ast.FuncDecl) string {
	e := fun.Recv.List[0].Type
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}
