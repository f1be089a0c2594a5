package report

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// writeICS writes an iCalendar (RFC 5545) with one event of a whole day for every item that gets due. An item's event has the same
// UID every time, so that importing again moves it instead of adding another. There is no METHOD: with one it would be a message between people,
// whose events have an ORGANIZER (RFC 5546 section 3.2.1), and not a calendar to be taken in (RFC 5545 section 3.7.2).
func writeICS(w io.Writer, d *Due, _ Options) error {
	cal := &calendar{out: bufio.NewWriter(w)}
	cal.line("BEGIN", "VCALENDAR")
	cal.line("VERSION", "2.0")
	cal.line("PRODID", "-//keysweep//rotate-due//EN")
	for i := range d.Items {
		if it := &d.Items[i]; !it.Due.IsZero() && it.State != "exempt" {
			cal.event(d, it)
		}
	}
	cal.line("END", "VCALENDAR")
	return cal.out.Flush()
}

// calendar writes content lines. The first error of out stays with it.
type calendar struct{ out *bufio.Writer }

func (c *calendar) event(d *Due, it *DueItem) {
	day := it.Due.UTC()
	if it.State == "compromised" { // whatever its date would be: at once
		day = d.AsOf.UTC()
	}
	summary := escaped("Replace " + visible(it.Name))
	c.line("BEGIN", "VEVENT")
	c.line("UID", escaped(it.uid()))
	c.line("DTSTAMP", d.GeneratedAt.UTC().Format("20060102T150405Z"))
	c.line("DTSTART;VALUE=DATE", day.Format("20060102"))
	c.line("DTEND;VALUE=DATE", day.AddDate(0, 0, 1).Format("20060102"))
	c.line("SUMMARY", summary)
	c.line("DESCRIPTION", escaped(visible(it.Why)+"\n"+visible(it.Fix)))
	c.line("TRANSP", "TRANSPARENT")
	if warn := it.Due.Sub(it.Soon); !it.Soon.IsZero() && warn > 0 {
		c.line("BEGIN", "VALARM")
		c.line("ACTION", "DISPLAY")
		c.line("DESCRIPTION", summary)
		c.line("TRIGGER", fmt.Sprintf("-PT%dM", int64(warn.Minutes())))
		c.line("END", "VALARM")
	}
	c.line("END", "VEVENT")
}

// maxContentLine is how many bytes a line should have at most, without its end (RFC 5545 section 3.1).
const maxContentLine = 75

// line writes a content line, folded where it is long: a line goes on where the next one begins with a space. Characters are not split.
func (c *calendar) line(name, value string) {
	text := name + ":" + value
	for limit := maxContentLine; len(text) > limit; limit = maxContentLine - 1 {
		cut := limit
		for cut > limit-utf8.UTFMax && !utf8.RuneStart(text[cut]) {
			cut--
		}
		_, _ = c.out.WriteString(text[:cut] + "\r\n ") // Flush says what is wrong
		text = text[cut:]
	}
	_, _ = c.out.WriteString(text + "\r\n")
}

// escaped writes text as a value of type TEXT (RFC 5545 section 3.3.11).
func escaped(text string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`).Replace(text)
}

// uid is what calendars know an item's event by.
func (it *DueItem) uid() string {
	id := it.ID
	if id == "" || it.Kind == "ssh-certificate" {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%s", it.Kind, it.Fingerprint, it.Name, it.Path))
		id = hex.EncodeToString(sum[:16])
	}
	return id + "@keysweep"
}
