package house

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"testing"
)

func TestState(t *testing.T) { report(t, checkState(open(t))) }

// checkState finds functions that change variables of their package: two scans in one process must not know of each other, and
// tests run side by side.
func checkState(r *tree) (violations []string) {
	packages := map[string][]*goFile{}
	r.product(func(f *goFile) { packages[f.dir] = append(packages[f.dir], f) })
	for dir, files := range packages {
		scope, uses := resolve(dir, files)
		for _, f := range files {
			eachChange(f.ast, func(e ast.Expr) {
				id := root(e)
				if v, ok := uses[id].(*types.Var); ok && v.Parent() == scope {
					violations = append(violations, fmt.Sprintf("%s: changes %s, a variable of the package: keep it in a value that is handed on", f.at(id.Pos()), id.Name))
				}
			})
		}
	}
	return violations
}

// resolve says what the names in a package stand for. Other packages stay unknown, which costs nothing here: the errors that
// come of it, and of files that are for different systems, are ignored.
func resolve(dir string, files []*goFile) (*types.Scope, map[*ast.Ident]types.Object) {
	var syntax []*ast.File
	for _, f := range files {
		syntax = append(syntax, f.ast)
	}
	config := types.Config{Importer: noImports{}, Error: func(error) {}}
	info := types.Info{Uses: map[*ast.Ident]types.Object{}}
	pkg, _ := config.Check(dir, files[0].fset, syntax, &info)
	return pkg.Scope(), info.Uses
}

type noImports struct{}

func (noImports) Import(string) (*types.Package, error) {
	return nil, errors.New("not looked at")
}

// eachChange calls visit with everything that a file assigns to, counts up or counts down.
func eachChange(file *ast.File, visit func(ast.Expr)) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IncDecStmt:
			visit(n.X)
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				if n.Tok != token.DEFINE {
					visit(e)
				}
			}
		}
		return true
	})
}

// root returns the name that an expression starts from: m in m[k].f.
func root(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.IndexExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		default:
			return nil
		}
	}
}
