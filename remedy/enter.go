package remedy

import (
	"bytes"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"keysweep/host"
	"keysweep/host/accounts"
	"keysweep/host/sshd"
	"keysweep/keys"
	"keysweep/keys/authorized"
)

// account says why a key would not help a user: his shell is not there, he is let copy files only, his account has ended, or his password
// is locked with a "!" where PAM is not asked (sshd(8), shadow(5)).
func (g gate) account(u accounts.User, v sshd.Values) string {
	if _, err := g.src.Stat(u.Shell); host.Missing(err) {
		return "his shell " + u.Shell + " is not there"
	}
	if force := v.Get("forcecommand"); strings.HasPrefix(force.String(), "internal-sftp") {
		return fmt.Sprintf("ForceCommand at %s lets him copy files only", force.Origin)
	}
	f, err := g.src.Read("/etc/shadow")
	if host.Missing(err) {
		return ""
	}
	if err != nil {
		return "whether his account is locked or has ended is not known: /etc/shadow could not be read"
	}
	for line := range bytes.Lines(f.Data) {
		fields := strings.Split(strings.TrimRight(string(line), "\r\n"), ":")
		if fields[0] != u.Name || len(fields) < 2 {
			continue
		}
		if strings.HasPrefix(fields[1], "!") && !v.Get("usepam").Is("yes") {
			return "his password is locked, and without PAM sshd lets him in with no key"
		}
		if len(fields) > 7 && ended(fields[7], g.at.Now) {
			return "his account has ended"
		}
	}
	return ""
}

// ended reports whether a day of shadow(5), counted from 1970, is over.
func ended(day string, now time.Time) bool {
	n, err := strconv.ParseInt(day, 10, 32)
	return err == nil && n >= 0 && now.Unix()/(24*60*60) >= n
}

// readable reports whether a user may read a file, as sshd does with his rights. Of a group only his own is known.
func readable(src host.Source, u accounts.User, name string) bool {
	info, err := src.Stat(name)
	if err != nil || !may(u, info, 0o4) {
		return false
	}
	real := info.Real
	if real == "" {
		real = info.Path
	}
	for dir := path.Dir(real); ; dir = path.Dir(dir) {
		if info, err = src.Stat(dir); err != nil || !may(u, info, 0o1) {
			return false
		}
		if dir == "/" {
			return true
		}
	}
}

func may(u accounts.User, info host.Info, bit uint32) bool {
	mode := uint32(info.Mode.Perm())
	switch {
	case u.UID == 0:
		return true
	case info.UID == u.UID:
		mode >>= 6
	case info.GID == u.GID:
		mode >>= 3
	}
	return mode&bit != 0
}

// revoked returns what reports whether a key is on the list of RevokedKeys, or why that is not known: the list is not there, for which sshd
// takes no key at all, or is a binary one (KRL).
func revoked(src host.Source, v sshd.Values) (why string, is func(keys.Public) bool) {
	list := v.Get("revokedkeys")
	if list.Is("none") {
		return "", func(keys.Public) bool { return false }
	}
	f, err := src.Read(list.String())
	if list.Err != nil || err != nil || bytes.HasPrefix(f.Data, []byte("SSHKRL\n")) {
		return fmt.Sprintf("which keys RevokedKeys at %s takes away is not known", list.Origin), nil
	}
	lines := authorized.Parse(f.Data)
	return "", func(key keys.Public) bool {
		for _, l := range lines {
			if bytes.Equal(l.Public.Blob, key.Blob) {
				return true
			}
		}
		return false
	}
}
