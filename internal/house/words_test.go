package house

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// words are what no file of the repository says. They are put together from parts, so that this file passes too.
var words = []struct {
	expr string
	why  string
}{
	{`\b(` + "TO" + `DO|` + "FIX" + `ME)\b`, "finish it, or file it; a reader cannot act on it"},
	{`(^|[^\w.$}/])/` + `work/\w`, "a path of the machine that it was written on"},
	{`(^|[^\w.$}/])/` + `root/(go|\.cache|\.config/go)\b`, "a path of the machine that it was written on"},
	{`\b(proxy|sum)\.` + `golang\.org\b`, "which registry is used is the machine's setting"},
	{`\b(deb|security)\.` + `debian\.org\b`, "which registry is used is the machine's setting"},
}

func TestWords(t *testing.T) {
	repo := open(t)
	texts := map[string]string{}
	for _, name := range repo.names {
		data, err := os.ReadFile(filepath.Join(repo.root, name))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.IndexByte(data, 0) < 0 {
			texts[name] = string(data)
		}
	}
	report(t, checkWords(texts))
}

func checkWords(texts map[string]string) (violations []string) {
	for _, rule := range words {
		expr := regexp.MustCompile(`(?m)` + rule.expr)
		for name, text := range texts {
			for _, at := range expr.FindAllStringIndex(text, -1) {
				line := 1 + strings.Count(text[:at[1]], "\n")
				violations = append(violations, fmt.Sprintf("%s:%d: says %q: %s", name, line, strings.TrimSpace(text[at[0]:at[1]]), rule.why))
			}
		}
	}
	return violations
}
