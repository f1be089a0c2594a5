package suppress

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"keysweep/finding"
)

// IgnoreName is the name of gitleaks' ignore file at the root of a repository.
const IgnoreName = ".gitleaksignore"

// maxNotices is how many bad lines of one file are named; a file with more is another sort of file.
const maxNotices = 20

// Ignore is a .gitleaksignore file. It is not changed after ParseIgnore and may be used concurrently.
type Ignore struct {
	name    string
	entries map[ignoreKey]int // line number
}

// ignoreKey names a place as gitleaks does; commit is "" for an entry that counts in every commit and outside git.
type ignoreKey struct {
	commit, path, rule string
	line               int
}

// ParseIgnore reads a .gitleaksignore file: one "[commit:]path:rule:line" on each line, with empty lines and lines that start
// with # skipped. Backslashes in paths become slashes. It never fails: a line it cannot use makes a notice of kind "invalid".
//
// gitleaks splits at every colon and so knows no paths with colons; here a line is read from its right end, and what is at
// the left is a commit only if it is a full object id (40 or 64 hexadecimal digits), as only those ever match in gitleaks.
func ParseIgnore(name string, data []byte) (*Ignore, []finding.Notice) {
	ignore := &Ignore{name: name, entries: map[ignoreKey]int{}}
	if len(data) > MaxSize {
		text := fmt.Sprintf("the file has %d bytes, over the limit of %d: nothing in it has force", len(data), MaxSize)
		return ignore, []finding.Notice{{Kind: "invalid", Where: name, Text: text}}
	}
	var bad []int
	at := 0
	for line := range strings.SplitSeq(strings.TrimPrefix(string(data), "\ufeff"), "\n") {
		at++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		key, ok := parseIgnoreLine(line)
		if !ok {
			bad = append(bad, at)
			continue
		}
		if len(ignore.entries) == maxItems {
			text := fmt.Sprintf("over %d entries: those from here on have no force", maxItems)
			notice := finding.Notice{Kind: "invalid", Where: fmt.Sprintf("%s:%d", name, at), Text: text}
			return ignore, append(invalidNotices(name, bad), notice)
		}
		if _, twice := ignore.entries[key]; !twice {
			ignore.entries[key] = at
		}
	}
	return ignore, invalidNotices(name, bad)
}

func parseIgnoreLine(line string) (key ignoreKey, ok bool) {
	rest, number, ok := cutLast(line)
	if !ok {
		return key, false
	}
	// gitleaks compares text, so "07" and "+7" name no line.
	if key.line, ok = lineNumber(number); !ok {
		return key, false
	}
	if rest, key.rule, ok = cutLast(rest); !ok || rest == "" || key.rule == "" {
		return key, false
	}
	if commit, path, found := strings.Cut(rest, ":"); found && path != "" && isObjectID(commit) {
		key.commit, rest = strings.ToLower(commit), path
	}
	key.path = strings.ReplaceAll(rest, `\`, "/")
	return key, true
}

func cutLast(s string) (before, after string, found bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return "", "", false
	}
	return s[:i], s[i+1:], true
}

// lineNumber reads a number as Go prints it; 0 stands for a finding about a file's name.
func lineNumber(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 0 && strconv.Itoa(n) == s
}

// isObjectID reports whether s is a full SHA-1 or SHA-256 in hexadecimal.
func isObjectID(s string) bool {
	return (len(s) == 40 || len(s) == 64) && strings.Trim(s, "0123456789abcdefABCDEF") == ""
}

func invalidNotices(name string, bad []int) []finding.Notice {
	var list []finding.Notice
	for i, at := range bad {
		if i == maxNotices {
			text := fmt.Sprintf("and %d more lines that are no entries", len(bad)-i)
			return append(list, finding.Notice{Kind: "invalid", Where: name, Text: text})
		}
		list = append(list, finding.Notice{
			Kind: "invalid", Where: fmt.Sprintf("%s:%d", name, at),
			Text: "not an entry, it has no force: write path:rule:line or commit:path:rule:line",
		})
	}
	return list
}

// Len returns the number of different entries.
func (g *Ignore) Len() int { return len(g.entries) }

// Apply parts findings into those to report and the places that an entry removes, as gitleaks does: an entry without a commit
// removes its place in every commit and outside git, one with a commit only there; rule and line must be those of the
// place. Findings that are kept come in the order given; what was given is not changed. If the scan is complete, entries that
// removed nothing give notices of kind "stale"; of scan only Complete counts.
func (g *Ignore) Apply(findings []finding.Finding, scan Scan) ([]finding.Finding, []finding.Suppressed, []finding.Notice) {
	var kept []finding.Finding
	var suppressed []finding.Suppressed
	used := map[ignoreKey]bool{}
	for _, f := range findings {
		rest, gone := splitPlaces(f, IgnoreName, "", func(place finding.Place, path string) bool {
			return g.covers(place, path, ruleAt(f, place), used)
		})
		if len(rest.Places) == 0 && f.MorePlaces > 0 && len(gone) > 0 {
			rest, gone = keepLast(f, gone, fmt.Sprintf(noteMoreIgnored, f.MorePlaces))
		}
		suppressed = append(suppressed, gone...)
		if len(rest.Places) > 0 || len(gone) == 0 {
			kept = append(kept, rest)
		}
	}
	if !scan.Complete {
		return kept, suppressed, nil
	}
	return kept, suppressed, g.stale(used)
}

const noteMoreIgnored = "and %d more places that were not compared with " + IgnoreName

// covers reports whether an entry removes the place, and marks all that do.
func (g *Ignore) covers(place finding.Place, path, rule string, used map[ignoreKey]bool) bool {
	key := ignoreKey{path: path, rule: rule, line: place.Span.Start.Line}
	hit := g.try(key, used)
	if place.Commit != nil {
		key.commit = strings.ToLower(place.Commit.ID)
		hit = g.try(key, used) || hit
	}
	return hit
}

func (g *Ignore) try(key ignoreKey, used map[ignoreKey]bool) bool {
	if _, found := g.entries[key]; !found {
		return false
	}
	used[key] = true
	return true
}

func (g *Ignore) stale(used map[ignoreKey]bool) []finding.Notice {
	var unused []int
	for key, at := range g.entries {
		if !used[key] {
			unused = append(unused, at)
		}
	}
	slices.Sort(unused)
	var list []finding.Notice
	for _, at := range unused {
		list = append(list, finding.Notice{
			Kind: "stale", Where: fmt.Sprintf("%s:%d", g.name, at),
			Text: "the entry matches nothing any more: remove the line",
		})
	}
	return list
}

// ruleAt returns the rule that matched at a place.
func ruleAt(f finding.Finding, place finding.Place) string {
	if place.Rule == "" {
		return ruleOf(f)
	}
	return place.Rule
}
