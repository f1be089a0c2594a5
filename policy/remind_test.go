package policy_test

import (
	"slices"
	"testing"
	"time"

	"keysweep/policy"
)

func TestRemindersOncePerThreshold(t *testing.T) {
	due := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	sent := map[string]bool{}
	remind := func(now time.Time) (days []int) {
		it := policy.DueItem{ID: "a", State: policy.StateOK, Due: due}
		if !now.Before(due) {
			it.State, it.Urgency = policy.StateDue, policy.DueNow
		}
		for _, r := range policy.Reminders([]policy.DueItem{it}, policy.DefaultThresholds(), func(m string) bool { return sent[m] }, now) {
			days = append(days, r.Days)
			for _, m := range r.Marks {
				sent[m] = true
			}
		}
		return days
	}
	got := map[string][]int{}
	for hours := -20 * 24; hours <= 5*24; hours += 6 { // four times a day, as if somebody ran it so often
		now := due.Add(time.Duration(hours) * time.Hour)
		if days := remind(now); len(days) > 0 {
			got[now.Format("01-02T15")] = days
		}
	}
	want := map[string][]int{"04-17T12": {14}, "04-24T12": {7}, "04-30T12": {1}, "05-01T12": {0}}
	if len(got) != len(want) {
		t.Errorf("reminded at %v", got)
	}
	for at, days := range want {
		if !slices.Equal(got[at], days) {
			t.Errorf("%s: %v, want %v", at, got[at], days)
		}
	}
	due = due.AddDate(0, 3, 0)
	if days := remind(due.AddDate(0, 0, -3)); !slices.Equal(days, []int{7}) {
		t.Errorf("looked at late: %v, want the nearest threshold alone", days)
	}
	if days := remind(due.AddDate(0, 0, -2)); days != nil {
		t.Errorf("the farther threshold came later: %v", days)
	}
}

func TestRemindersOfOtherStates(t *testing.T) {
	now := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	past := now.AddDate(0, 0, -10)
	never := func(string) bool { return false }
	for _, c := range []struct {
		item policy.DueItem
		want int
	}{
		{policy.DueItem{ID: "a", State: policy.StateExempt, Due: past}, 0},
		{policy.DueItem{ID: "a", State: policy.StateRetired}, 0},
		{policy.DueItem{ID: "a", State: policy.StateOK}, 0},
		{policy.DueItem{ID: "a", State: policy.StateCompromised, Urgency: policy.PastDue}, 1},
		{policy.DueItem{Fingerprint: "SHA256:x", State: policy.StateUnknown, Urgency: policy.DueNow}, 1},
		{policy.DueItem{ID: "a", State: policy.StateUnknown, Urgency: policy.NotDue}, 0},
		{policy.DueItem{ID: "a", State: policy.StateOverdue, Urgency: policy.PastDue, Due: past}, 1},
	} {
		got := policy.Reminders([]policy.DueItem{c.item}, policy.DefaultThresholds(), never, now)
		if len(got) != c.want {
			t.Errorf("%+v: %d reminders, want %d", c.item, len(got), c.want)
		}
		for _, r := range got {
			if r.Left >= 0 || r.Days != 0 {
				t.Errorf("%+v: %d days left, threshold %d", c.item, r.Left, r.Days)
			}
		}
	}
}
