package house

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestLinks(t *testing.T) {
	repo := open(t)
	pages := map[string]string{}
	for _, name := range repo.names {
		if strings.HasSuffix(name, ".md") && !strings.Contains("/"+name, "/testdata/") {
			text, err := os.ReadFile(filepath.Join(repo.root, name))
			if err != nil {
				t.Fatal(err)
			}
			pages[name] = string(text)
		}
	}
	report(t, checkLinks(repo.names, pages))
}

// checkLinks follows the links of pages to files of the repository and to headings; names are all files there are.
func checkLinks(names []string, pages map[string]string) (violations []string) {
	exists := map[string]bool{".": true}
	for _, name := range names {
		for ; name != "."; name = path.Dir(name) {
			exists[name] = true
		}
	}
	for name, text := range pages {
		for _, target := range linksIn(text) {
			file, heading, _ := strings.Cut(target, "#")
			to := path.Join(path.Dir(name), file)
			if file == "" {
				to = name
			}
			page, isPage := pages[to]
			switch {
			case !exists[to]:
				violations = append(violations, fmt.Sprintf("%s: the link to %s leads nowhere", name, target))
			case heading != "" && isPage && !headingsIn(page)[heading]:
				violations = append(violations, fmt.Sprintf("%s: the link to %s leads to a page without that heading", name, target))
			}
		}
	}
	return violations
}

// linksIn returns the targets of a page's links and pictures that lie inside the repository.
func linksIn(text string) (targets []string) {
	link := regexp.MustCompile(`\]\(<?([^)>\s]+)>?[^)]*\)`)
	for line := range proseLines(text) {
		for _, m := range link.FindAllStringSubmatch(line, -1) {
			if !strings.Contains(m[1], ":") {
				targets = append(targets, m[1])
			}
		}
	}
	return targets
}

// headingsIn returns the anchors that forges make of a page's headings.
func headingsIn(text string) map[string]bool {
	anchors := map[string]bool{}
	dropped := regexp.MustCompile(`[^\p{L}\p{N}\- _]`)
	for line := range proseLines(text) {
		if rest := strings.TrimLeft(line, "#"); rest != line && strings.HasPrefix(rest, " ") {
			anchor := strings.ToLower(strings.TrimSpace(rest))
			anchors[strings.ReplaceAll(dropped.ReplaceAllString(anchor, ""), " ", "-")] = true
		}
	}
	return anchors
}

// proseLines yields the lines of a page that are not inside a fenced block of code, without code spans.
func proseLines(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		span := regexp.MustCompile("`[^`]*`")
		fenced := false
		for line := range strings.Lines(text) {
			if strings.HasPrefix(strings.TrimSpace(line), "```") {
				fenced = !fenced
				continue
			}
			line = strings.TrimRight(line, "\n")
			if !strings.HasPrefix(line, "#") {
				line = span.ReplaceAllString(line, "")
			}
			if !fenced && !yield(line) {
				return
			}
		}
	}
}
