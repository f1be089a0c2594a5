package report

import (
	"strings"
	"testing"
)

func TestDocument(t *testing.T) {
	d := &Document{
		Title: "INC-2026-001: <b>laptop</b>", Mark: "THIS IS A DRILL", About: []string{"As of *now*."},
		Sections: []DocumentSection{
			{Title: "Times", Lines: []DocumentLine{{Head: "detected", Text: "12:00\r\nat \x1b[31mnight"}, {Text: "to do", Box: EmptyBox}, {Head: "done", Box: TickedBox}}},
			{Title: "Nothing"},
			{Title: "Evidence", Empty: "none"},
		},
	}
	for format, want := range map[string]string{
		"text": "THIS IS A DRILL\n\nINC-2026-001: <b>laptop</b>\n===========================\n\nAs of *now*.\n\nTimes\n-----\n\n" +
			"- detected:  12:00\n  at \\x1b[31mnight\n- [ ] to do\n- [x] done\n\nEvidence\n--------\n\nnone\n\nTHIS IS A DRILL\n",
		"markdown": "THIS IS A DRILL\n\n# INC-2026-001: &lt;b&gt;laptop&lt;/b&gt;\n\nAs of \\*now\\*.\n\n## Times\n\n" +
			"- **detected**: 12:00\n  at \\\\x1b\\[31mnight\n- [ ] to do\n- [x] done\n\n## Evidence\n\nnone\n\nTHIS IS A DRILL\n",
	} {
		var b strings.Builder
		if err := WriteDocument(&b, format, d); err != nil || b.String() != want {
			t.Errorf("%s: %v\n%s\nwant\n%s", format, err, b.String(), want)
		}
	}
	if err := WriteDocument(&strings.Builder{}, "pdf", d); err == nil {
		t.Error("an unknown format is taken")
	}
}
