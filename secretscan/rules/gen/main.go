// Command gen writes the tables of rules as Go data: gitleaks' default rules, from the gitleaks module that go.mod names; the rules made
// of our catalog; and what the engine finds out about the expressions of both. It is run by go generate in package rules.
package main

import (
	"fmt"
	"os"
)

// target, ours, analyses and prepared are where the tables go, seen from package rules, where go generate runs.
const (
	target   = "zz_gitleaks_gen.go"
	ours     = "zz_catalog_gen.go"
	analyses = "zz_analyses_gen.go"
	prepared = "zz_prepared_gen.go"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// tables returns how each of the generated files is made.
func tables() map[string]func() ([]byte, error) {
	return map[string]func() ([]byte, error){target: render, ours: renderCatalog, analyses: renderAnalyses, prepared: renderPrepared}
}

func run() error {
	for name, render := range tables() {
		table, err := render()
		if err != nil {
			return err
		}
		if err := os.WriteFile(name, table, 0o644); err != nil {
			return fmt.Errorf("write a table of rules: %w", err)
		}
	}
	return nil
}
