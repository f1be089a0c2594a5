package owned

import (
	"errors"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"keysweep/internal/testneed"
)

const passwd = `root:x:0:0:root:/root:/bin/sh
ann:x:1000:1000:Ann:/home/ann:/bin/sh
bob:x:1001:1001:Bob:/home/bob:/bin/sh
cy:x:1002:100:Cy:/home/cy:/bin/sh
dot:x:1003:100:Dot:/home/dot:/bin/sh
eve:x:1004:1004:Eve:/home/eve:/bin/sh
`

const groups = `root:x:0:
users:x:100:
ann:x:1000:root,ann
bob:x:1001:ann
team:x:2000:ann
eve:x:1004:nobody-knows
`

func TestOnlyMembers(t *testing.T) {
	for _, c := range []struct {
		uid, gid string
		want     bool
	}{
		{"1000", "1000", true},  // her own, with root in it
		{"1000", "0", true},     // root's
		{"1001", "1001", false}, // ann is in it
		{"1002", "100", false},  // dot has it, too
		{"1000", "2000", false}, // nobody's own
		{"1000", "1001", false},
		{"1004", "1004", false},
		{"1000", "61234", false},
		{"61234", "61234", false}, // a user of elsewhere
		{"0", "1000", false},      // root does not trust ann
	} {
		if got := onlyMembers([]byte(passwd), []byte(groups), c.gid, []string{"0", c.uid}); got != c.want {
			t.Errorf("user %s, group %s: %t, want %t", c.uid, c.gid, got, c.want)
		}
	}
	if onlyMembers(nil, nil, "0", []string{"0"}) {
		t.Error("without files a group is private")
	}
}

func FuzzOnlyMembers(f *testing.F) {
	f.Add(passwd, groups, "1000", "1000")
	f.Add("a:::", "b:::x", "", "")
	f.Fuzz(func(t *testing.T, passwd, groups, gid, uid string) {
		got := onlyMembers([]byte(passwd), []byte(groups), gid, []string{uid})
		if got && (!strings.Contains(passwd, gid) || onlyMembers([]byte(passwd+"\nzed:x:zed:"+gid+":::\n"), []byte(groups), gid, []string{uid}) && uid != "zed") {
			t.Errorf("a member more changes nothing: %q %q", passwd, groups)
		}
	})
}

// TestAccessControlList has a file that its own group may write, and by its list another user, too.
func TestAccessControlList(t *testing.T) {
	base := tree(t)
	path := base + "/dir/file"
	if err := os.Chmod(path, 0o660); err != nil {
		t.Fatal(err)
	}
	if Check(path) != nil {
		testneed.Missing(t, "a private group of the user")
	}
	// Version 2; then tag, permissions and id of: owner rw, user 61234 rw, group rw, mask rw, others none (acl(5), linux/posix_acl_xattr.h).
	list := "\x02\x00\x00\x00" + "\x01\x00\x06\x00\xff\xff\xff\xff" + "\x02\x00\x06\x00\x32\xef\x00\x00" + "\x04\x00\x06\x00\xff\xff\xff\xff" +
		"\x10\x00\x06\x00\xff\xff\xff\xff" + "\x20\x00\x00\x00\xff\xff\xff\xff"
	err := unix.Setxattr(path, "system.posix_acl_access", []byte(list), 0)
	if errors.Is(err, unix.ENOTSUP) {
		testneed.Missing(t, "a file system with access control lists")
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := Check(path); err == nil {
		t.Error("a list lets another user write, and that is not noticed")
	}
}
