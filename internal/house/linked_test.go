package house

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// costly are packages that every start pays for, whatever it is for, and who may import them all the same.
var costly = []struct {
	name string
	by   []string
	why  string
}{
	{"html/template", nil, "its tables are made at every start, and a template may call any method, so that the linker keeps all of them"},
	{"text/template", []string{"github.com/spf13/cobra"}, "a template may call any method, so that the linker keeps all of them; cobra's are left out as long as no template is set"},
	{"net/http", nil, "with HTTP/2 and its tables it is the largest thing there is; plugins talk to providers"},
	{"expvar", nil, "it starts with net/http"},
	{"encoding/gob", nil, "it registers the types that it knows at every start"},
	{"testing", nil, "it belongs into tests"},
}

// keepers are methods whose call makes the linker keep every exported method of every type in use: two megabytes more to load.
var keepers = []string{"SetUsageTemplate", "SetHelpTemplate", "SetVersionTemplate", "Method", "MethodByName"}

// TestLinked keeps out of keysweep what makes each of its starts slower.
func TestLinked(t *testing.T) {
	report(t, checkLinked(goCommand(t, nil, "list", "-deps", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./cmd/keysweep")))
	report(t, checkKeepers(open(t)))
}

// checkLinked reads lines of a package and those it imports.
func checkLinked(list string) (violations []string) {
	for line := range strings.Lines(list) {
		packages := strings.Fields(line)
		for _, c := range costly {
			if packages[0] != c.name && slices.Contains(packages[1:], c.name) && !slices.Contains(c.by, packages[0]) && !costlyItself(packages[0]) {
				violations = append(violations, fmt.Sprintf("%s imports %s (allowed to %q): %s", packages[0], c.name, c.by, c.why))
			}
		}
	}
	return violations
}

// costlyItself leaves it at one violation where costly packages import each other.
func costlyItself(name string) bool {
	for _, c := range costly {
		if c.name == name {
			return true
		}
	}
	return false
}

func checkKeepers(r *tree) (violations []string) {
	r.product(func(f *goFile) {
		if !within(f.name, []string{"cmd/keysweep"}) {
			return
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if s, ok := call.Fun.(*ast.SelectorExpr); ok && slices.Contains(keepers, s.Sel.Name) {
				violations = append(violations, fmt.Sprintf("%s: %s makes the linker keep all methods there are, and every start slower", f.at(n.Pos()), s.Sel.Name))
			}
			return true
		})
	})
	return violations
}

func TestLinkedIsSeen(t *testing.T) {
	got := checkLinked("a html/template fmt\nhtml/template text/template\ngithub.com/spf13/cobra text/template\nb text/template net/http\n")
	if len(got) != 3 {
		t.Errorf("three packages import what they should not: %q", got)
	}
}
