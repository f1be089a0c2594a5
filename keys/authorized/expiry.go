package authorized

import (
	"errors"
	"strings"
	"time"
)

// Expiry returns the time after which sshd refuses the key: the earliest of the expiry-time options. It is read in the zone
// local, which is the server's, unless it says UTC itself. False if there is none.
func (o Options) Expiry(local *time.Location) (at time.Time, ok bool) {
	for _, option := range o {
		if option.Name != "expiry-time" {
			continue
		}
		if t, err := parseExpiry(option.Value, local); err == nil && (!ok || t.Before(at)) {
			at, ok = t, true
		}
	}
	return at, ok
}

// ExpiryOption returns the option that makes sshd refuse a key after t. It names the time in UTC, so that it does not depend on
// the server's zone. Servers older than OpenSSH 9.1 refuse a line with such a time (release notes of 9.1), and those older than
// 7.7 do not know the option at all: a login with the key must prove that the line is taken.
func ExpiryOption(t time.Time) Option {
	return Option{Name: "expiry-time", Value: t.UTC().Format("20060102150405") + "Z", Valued: true}
}

// parseExpiry reads YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, and Z or UTC behind it for UTC (sshd(8)).
func parseExpiry(value string, local *time.Location) (time.Time, error) {
	digits, utc := strings.CutSuffix(value, "Z")
	if !utc {
		digits, utc = strings.CutSuffix(value, "UTC")
	}
	if utc {
		local = time.UTC
	}
	layout := map[int]string{8: "20060102", 12: "200601021504", 14: "20060102150405"}[len(digits)]
	if layout == "" {
		return time.Time{}, errors.New("it must be YYYYMMDD[Z] or YYYYMMDDHHMM[SS][Z]")
	}
	t, err := time.ParseInLocation(layout, digits, local)
	if err != nil || t.Unix() <= 0 {
		return time.Time{}, errors.New("there is no such time")
	}
	return t, nil
}
