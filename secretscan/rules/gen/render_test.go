package main

import (
	"bytes"
	"os"
	"testing"
)

// TestTableIsUpToDate fails when go.mod names another gitleaks, or the generator was changed, and go generate was not run.
func TestTableIsUpToDate(t *testing.T) {
	want, err := render()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../" + target)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("the table of default rules is out of date\nhint: go generate ./secretscan/rules")
	}
}
