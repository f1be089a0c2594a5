package owned

import (
	"bytes"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// private reports whether the group that may write a file has nobody in it but this user and root, by passwd(5) and group(5). It is the
// group of one of the two then; of users that are kept elsewhere nothing is known. With an access control list (acl(5)) the bits of the group
// stand for others, too.
func private(path string, info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return false
	}
	if _, err := unix.Lgetxattr(path, "system.posix_acl_access", nil); err == nil {
		return false
	}
	passwd, err := os.ReadFile("/etc/passwd")
	groups, groupErr := os.ReadFile("/etc/group")
	return err == nil && groupErr == nil && onlyMembers(passwd, groups, strconv.Itoa(int(stat.Gid)), []string{"0", strconv.Itoa(os.Geteuid())})
}

// onlyMembers reports whether a group is the first one of one of the users, and has no other members.
func onlyMembers(passwd, groups []byte, gid string, uids []string) bool {
	own, known := false, map[string]bool{}
	for _, user := range fields(passwd, 4) {
		ours := slices.Contains(uids, user[2])
		known[user[0]] = ours
		if user[3] == gid {
			if !ours {
				return false
			}
			own = true
		}
	}
	for _, g := range fields(groups, 4) {
		if g[2] != gid {
			continue
		}
		for member := range strings.SplitSeq(g[3], ",") {
			if member != "" && !known[member] {
				return false
			}
		}
	}
	return own
}

// fields returns the lines of such a file that have as many fields or more.
func fields(file []byte, least int) (lines [][]string) {
	for line := range bytes.Lines(file) {
		if parts := strings.Split(strings.TrimSpace(string(line)), ":"); len(parts) >= least {
			lines = append(lines, parts)
		}
	}
	return lines
}
