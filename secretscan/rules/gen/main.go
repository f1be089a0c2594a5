// Command gen writes the table of gitleaks' default rules as Go data, from the gitleaks module that go.mod names, and what the
// engine finds out about their expressions. It is run by go generate in package rules.
package main

import (
	"fmt"
	"os"
)

// target and analyses are where the tables go, seen from package rules, where go generate runs.
const (
	target   = "zz_gitleaks_gen.go"
	analyses = "zz_analyses_gen.go"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run() error {
	table, err := render()
	if err != nil {
		return err
	}
	if err := os.WriteFile(target, table, 0o644); err != nil {
		return fmt.Errorf("write the table of default rules: %w", err)
	}
	if table, err = renderAnalyses(); err != nil {
		return err
	}
	if err := os.WriteFile(analyses, table, 0o644); err != nil {
		return fmt.Errorf("write the analyses of the default rules: %w", err)
	}
	return nil
}
