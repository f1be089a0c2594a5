package house

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"
)

// edge is where the program meets its surroundings.
var edge = []string{"cmd"}

// calls says which names of other packages stand only in some places of the product, and why.
var calls = []struct {
	from   string   // import path; "" is the language itself
	names  []string // none: every name
	places []string
	why    string
}{
	{"os", []string{"Getenv", "LookupEnv", "Environ", "ExpandEnv", "Setenv", "Unsetenv", "Clearenv", "UserHomeDir", "UserConfigDir", "UserCacheDir"},
		append(edge, "internal/testneed", "internal/testkeyring", "internal/keyring/guard"), "the environment is read at the edge and handed in, so that tests and hooks decide what is seen"},
	{"os", []string{"Stdin", "Stdout", "Stderr", "Args"},
		append(edge, "internal/testsummary", "internal/benchpair", "internal/benchrepo", "internal/keyring/guard", "secretscan/judge/train/main.go"), "streams and arguments are handed in: tests call the same entry point with their own"},
	{"os", []string{"Exit"},
		[]string{"cmd/keysweep/main.go", "cmd/keysweep-gitlab/main.go", "cmd/keysweep-awsiam/main.go", "cmd/keysweep-vault/main.go", "internal/testsummary/main.go", "internal/benchpair/main.go", "internal/benchrepo/main.go", "secretscan/judge/train/main.go"}, "only main ends the process; everything else returns an error"},
	{"time", []string{"Now", "Since", "Until"},
		append(edge, "internal/benchpair"), "the clock is handed in, so that the same input gives the same output"},
	{"log", nil, nil, "packages return errors and do not log"},
	{"log/slog", []string{"Default", "SetDefault", "Debug", "Info", "Warn", "Error", "Log", "LogAttrs", "DebugContext", "InfoContext", "WarnContext", "ErrorContext"},
		nil, "packages return errors and do not log"},
	{"fmt", []string{"Print", "Printf", "Println", "Scan", "Scanf", "Scanln"},
		nil, "streams are handed in: use Fprint and its kin"},
	{"", []string{"panic", "print", "println"},
		nil, "bad input is the normal case: return an error"},
	{"os/exec", []string{"Command", "CommandContext", "Cmd"},
		[]string{"host/live", "internal/git", "internal/hook/git.go", "internal/keyring", "internal/launch", "internal/openssh", "internal/plugin", "internal/process", "internal/schedule", "internal/testkeyring", "internal/testsshd", "internal/benchpair"}, "programs are started in one place each, with a settled environment and settled arguments"},
	{"os", []string{"StartProcess"}, []string{"internal/git", "internal/keyring"}, "programs are started in one place each"},
	{"syscall", []string{"Exec", "ForkExec", "StartProcess", "Getenv", "Environ", "Exit"}, []string{"internal/launch", "internal/keyring/process_linux.go"}, "the os packages say the same, and are watched; only run replaces its own process, and it waits for the keyring's, for which os/exec starts two"},
}

func TestCalls(t *testing.T) { report(t, checkCalls(open(t))) }

func checkCalls(r *tree) (violations []string) {
	r.product(func(f *goFile) {
		eachName(f, func(from, name string, pos token.Pos) {
			for _, rule := range calls {
				if rule.from == from && (rule.names == nil || slices.Contains(rule.names, name)) && !within(f.name, rule.places) {
					violations = append(violations, fmt.Sprintf("%s: %s (allowed in %q): %s",
						f.at(pos), strings.TrimPrefix(path.Base(from)+"."+name, ".."), rule.places, rule.why))
				}
			}
		})
	})
	return violations
}

// eachName calls visit with every name that a file uses of another package, and with the language's own functions it calls.
func eachName(f *goFile, visit func(from, name string, pos token.Pos)) {
	packages := map[string]string{}
	for _, spec := range f.ast.Imports {
		imported := strings.Trim(spec.Path.Value, "`\"")
		local := path.Base(imported)
		if spec.Name != nil {
			local = spec.Name.Name
		}
		packages[local] = imported
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && packages[x.Name] != "" {
				visit(packages[x.Name], n.Sel.Name, n.Pos())
			}
		case *ast.CallExpr:
			if fun, ok := n.Fun.(*ast.Ident); ok {
				visit("", fun.Name, n.Pos())
			}
		}
		return true
	})
}

// revealers are the files that may see a secret itself, and why. Everything else handles it as a value that prints masked.
var revealers = map[string]string{
	"cmd/keysweep/internal/cli/scan_proof.go": "hands it to package proof, which calculates facts that hold nothing of it",
	"report/reveal.go":                        "shows secrets with --show-secrets; without it, looks for them in other text to mask them there",
	"secretscan/desk.go":                      "joins places of the same secret, and masks it in commit subjects",
	"secretscan/precedence.go":                "compares overlapping candidates",
	"secretscan/labelled/scan.go":             "finds where a candidate's secret stands in its line",
	"secretscan/recall.go":                    "computes the HMAC that stands for a candidate",
}

func TestReveal(t *testing.T) {
	report(t, checkReveal(open(t), revealers))
}

func checkReveal(r *tree, allowed map[string]string) (violations []string) {
	used := map[string]bool{}
	r.product(func(f *goFile) {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "Reveal" {
				used[f.name] = true
				if allowed[f.name] == "" {
					violations = append(violations, fmt.Sprintf("%s: shows a secret: work with the masked form, or, if a user asked for "+
						"secrets or something is computed from it, add the file with the reason to revealers in internal/house/calls_test.go", f.at(sel.Pos())))
				}
			}
			return true
		})
	})
	for name := range allowed {
		if !used[name] {
			violations = append(violations, fmt.Sprintf("internal/house/calls_test.go: %s is among the revealers and reveals nothing: remove it", name))
		}
	}
	return violations
}

// initializers are the files with an init function, and why.
var initializers = map[string]string{
	"internal/keyring/guard/guard.go": "the keyring library opens the session bus in init functions of its own, and can hang there",
}

func TestStart(t *testing.T) { report(t, checkStart(open(t))) }

// checkStart looks at what happens before main: nothing. A hook runs the program at every commit, and pays for it each time.
func checkStart(r *tree) (violations []string) {
	r.product(func(f *goFile) {
		for _, decl := range f.ast.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				if decl.Recv == nil && decl.Name.Name == "init" && initializers[f.name] == "" {
					violations = append(violations, fmt.Sprintf("%s: init function: what happens before main cannot be handed anything, tested or switched off", f.at(decl.Pos())))
				}
			case *ast.GenDecl:
				ast.Inspect(decl, func(n ast.Node) bool {
					if sel, ok := n.(*ast.SelectorExpr); ok && isName(sel.X, "regexp") && strings.Contains(sel.Sel.Name, "Compile") {
						violations = append(violations, fmt.Sprintf("%s: a regexp that is compiled at every start: wrap it in sync.OnceValue, or compile it where it is used", f.at(sel.Pos())))
					}
					_, later := n.(*ast.FuncLit)
					return !later
				})
			}
		}
	})
	return violations
}

func isName(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}
