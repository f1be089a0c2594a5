// Command testsummary reads the events of go test -json on standard input and prints what a person wants of them: go's own
// line for each package as it ends, everything that a failed test printed, and at the end the tests that were skipped, with
// their reasons, and the counts. It exits with 1 if a test or a build failed, or if no test ran.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	failed, err := summarize(os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "testsummary:", err)
	}
	if failed || err != nil {
		os.Exit(1)
	}
}

// event is one line of test2json; see go doc cmd/test2json and go help buildjson.
type event struct {
	Action, Package, Test, Output string
}

// name identifies a test in the whole run; a package's own events have an empty test name.
type name struct{ pkg, test string }

type summary struct {
	out                     *bufio.Writer
	printed                 map[name][]string // output of tests that have not ended yet
	parents                 map[name]bool     // tests that have subtests: these are counted in their place
	passed, failed, skipped int
	broken                  bool            // something failed that is no test: a build, a package's set-up
	running                 map[string]bool // packages whose tests have begun and not ended
	reasons                 []string
}

func summarize(in io.Reader, out io.Writer) (failed bool, err error) {
	s := &summary{out: bufio.NewWriter(out), printed: map[name][]string{}, parents: map[name]bool{}, running: map[string]bool{}}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Fprintln(s.out, lines.Text())
			continue
		}
		s.take(e)
		if e.Test == "" { // a package's line should be seen when it comes
			if err := s.out.Flush(); err != nil {
				return true, fmt.Errorf("print test results: %w", err)
			}
		}
	}
	if err := lines.Err(); err != nil {
		return true, fmt.Errorf("read test events: %w", err)
	}
	for _, reason := range s.reasons {
		fmt.Fprintln(s.out, reason)
	}
	for pkg := range s.running { // as when a test puts another program in the place of its own
		fmt.Fprintf(s.out, "FAIL\t%s: its tests began and did not come to their end\n", pkg)
		s.broken = true
	}
	fmt.Fprintf(s.out, "%d passed, %d failed, %d skipped\n", s.passed, s.failed, s.skipped)
	if err := s.out.Flush(); err != nil {
		return true, fmt.Errorf("print test results: %w", err)
	}
	return s.broken || s.failed > 0 || s.passed == 0, nil
}

func (s *summary) take(e event) {
	n := name{e.Package, e.Test}
	switch {
	case e.Test != "":
	case e.Action == "start":
		s.running[e.Package] = true
	case e.Action == "pass", e.Action == "fail", e.Action == "skip":
		delete(s.running, e.Package)
	}
	switch {
	case e.Action == "build-output", e.Action == "output" && e.Test == "":
		s.packageLine(e.Output)
	case e.Action == "output":
		s.printed[n] = append(s.printed[n], e.Output)
	case e.Action == "build-fail", e.Action == "fail" && e.Test == "":
		s.broken = true
		s.flush(e.Package)
	case e.Action == "run":
		if i := strings.LastIndex(e.Test, "/"); i >= 0 {
			s.parents[name{e.Package, e.Test[:i]}] = true
		}
	case e.Test != "":
		s.end(n, e.Action)
	}
}

// packageLine prints what a package itself says, but for the lines that repeat what others say better.
func (s *summary) packageLine(line string) {
	if line == "PASS\n" || line == "FAIL\n" || strings.Contains(line, "[no test files]") {
		return
	}
	fmt.Fprint(s.out, line)
}

// flush prints what the tests of a package said that never came to an end, as when one of them ends the process.
func (s *summary) flush(pkg string) {
	for n, lines := range s.printed {
		if n.pkg == pkg && !s.parents[n] {
			fmt.Fprint(s.out, strings.Join(lines, ""))
			delete(s.printed, n)
		}
	}
}

func (s *summary) end(n name, action string) {
	printed := strings.Join(s.printed[n], "")
	switch action {
	case "fail":
		fmt.Fprint(s.out, printed)
		s.count(n, &s.failed)
	case "skip":
		s.reasons = append(s.reasons, fmt.Sprintf("skipped: %s %s%s", n.pkg, n.test, reasonIn(printed)))
		s.count(n, &s.skipped)
	case "pass":
		s.count(n, &s.passed)
	default:
		return
	}
	delete(s.printed, n)
}

func (s *summary) count(n name, counter *int) {
	if !s.parents[n] {
		*counter++
	}
}

// reasonIn returns the text of a skipped test that is its own, on one line.
func reasonIn(printed string) string {
	var kept []string
	for line := range strings.Lines(printed) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "===") && !strings.HasPrefix(line, "---") {
			kept = append(kept, line)
		}
	}
	if len(kept) == 0 {
		return ""
	}
	return ": " + strings.Join(kept, "; ")
}
