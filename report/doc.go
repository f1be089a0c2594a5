// Package report writes a finding.Report in the formats that people and programs read. It knows only package finding, reads no
// clock and no environment, and decides nothing: what is suppressed or how bad something is was settled before.
//
// Start at Write. Every format is one file with one function of the type writer, and one line in the table in report.go. What
// the formats share:
//
//	view.go    the report as it may be shown: secrets masked, places ordered, verdict in words
//	reveal.go  the only place where a secret or an unmasked excerpt is read; it asks Options.ShowSecrets first
//	escape.go  how text out of a repository is made harmless for terminals, workflow logs, spreadsheets and URIs
//	advice.go  what a person should do about a place, with the exact commands of commands.go
//
// What is promised: without Options.ShowSecrets no format prints a secret, wherever in the report it stands; the same report
// gives the same bytes; and no format says or implies "clean" when something could not be looked at.
//
// To add a format: write name.go with a function writeName(w, v), take every text from the view (v.text for data formats,
// v.shown where a control character would do harm), add it to the table in report.go, and run the tests with -update. The golden
// files, the leak test and the hostile strings then cover it. If the format has a public schema, check it in schema_test.go.
package report
