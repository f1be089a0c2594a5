package main

import (
	"bytes"
	"os"
	"testing"
)

// TestTablesAreUpToDate fails when go.mod names another gitleaks, the catalog or the generator was changed, and go generate was not run.
func TestTablesAreUpToDate(t *testing.T) {
	for name, render := range tables() {
		want, err := render()
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile("../" + name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is out of date\nhint: go generate ./secretscan/rules", name)
		}
	}
}
