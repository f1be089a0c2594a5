package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"keysweep/finding"
)

func hostileChecklist() *Checklist {
	const evil = "a</span><script>x</script>\"'&amp; [l](http://e) **b** `c`\n# h\x1b[31m\u202e @team"
	return &Checklist{
		Title: "T " + evil, About: []string{evil},
		Groups: []ChecklistGroup{{Title: evil, Items: []ChecklistItem{
			{Done: true, Title: evil, ID: evil, Lines: "000:1", State: evil, Next: evil},
			{Title: "plain", ID: "b.c", Lines: "000:2", State: "never attested"},
		}}},
		Lists:    []ChecklistList{{Title: evil, Lines: []string{evil}}},
		Problems: []finding.Problem{{Where: evil, Op: "read", Err: evil}}, Notices: []finding.Notice{{Where: evil, Text: evil}},
	}
}

// TestChecklistHTML reads the page as XML, with no more elements and attributes than it has of its own.
func TestChecklistHTML(t *testing.T) {
	var b bytes.Buffer
	if err := WriteChecklist(&b, "html", hostileChecklist()); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	d := xml.NewDecoder(strings.NewReader(text))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	count := map[string]int{}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if start, ok := token.(xml.StartElement); ok {
			count[start.Name.Local]++
			for _, a := range start.Attr {
				if strings.HasPrefix(a.Name.Local, "on") {
					t.Errorf("attribute %s", a.Name.Local)
				}
			}
		}
	}
	if count["script"] != 0 || count["li"] != 5 || count["h1"] != 1 || count["h2"] != 3 || count["a"] != 0 || count["img"] != 0 {
		t.Errorf("elements: %v", count)
	}
	for _, bad := range []string{"\x1b", "\u202e", "</script>"} {
		if strings.Contains(text, bad) {
			t.Errorf("it holds %q", bad)
		}
	}
}

func TestChecklistMarkdown(t *testing.T) {
	var b bytes.Buffer
	if err := WriteChecklist(&b, "markdown", hostileChecklist()); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, bad := range []string{"\x1b", "\u202e", "<script", "@team", "](http", " **b** ", "\n# h"} {
		if strings.Contains(text, bad) {
			t.Errorf("it holds %q:\n%s", bad, text)
		}
	}
	if strings.Count(text, "\n- [x] ") != 1 || strings.Count(text, "\n- [ ] **plain** (b.c; 000:2)") != 1 {
		t.Errorf("items:\n%s", text)
	}
	c := hostileChecklist()
	if err := WriteChecklist(&b, "pdf", c); err == nil {
		t.Error("there is no such format")
	}
}
