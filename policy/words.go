package policy

import (
	"fmt"
	"strings"
	"time"
)

// quote writes a word so that a POSIX shell reads it back.
func quote(s string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./,:+@%="
	if s != "" && strings.Trim(s, plain) == "" && s[0] != '-' {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// days returns a duration in whole days.
func days(d time.Duration) int { return int(d / day) }

// inDays returns "1 day" or "90 days".
func inDays(d time.Duration) string { return countDays(days(d)) }

func countDays(n int) string {
	if n != 1 {
		return fmt.Sprintf("%d days", n)
	}
	return "1 day"
}

// date returns the day of a time in UTC.
func date(t time.Time) string { return t.UTC().Format(time.DateOnly) }
