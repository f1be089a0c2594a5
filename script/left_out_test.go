package script

import (
	"encoding/base64"
	"strings"
	"testing"
)

// TestLeftOutIsSaid has files that nobody can read to their end: that is a problem, and no pass.
func TestLeftOutIsSaid(t *testing.T) {
	gz := packed(t, evil)
	for name, tc := range map[string]struct{ file, data string }{
		"cloud-config":    {"b.yaml", "#cloud-config\nchpasswd: {list: \"root:changeme\"}\nruncmd: [\n"},
		"compose":         {"compose.yaml", "services:\n  a: [\n    privileged: true\n"},
		"kubernetes":      {"p.yaml", "apiVersion: v1\nkind: Pod\nspec: [\n"},
		"here-document":   {"m.tf", "a = <<EOF\n#!/bin/sh\ncurl https://get.tool.io/a.sh | sh\n"},
		"gzip, cut off":   {"user-data", string(gz[:len(gz)-9])},
		"gzip, no header": {"user-data", "\x1f\x8b\x00"},
		"base64, damaged": {"user-data", strings.Repeat("QUJD", 20) + "A=="},
		"MIME, no parts":  {"user-data", "MIME-Version: 1.0\nContent-Type: multipart/mixed\n\n--B\n\n" + evil + "--B--\n"},
	} {
		t.Run(name, func(t *testing.T) {
			f := Read(tc.file, []byte(tc.data), true)
			if f == nil || len(f.Problems()) == 0 {
				t.Fatal("nothing says that it was not read to its end")
			}
		})
	}
}

// TestBase64OfAnyName is user data in base64 whose file's name says nothing.
func TestBase64OfAnyName(t *testing.T) {
	f := Read("boot.txt", []byte(base64.StdEncoding.EncodeToString([]byte(evil))), true)
	if f == nil {
		t.Fatal("it is not read")
	}
	results, _ := f.Results(nil)
	for _, r := range results {
		if r.Check == pipeToShell {
			return
		}
	}
	t.Fatalf("it is not found: %v", results)
}
