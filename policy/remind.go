package policy

import (
	"fmt"
	"slices"
	"time"
)

// Reminder is an item that somebody is to be reminded of now.
type Reminder struct {
	Item  DueItem
	Days  int      // the threshold that was crossed: so many days before it is due, 0 when it is due
	Left  int      // whole days until it is due; negative when it is due
	Marks []string // what to remember, so that nobody is reminded again
}

// DefaultThresholds are the days before something is due on which somebody is reminded, and the day itself.
func DefaultThresholds() []int { return []int{14, 7, 1, 0} }

// Reminders returns which of items have crossed a threshold that nobody was reminded of. thresholds are days before the item is
// due; sent reports whether a mark was remembered. Something that crosses several at once, as when it is looked at for the first
// time, makes one reminder. A new due date begins anew. What is exempt, or out of use, makes none; what others know makes one.
func Reminders(items []DueItem, thresholds []int, sent func(mark string) bool, now time.Time) (list []Reminder) {
	thresholds = slices.Sorted(slices.Values(thresholds))
	for i := range items {
		it := items[i]
		if it.State == StateExempt || it.State == StateRetired || it.Due.IsZero() && it.Urgency < DueNow {
			continue
		}
		r := Reminder{Item: it, Days: -1, Left: daysLeft(it.Due, now)}
		for _, days := range thresholds {
			if it.Urgency < DueNow && now.Before(it.Due.Add(-time.Duration(days)*day)) {
				continue
			}
			if r.Days < 0 {
				r.Days = days
			}
			r.Marks = append(r.Marks, it.mark(days))
		}
		if r.Days >= 0 && !sent(it.mark(r.Days)) {
			list = append(list, r)
		}
	}
	return list
}

// mark is what is remembered of a reminder: what is due, when, and which threshold.
func (it *DueItem) mark(days int) string {
	what := it.ID
	if what == "" {
		what = it.Fingerprint + " " + it.Path
	}
	when := it.Due.UTC().Format(time.DateOnly)
	if it.State == StateCompromised || it.Due.IsZero() {
		when = string(it.State)
	}
	return fmt.Sprintf("%s %s %d", what, when, days)
}

// daysLeft is how many whole days there are until due; negative, and never 0, once it is due.
func daysLeft(due, now time.Time) int {
	if due.IsZero() {
		return -1
	}
	if now.Before(due) {
		return wholeDays(now, due)
	}
	return -1 - wholeDays(due, now)
}
