package plan_test

import (
	"testing"

	"keysweep/host/plan"
)

func TestFind(t *testing.T) {
	for _, c := range []struct {
		argv []string
		want bool
	}{
		{[]string{"sshd", "-T"}, true},
		{[]string{"sshd", "-T", "-C", "user=root,host=h,addr=::1"}, true},
		{[]string{"sshd", "-T", "-C", "-f"}, false},
		{[]string{"sshd", "-T", "-C", "a b"}, false},
		{[]string{"sshd", "-T", "-C", "user=root", "-o", "Port=22", "-f", "/etc/ssh/x", "-p", "1"}, true},
		{[]string{"sshd", "-t", "-o", "Port=22"}, true},
		{[]string{"sshd", "-t", "-o"}, false},
		{[]string{"sshd", "-t", "-D", "x"}, false},
		{[]string{"sshd", "-t", "-E", "/etc/passwd"}, false},
		{[]string{"sshd", "-t", "-o", "-D"}, false},
		{[]string{"sshd", "-T", "-C", ""}, false},
		{[]string{"sshd"}, false},
		{[]string{"sshd", "-D"}, false},
		{[]string{"sh", "-c", "true"}, false},
		{nil, false},
	} {
		if _, ok := plan.Find(c.argv); ok != c.want {
			t.Errorf("Find(%q) = %v", c.argv, ok)
		}
	}
	if c, _ := plan.Find([]string{"needrestart", "-b"}); c.Seconds != 60 {
		t.Errorf("needrestart may take %d s", c.Seconds)
	}
	if c, _ := plan.Find([]string{"uname", "-r"}); c.Seconds != 20 {
		t.Errorf("uname may take %d s", c.Seconds)
	}
}
