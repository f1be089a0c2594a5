package report

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"slices"
	"strings"

	"keysweep/finding"
)

// Checklist is a list of practices to be printed, read and ticked off. It is for people; programs take the table.
type Checklist struct {
	Title    string
	About    []string // what it is of and from when, a sentence each
	Groups   []ChecklistGroup
	Lists    []ChecklistList   // what is to be at hand besides
	Problems []finding.Problem // where it could not look
	Notices  []finding.Notice
}

// ChecklistList is a plain list in a Checklist.
type ChecklistList struct {
	Title string
	Lines []string
}

// ChecklistGroup is a part of a Checklist.
type ChecklistGroup struct {
	Title string
	Items []ChecklistItem
}

// ChecklistItem is a line to be ticked off.
type ChecklistItem struct {
	Done  bool   // it is known to be so today
	Title string // what should be so
	ID    string
	Lines string // of the guides: "000:62 001:38"
	State string // how it stands, in words
	Next  string // what to do about it: a command or a hint; "" if nothing is to be done
}

// ChecklistFormats returns the names that WriteChecklist takes.
func ChecklistFormats() []string { return []string{"markdown", "html"} }

// WriteChecklist writes c to w in the named format. It fails if the format is unknown, before anything is written, or if w does. Text
// from outside is shown as it is, and is markup in neither format.
func WriteChecklist(w io.Writer, format string, c *Checklist) error {
	b := bufio.NewWriter(w)
	switch format {
	case "markdown":
		c.markdown(b)
	case "html":
		c.html(b)
	default:
		return fmt.Errorf("unknown report format %q\nhint: use one of %s", format, strings.Join(ChecklistFormats(), ", "))
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write checklist as %s: %w", format, err)
	}
	return nil
}

// lists are the plain lists, and one of the problems and notices.
func (c *Checklist) lists() []ChecklistList {
	if notes := c.notes(); len(notes) > 0 {
		return append(slices.Clip(c.Lists), ChecklistList{"Notes", notes})
	}
	return c.Lists
}

// notes are the problems and notices, a line each.
func (c *Checklist) notes() (list []string) {
	for _, p := range c.Problems {
		list = append(list, "could not look: "+strings.TrimPrefix(p.Where+": "+said(p), ": "))
	}
	for _, n := range c.Notices {
		list = append(list, strings.TrimPrefix(n.Where+": "+n.Text, ": "))
	}
	return list
}

// markdown writes CommonMark with task lists as GitHub and GitLab have them. A bufio.Writer keeps its first error.
func (c *Checklist) markdown(b *bufio.Writer) {
	text := func(s string) string { return inline(visible(s)) }
	_, _ = fmt.Fprintf(b, "# %s\n\n", text(c.Title))
	for _, line := range c.About {
		_, _ = fmt.Fprintf(b, "%s\n", text(line))
	}
	for _, g := range c.Groups {
		_, _ = fmt.Fprintf(b, "\n## %s\n\n", text(g.Title))
		for _, i := range g.Items {
			_, _ = fmt.Fprintf(b, "- [%s] **%s** (%s; %s)  \n  %s\n", map[bool]string{true: "x", false: " "}[i.Done], text(i.Title), text(i.ID), text(i.Lines), text(i.State))
			if i.Next != "" {
				_, _ = fmt.Fprintf(b, "  → %s\n", text(i.Next))
			}
		}
	}
	for _, l := range c.lists() {
		_, _ = fmt.Fprintf(b, "\n## %s\n\n", text(l.Title))
		for _, line := range l.Lines {
			_, _ = fmt.Fprintf(b, "- %s\n", text(line))
		}
	}
}

// checklistStyle makes a page that reads on screens and fits on paper; an item is never cut by the end of a page.
const checklistStyle = `body{font:16px/1.45 system-ui,sans-serif;max-width:50em;margin:2em auto;padding:0 1em;color:#111;background:#fff}
h2{border-bottom:1px solid #999;margin-top:1.6em;break-after:avoid}ul{list-style:none;padding:0}
li{break-inside:avoid;margin:.7em 0;padding-left:2em;text-indent:-2em}li>*{text-indent:0}
.box{display:inline-block;width:2em;font-size:1.1em}.id{color:#555;font:.85em ui-monospace,monospace}
.state,.next{display:block;color:#333;overflow-wrap:anywhere}.next{font-family:ui-monospace,monospace;font-size:.85em}
@media print{body{font-size:11px;margin:0;max-width:none}}`

// html writes one page without scripts and without anything that is loaded from elsewhere.
func (c *Checklist) html(b *bufio.Writer) {
	text := func(s string) string { return html.EscapeString(visible(s)) }
	_, _ = fmt.Fprintf(b, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"+
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"+
		"<meta name=\"viewport\" content=\"width=device-width\">\n<title>%s</title>\n<style>\n%s\n</style>\n</head>\n<body>\n<h1>%s</h1>\n",
		text(c.Title), checklistStyle, text(c.Title))
	for _, line := range c.About {
		_, _ = fmt.Fprintf(b, "<p>%s</p>\n", text(line))
	}
	for _, g := range c.Groups {
		_, _ = fmt.Fprintf(b, "<h2>%s</h2>\n<ul>\n", text(g.Title))
		for _, i := range g.Items {
			box, name := "☐", "open"
			if i.Done {
				box, name = "☑", "done"
			}
			_, _ = fmt.Fprintf(b, "<li><span class=\"box\" role=\"img\" aria-label=\"%s\">%s</span><strong>%s</strong> <span class=\"id\">%s %s</span><span class=\"state\">%s</span>",
				name, box, text(i.Title), text(i.ID), text(i.Lines), text(i.State))
			if i.Next != "" {
				_, _ = fmt.Fprintf(b, "<span class=\"next\">%s</span>", text(i.Next))
			}
			_, _ = fmt.Fprint(b, "</li>\n")
		}
		_, _ = fmt.Fprint(b, "</ul>\n")
	}
	for _, l := range c.lists() {
		_, _ = fmt.Fprintf(b, "<h2>%s</h2>\n<ul>\n", text(l.Title))
		for _, line := range l.Lines {
			_, _ = fmt.Fprintf(b, "<li>%s</li>\n", text(line))
		}
		_, _ = fmt.Fprint(b, "</ul>\n")
	}
	_, _ = fmt.Fprint(b, "</body>\n</html>\n")
}
