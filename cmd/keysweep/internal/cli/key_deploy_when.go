package cli

import (
	"strconv"
	"strings"
	"time"
)

// parseExpires reads the value of --expires: a day, which counts to its end, or a time.
func parseExpires(text string) (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day.AddDate(0, 0, 1), nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.UTC().Truncate(time.Second), nil
	}
	return time.Time{}, usagef("write it as 2027-03-31, or 2027-03-31T12:00:00Z", "--expires: %q is no date", text)
}

// futureExpires is parseExpires for a date that is still to come.
func futureExpires(text string, now time.Time) (time.Time, error) {
	at, err := parseExpires(text)
	if err == nil && !at.After(now) {
		err = usagef("give a date that is still to come", "--expires %s is in the past", text)
	}
	return at, err
}

// parseAge reads the value of --expire-after: days, weeks and hours, added up.
func parseAge(text string) (time.Duration, error) {
	const longest = 100 * 366 // days; years have four digits in authorized_keys
	var sum time.Duration
	for part := range strings.SplitSeq(text, "+") {
		unit := time.Duration(0)
		if part != "" {
			unit = map[byte]time.Duration{'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}[part[len(part)-1]]
		}
		n, err := strconv.ParseUint(strings.TrimRight(part, "hdw"), 10, 16)
		if err != nil || unit == 0 || len(strings.TrimRight(part, "hdw")) != len(part)-1 {
			return 0, usagef("write it as 90d, 12w, 36h, or a sum of them: 90d+14d", "--expire-after: %q is no length of time", text)
		}
		sum += time.Duration(n) * unit
		if sum > longest*24*time.Hour {
			return 0, usagef("keys should not live that long: 90d is common", "--expire-after %s is more than a hundred years", text)
		}
	}
	if sum == 0 {
		return 0, usagef("write it as 90d", "--expire-after %s is no time at all", text)
	}
	return sum, nil
}
