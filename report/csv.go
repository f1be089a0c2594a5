package report

import (
	"encoding/csv"
	"io"
	"strconv"

	"keysweep/finding"
)

// csvHeader names the columns. The first says what a row is: finding, problem or suppressed.
func csvHeader() []string {
	return []string{
		"record", "severity", "confidence", "rule", "title", "kind", "path", "line", "column", "end_line", "end_column",
		"commit", "author", "email", "date", "in_head", "pushed", "fingerprint", "secret", "excerpt", "provider", "note",
	}
}

// writeCSV writes RFC 4180 with a header: one row a place, one a place that could not be looked at, and, if asked for, one a
// suppressed place. Cells that a spreadsheet would take for a formula begin with a quote.
func writeCSV(w io.Writer, v *view) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	rows := [][]string{csvHeader()}
	for i := range v.Findings {
		f := &v.Findings[i]
		for _, p := range f.Places {
			rows = append(rows, v.csvRow("finding", f, p))
		}
	}
	for _, p := range v.Problems {
		row := make([]string, len(csvHeader()))
		row[0], row[6], row[len(row)-1] = "problem", v.shown(p.Where), v.shown(said(p))
		rows = append(rows, row)
	}
	if v.o.ShowSuppressed {
		for _, s := range v.Suppressed {
			f := finding.Finding{Fingerprint: s.Fingerprint, Rules: []string{s.Place.Rule}}
			row := v.csvRow("suppressed", &f, s.Place)
			row[1], row[2], row[4] = "", "", ""
			row[len(row)-1] = "by " + v.shown(s.By) + ": " + v.shown(s.Reason)
			rows = append(rows, row)
		}
	}
	for _, row := range rows {
		if err := out.Write(each(row, csvCell)); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// csvRow is a finding's place as a row.
func (v *view) csvRow(record string, f *finding.Finding, p finding.Place) []string {
	var c finding.Commit
	date := ""
	if p.Commit != nil {
		c, date = *p.Commit, timestamp(p.Commit.Date)
	}
	id := p.Rule
	if id == "" {
		id = rule(f)
	}
	return []string{
		record, f.Severity.String(), f.Confidence.String(), v.shown(id), v.shown(title(f)), string(p.Kind), v.shown(p.Path),
		number(p.Span.Start.Line), number(p.Span.Start.Column), number(p.Span.End.Line), number(p.Span.End.Column),
		v.shown(c.ID), v.shown(c.Author), v.shown(c.Email), date, tri(p.InHead), tri(p.Pushed),
		f.Fingerprint.String(), visible(v.secret(f.Secret)), visible(v.joined(p.Excerpt)), v.shown(f.Provider), v.shown(p.Note),
	}
}

// number writes a line or column; one that does not exist is an empty cell.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
