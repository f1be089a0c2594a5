package house

import (
	"fmt"
	"go/ast"
	"testing"
)

// Limits of the product's own files, in lines; tests and generated files may be longer. They are far above what is usual here
// (130 and 15): who reaches one has two things in one place.
const (
	maxFile     = 450
	maxFunction = 80
)

// lengthy are files and functions ("file.go", "file.go:Name") past a limit, and why that is better than splitting them.
var lengthy = map[string]string{}

func TestSizes(t *testing.T) { report(t, checkSizes(open(t), lengthy)) }

func checkSizes(r *tree, excused map[string]string) (violations []string) {
	found := map[string]bool{}
	judge := func(what string, lines, limit int, where string) {
		if lines <= limit {
			return
		}
		found[what] = true
		if excused[what] == "" {
			violations = append(violations, fmt.Sprintf("%s: %s has %d lines, more than %d: split it by what its parts are about", where, what, lines, limit))
		}
	}
	r.written(func(f *goFile) {
		judge(f.name, f.lines, maxFile, f.name)
		for _, decl := range f.ast.Decls {
			if fun, ok := decl.(*ast.FuncDecl); ok {
				lines := f.fset.Position(fun.End()).Line - f.fset.Position(fun.Pos()).Line + 1
				judge(f.name+":"+fun.Name.Name, lines, maxFunction, f.at(fun.Pos()))
			}
		}
	})
	for what := range excused {
		if !found[what] {
			violations = append(violations, fmt.Sprintf("internal/house/size_test.go: %s is excused and not too long: remove it", what))
		}
	}
	return violations
}
