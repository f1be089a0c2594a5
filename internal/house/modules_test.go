package house

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// reasonsFile lists what we depend on, with a reason for each, as a table: "| module | used for | reason |".
const reasonsFile = "docs/adr/0001-dependencies.md"

func TestModules(t *testing.T) {
	repo := open(t)
	out := goCommand(t, nil, "mod", "edit", "-json")
	var mod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	if err := json.Unmarshal([]byte(out), &mod); err != nil {
		t.Fatalf("read go.mod: %v", err)
	}
	indirect := map[string]bool{}
	for _, m := range mod.Require {
		indirect[m.Path] = m.Indirect
	}
	text, err := os.ReadFile(filepath.Join(repo.root, reasonsFile))
	if err != nil {
		t.Fatal(err)
	}
	report(t, checkModules(repo, indirect, reasons(string(text))))
}

// reasons reads the modules in the first column of the tables of a page, with the text of the last one.
func reasons(page string) map[string]string {
	modules := map[string]string{}
	for line := range strings.Lines(page) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		module := strings.Trim(strings.TrimSpace(cells[0]), "`")
		if strings.HasPrefix(line, "|") && strings.Contains(module, "/") {
			modules[module] = strings.TrimSpace(cells[len(cells)-1])
		}
	}
	return modules
}

// checkModules compares what the code imports, what go.mod requires (and whether it says "indirect") and what has a reason.
func checkModules(r *tree, indirect map[string]bool, reasons map[string]string) (violations []string) {
	used := map[string]string{}
	for _, f := range r.code {
		for imported := range f.imports() {
			if m := moduleOf(imported, indirect); m != "" {
				used[m] = f.name
			}
		}
	}
	for m, isIndirect := range indirect {
		switch {
		case used[m] != "" && isIndirect:
			violations = append(violations, fmt.Sprintf("go.mod: %s is imported by %s and marked indirect: run go mod tidy", m, used[m]))
		case used[m] == "" && !isIndirect:
			violations = append(violations, fmt.Sprintf("go.mod: %s is required and nothing imports it: run go mod tidy", m))
		}
		if used[m] != "" && reasons[m] == "" {
			violations = append(violations, fmt.Sprintf("%s: no reason for %s, which %s imports", reasonsFile, m, used[m]))
		}
	}
	for m := range reasons {
		if used[m] == "" {
			violations = append(violations, fmt.Sprintf("%s: has a reason for %s, which nothing imports", reasonsFile, m))
		}
	}
	return violations
}

// moduleOf returns the required module that an import path belongs to, "" for the standard library and ourselves.
func moduleOf(imported string, required map[string]bool) string {
	for path := imported; path != "."; path = filepath.ToSlash(filepath.Dir(path)) {
		if _, ok := required[path]; ok {
			return path
		}
	}
	return ""
}
