package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	ics "github.com/arran4/golang-ical"
)

// writeICS writes an iCalendar (RFC 5545) with one event of a whole day for every item that gets due. An item's event has the same
// UID every time, so that importing again moves it instead of adding another.
func writeICS(w io.Writer, d *Due, _ Options) error {
	cal := ics.NewCalendarFor("keysweep")
	cal.SetMethod(ics.MethodPublish)
	cal.SetProductId("-//keysweep//rotate-due//EN")
	for i := range d.Items {
		it := &d.Items[i]
		if it.Due.IsZero() || it.State == "exempt" {
			continue
		}
		event := cal.AddEvent(it.uid())
		event.SetDtStampTime(d.GeneratedAt.UTC())
		day := it.Due.UTC()
		if it.State == "compromised" { // whatever its date would be: at once
			day = d.AsOf.UTC()
		}
		event.SetAllDayStartAt(day)
		event.SetAllDayEndAt(day.AddDate(0, 0, 1))
		event.SetSummary("Replace " + visible(it.Name))
		event.SetDescription(visible(it.Why) + "\n" + visible(it.Fix))
		event.SetTimeTransparency(ics.TransparencyTransparent)
		if warn := it.Due.Sub(it.Soon); !it.Soon.IsZero() && warn > 0 {
			alarm := event.AddAlarm()
			alarm.SetAction(ics.ActionDisplay)
			alarm.SetDescription("Replace " + visible(it.Name))
			alarm.SetTrigger(fmt.Sprintf("-PT%dM", int64(warn.Minutes())))
		}
	}
	_, err := io.WriteString(w, cal.Serialize(ics.WithNewLineWindows))
	return err
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
