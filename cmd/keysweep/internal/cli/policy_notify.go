package cli

import (
	"path/filepath"
	"slices"
	"time"

	"keysweep/policy"
)

// policyNotify is the table [notify] of a policy file.
type policyNotify struct {
	Exec    []string `toml:"exec"` // a program and its arguments
	Days    []int    `toml:"days"`
	Timeout span     `toml:"timeout"`
}

// notifyRules say who is told that something gets due, and when.
type notifyRules struct {
	exec    []string // nothing: nobody is
	days    []int
	timeout time.Duration
	where   string // the policy file
}

func defaultNotify() notifyRules {
	return notifyRules{days: policy.DefaultThresholds(), timeout: 30 * time.Second}
}

// readNotify takes one file's settings.
func (s *policySettings) readNotify(_ *Env, file string, n policyNotify) error {
	const most = 3650
	if n.Exec != nil {
		if len(n.Exec) == 0 || !filepath.IsAbs(n.Exec[0]) {
			return usagef("for example: exec = [\"/usr/local/bin/tell-me\"]", "%s: notify: exec: the program must be an absolute path", file)
		}
		s.notify.exec, s.notify.where = n.Exec, file
	}
	if n.Days != nil {
		if len(n.Days) == 0 || slices.Min(n.Days) < 0 || slices.Max(n.Days) > most {
			return usagef("for example: days = [14, 7, 1, 0]", "%s: notify: days: %v are no days before something is due", file, n.Days)
		}
		s.notify.days = n.Days
	}
	if n.Timeout.set {
		if n.Timeout.Duration <= 0 || n.Timeout.Duration > 10*time.Minute {
			return usagef("at most 10m", "%s: notify: timeout: %v is not between 0 and 10m", file, n.Timeout.Duration)
		}
		s.notify.timeout = n.Timeout.Duration
	}
	return nil
}
