package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"keysweep/finding"
)

// Options say how a report is written. The zero value is right for a file or a pipe: redacted and without colour.
type Options struct {
	ShowSecrets    bool // print secrets and excerpts as they are
	ShowSuppressed bool // list suppressed places one by one; json and jsonl always do
	Color          bool // text only: use ANSI colours
	ASCII          bool // text of tables only: the terminal may show nothing else; what others named stays as it is
	Width          int  // text only: columns of the terminal; 0: 100
	Verbose        bool // text only: every place of a finding, every skipped example
	Quiet          bool // text only: one line a finding, no summary
	Receiving      bool // text only: what is looked at was pushed here, where neither its allow comments nor its baseline count
}

// writer writes a report in one format.
type writer func(w io.Writer, v *view) error

// format is an entry of the table of formats.
type format struct {
	name  string
	write writer
}

// table lists the formats in the order in which help shows them.
func table() []format {
	return []format{
		{"text", writeText},
		{"json", writeJSON},
		{"jsonl", writeJSONL},
		{"sarif", writeSARIF},
		{"junit", writeJUnit},
		{"gitlab", writeGitLab},
		{"github", writeGitHub},
		{"csv", writeCSV},
		{"gitleaks", writeGitleaks},
	}
}

// Formats returns the names that Write takes, text first.
func Formats() []string {
	var names []string
	for _, f := range table() {
		names = append(names, f.name)
	}
	return names
}

// Write writes r to w in the named format. It fails if the format is unknown, before anything is written, or if w does.
func Write(w io.Writer, format string, r *finding.Report, o Options) error {
	for _, f := range table() {
		if f.name != format {
			continue
		}
		b := bufio.NewWriter(w)
		err := f.write(b, newView(r, o))
		if err == nil {
			err = b.Flush()
		}
		if err != nil {
			return fmt.Errorf("write report as %s: %w", format, err)
		}
		return nil
	}
	return fmt.Errorf("unknown report format %q\nhint: use one of %s", format, strings.Join(Formats(), ", "))
}
