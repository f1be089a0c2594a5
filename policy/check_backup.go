package policy

import (
	"fmt"
	"path/filepath"
	"time"

	"keysweep/finding"
	"keysweep/rotation"
)

func backupChecks() []keyCheck {
	return []keyCheck{
		{Check{"key-no-backup", finding.Medium, "a key without a backup",
			"when the disk is lost, so is every door that only this key opens",
			"NIST SP 800-57 part 1, 8.2.2: backup of keys"}, (*subject).noBackup},
		{Check{"key-backup-unverified", finding.Medium, "a backup that was never tried",
			"a backup that cannot be restored is found out when it is too late",
			"NIST SP 800-34: backups are tested"}, (*subject).unverified},
		{Check{"key-backup-stale", finding.Low, "a backup that was not tried for long",
			"paper fades, sticks fail and passphrases are forgotten",
			"NIST SP 800-34: backups are tested regularly"}, (*subject).staleBackup},
	}
}

// backups returns the backups of a key that should have one: recorded, in use, and here.
func (s *subject) backups() (list []rotation.Backup, wanted bool) {
	if s.rec == nil || s.rec.Status != rotation.Active || s.HostKey {
		return nil, false
	}
	return s.rec.Backups, true
}

// proven returns when any of the backups was last proven, and the newest backup.
func proven(list []rotation.Backup) (at time.Time, newest rotation.Backup) {
	for _, b := range list {
		if b.Verified.After(at) {
			at = b.Verified
		}
		if !b.At.Before(newest.At) {
			newest = b
		}
	}
	return at, newest
}

func (s *subject) noBackup() {
	if list, wanted := s.backups(); wanted && len(list) == 0 {
		s.say(finding.Medium, "", "none is recorded", "keysweep key backup "+s.name()+" -o DIRECTORY")
	}
}

func (s *subject) unverified() {
	list, wanted := s.backups()
	if at, newest := proven(list); wanted && len(list) > 0 && at.IsZero() {
		s.say(finding.Medium, "", fmt.Sprintf("made on %s (%s)", date(newest.At), newest.Form), s.verify(newest))
	}
}

func (s *subject) staleBackup() {
	list, _ := s.backups()
	if at, newest := proven(list); !at.IsZero() && s.now.Sub(at) > s.rules.Verify {
		s.say(finding.Low, "", fmt.Sprintf("last proven on %s, %s ago; the rule is %s", date(at), inDays(s.now.Sub(at)), inDays(s.rules.Verify)),
			s.verify(newest))
	}
}

// verify is the command that proves a backup: words are typed, all else is a file.
func (s *subject) verify(b rotation.Backup) string {
	command := "keysweep key backup verify " + s.name()
	switch {
	case b.Form == "words":
		return command
	case filepath.IsAbs(b.Place):
		return command + " " + quote(b.Place)
	}
	return command + " FILE"
}
