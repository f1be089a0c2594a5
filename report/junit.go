package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"keysweep/finding"
)

// The types below are the JUnit XML that CI systems read (the schema of the Jenkins xUnit plugin, junit-10.xsd).

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name      string      `xml:"name,attr"`
	Tests     int         `xml:"tests,attr"`
	Failures  int         `xml:"failures,attr"`
	Errors    int         `xml:"errors,attr"`
	Skipped   int         `xml:"skipped,attr"`
	Time      string      `xml:"time,attr"`
	Timestamp string      `xml:"timestamp,attr,omitempty"`
	Cases     []junitCase `xml:"testcase"`
	Out       string      `xml:"system-out"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Failure *junitMessage `xml:"failure"`
	Error   *junitMessage `xml:"error"`
	Skipped *junitMessage `xml:"skipped"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// writeJUnit writes one test suite: a failure a finding, an error a place that could not be looked at, and a test that passes if
// the scan was clean, because some CI systems take a suite without tests for a mistake.
func writeJUnit(w io.Writer, v *view) error {
	suite := junitSuite{
		Name: v.Tool.Name + " " + v.kind(), Time: fmt.Sprintf("%.3f", v.Coverage.Elapsed.Seconds()),
		Cases: v.junitCases(), Out: v.covered() + "\n" + v.verdict() + "\n",
	}
	if !v.GeneratedAt.IsZero() {
		suite.Timestamp = v.GeneratedAt.UTC().Format("2006-01-02T15:04:05")
	}
	countCases(&suite)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(junitSuites{Tests: suite.Tests, Failures: suite.Failures, Errors: suite.Errors, Suites: []junitSuite{suite}}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// junitCases are the suite's tests; there is always one.
func (v *view) junitCases() []junitCase {
	var cases []junitCase
	for i := range v.Findings {
		cases = append(cases, v.junitFinding(&v.Findings[i]))
	}
	for _, p := range v.Problems {
		text := v.shown(said(p))
		if p.Hint != "" {
			text += "\nhint: " + v.shown(p.Hint)
		}
		cases = append(cases, junitCase{
			Name: "could not look at " + v.shown(p.Where), Class: v.Tool.Name,
			Error: &junitMessage{v.shown(p.Err), "could-not-look", text},
		})
	}
	if v.o.ShowSuppressed {
		for _, s := range v.Suppressed {
			message := strings.TrimSuffix("suppressed by "+v.shown(s.By)+": "+v.shown(s.Reason), ": ")
			cases = append(cases, junitCase{Name: v.shown(s.Place.Rule), Class: v.where(s.Place), Skipped: &junitMessage{Message: message}})
		}
	}
	switch v.outcome() {
	case outcomeClean:
		cases = append(cases, junitCase{Name: "no secrets found", Class: v.Tool.Name})
	case outcomeNothing:
		cases = append(cases, junitCase{Name: "nothing to look at", Class: v.Tool.Name, Skipped: &junitMessage{Message: v.verdict()}})
	}
	return cases
}

// junitFinding is a finding as a failed test: the class is the first place, the text what a person needs.
func (v *view) junitFinding(f *finding.Finding) junitCase {
	var b strings.Builder
	at := "-"
	for i, p := range places(f) {
		if i == 0 {
			at = v.where(p)
		}
		b.WriteString(v.where(p) + v.state(p) + "\n")
		if line := v.sourceLine(p); !p.Excerpt.IsZero() {
			line = line.fit(v.width())
			b.WriteString("    " + line.left + line.own + line.right + "\n")
		}
		b.WriteString(v.origin(p))
	}
	if f.MorePlaces > 0 {
		b.WriteString("and " + plural(f.MorePlaces, "more place", "more places") + "\n")
	}
	if f.Why != "" {
		b.WriteString("why: " + v.shown(f.Why) + "\n")
	}
	b.WriteString("fingerprint: " + f.Fingerprint.String() + "\n")
	return junitCase{
		Name: v.shown(title(f)) + " [" + v.shown(rule(f)) + "]", Class: at,
		Failure: &junitMessage{fmt.Sprintf("%s: %s", f.Severity, v.shown(title(f))), f.Severity.String(), b.String()},
	}
}
