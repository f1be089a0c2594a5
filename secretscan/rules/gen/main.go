// Command gen writes the table of gitleaks' default rules as Go data, from the gitleaks module that go.mod names. It is run by
// go generate in package rules.
package main

import (
	"fmt"
	"os"
)

// target is where the table goes, seen from package rules, where go generate runs.
const target = "zz_gitleaks_gen.go"

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
	return nil
}
