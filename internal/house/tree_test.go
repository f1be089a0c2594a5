package house

import (
	"errors"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// module is the module path, which starts the import path of everything of ours.
const module = "keysweep"

// tree is what the rules look at: this repository, or an example of a broken one.
type tree struct {
	root  string   // directory on disk; "" in examples
	names []string // every file that git tracks or would add, slash-separated, relative to root
	code  []*goFile
}

// goFile is a parsed Go file of the module, testdata left out.
type goFile struct {
	name, dir string
	fset      *token.FileSet
	ast       *ast.File
	lines     int
	test      bool // *_test.go
	generated bool // has the header that says so
	apart     bool // a program beside a package that makes its files: in a directory "gen", or "//go:build ignore"
}

// repository is parsed once for all rules.
var repository = sync.OnceValues(load)

func open(t *testing.T) *tree {
	t.Helper()
	repo, err := repository()
	if err != nil {
		t.Fatal(err)
	}
	return repo
}

func load() (*tree, error) {
	root, err := filepath.Abs("../..")
	if err != nil {
		return nil, err
	}
	// Untracked files count too: a rule should be heard before the commit, not after it.
	list := exec.Command("git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("list the files of the repository with git: %w", err)
	}
	repo := &tree{root: root}
	fset := token.NewFileSet()
	for name := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		info, err := os.Lstat(filepath.Join(root, name))
		if err != nil || !info.Mode().IsRegular() {
			continue // deleted and not committed yet, or a link
		}
		repo.names = append(repo.names, name)
		if !isCode(name) {
			continue
		}
		src, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return nil, err
		}
		file, err := parse(fset, name, string(src))
		if err != nil {
			return nil, err
		}
		repo.code = append(repo.code, file)
	}
	return repo, nil
}

// isCode reports whether name is a Go file of this module; tools is a module of its own.
func isCode(name string) bool {
	return strings.HasSuffix(name, ".go") && !strings.Contains("/"+name, "/testdata/") && !strings.HasPrefix(name, "tools/")
}

func parse(fset *token.FileSet, name, src string) (*goFile, error) {
	file, err := parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	return &goFile{
		name: name, dir: path.Dir(name), fset: fset, ast: file,
		lines:     strings.Count(src, "\n"),
		test:      strings.HasSuffix(name, "_test.go"),
		generated: ast.IsGenerated(file),
		apart:     isApart(src) || path.Base(path.Dir(name)) == "gen" && file.Name.Name == "main",
	}, nil
}

func isApart(src string) bool {
	for line := range strings.Lines(src) {
		if expr, err := constraint.Parse(strings.TrimSpace(line)); err == nil {
			return !expr.Eval(func(tag string) bool { return tag != "ignore" })
		}
		if strings.HasPrefix(line, "package ") {
			return false
		}
	}
	return false
}

// product calls visit with every file that ends up in the program: no tests, no programs that stand apart.
func (r *tree) product(visit func(*goFile)) {
	for _, f := range r.code {
		if !f.test && !f.apart {
			visit(f)
		}
	}
}

// written calls visit with every file that a person wrote and that is not a test.
func (r *tree) written(visit func(*goFile)) {
	for _, f := range r.code {
		if !f.test && !f.generated {
			visit(f)
		}
	}
}

// at returns the file and line of a position.
func (f *goFile) at(pos token.Pos) string {
	return fmt.Sprintf("%s:%d", f.name, f.fset.Position(pos).Line)
}

// imports returns the import paths of a file with the positions where they stand.
func (f *goFile) imports() map[string]token.Pos {
	paths := make(map[string]token.Pos)
	for _, spec := range f.ast.Imports {
		paths[strings.Trim(spec.Path.Value, "`\"")] = spec.Pos()
	}
	return paths
}

// within reports whether name is one of the places or lies below one of them. A place is a file or a directory.
func within(name string, places []string) bool {
	for _, place := range places {
		if name == place || strings.HasPrefix(name, strings.TrimSuffix(place, "/")+"/") {
			return true
		}
	}
	return false
}

// report fails the test once for each violation.
func report(t *testing.T, violations []string) {
	t.Helper()
	for _, v := range violations {
		t.Error(v)
	}
}

// goCommand runs the go command at the root of the repository, with additions to the environment, and returns its output.
func goCommand(t *testing.T, env []string, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = open(t).root
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		t.Fatalf("%v go %s: %v\n%s", env, strings.Join(args, " "), err, failed.Stderr)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
