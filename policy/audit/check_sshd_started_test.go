package audit

import (
	"strings"
	"testing"

	"keysweep/finding"
	"keysweep/host/sshd"
)

// TestStartedWith has sshd's own arguments weaken what its file says, and be unknown.
func TestStartedWith(t *testing.T) {
	const unit = "/usr/lib/systemd/system/ssh.service"
	const file = "PermitRootLogin no\nMaxAuthTries 3\n"
	start := func(options string) map[string]string {
		return map[string]string{unit: "[Service]\nEnvironmentFile=-/etc/default/ssh\nExecStart=/usr/sbin/sshd -D $SSHD_OPTS\n", "/etc/default/ssh": "SSHD_OPTS='" + options + "'\n"}
	}
	for name, c := range map[string]struct{ options, check, want string }{
		"none":             {"", "ssh.root-login", "pass " + sshdMain + "1"},
		"weaker":           {"-o PermitRootLogin=yes", "ssh.root-login", "fail high " + unit + ":3"},
		"of another value": {"-o MaxAuthTries=9", "ssh.root-login", "pass " + sshdMain + "1"},
		"tries":            {"-oMaxAuthTries=9", "ssh.max-auth-tries", "fail low " + unit + ":3"},
		"stronger":         {"-oMaxAuthTries=1", "ssh.max-auth-tries", "pass " + unit + ":3"},
		"port":             {"-p 2222", "ssh.port-default", "pass " + unit + ":3"},
		"other file":       {"-f /etc/ssh/gone", "ssh.root-login", "not-applicable"},
		"wrong":            {"-o Nonsense=1", "ssh.config-valid", "fail high [" + unit + ":3] " + unit + ":3"},
		"made by a shell":  {"-o PermitRootLogin=no%i", "ssh.root-login", "fail high " + unit + ":3"},
	} {
		got := results(t, sshMachine(file, start(c.options)), c.check)
		if name == "made by a shell" {
			c.want = "unknown"
			got = results(t, sshMachine(file, map[string]string{unit: "[Service]\nExecStart=/usr/sbin/sshd -D -o PermitRootLogin=%i\n"}), c.check)
		}
		if briefs(got) != c.want {
			t.Errorf("%s: %s, not %s", name, briefs(got), c.want)
		}
		for _, r := range got {
			if r.State == finding.Fail && name != "wrong" && !strings.Contains(r.Fix, "command that starts sshd") {
				t.Errorf("%s: the fix is %s", name, r.Fix)
			}
		}
	}
	m := sshMachine(file, start("-o PermitRootLogin=no")).File("/run/sshd.pid", "7\n").
		Program("ps -ww -C sshd -o pid=,args=", "      7 sshd: /usr/sbin/sshd -D -o PermitRootLogin=yes [listener] 0 of 10-100 startups\n")
	if got := briefs(results(t, m, "ssh.root-login")); got != "fail high "+sshd.CommandLine+": /usr/sbin/sshd -D -o PermitRootLogin=yes" && !strings.Contains(got, "-o PermitRootLogin=yes") {
		t.Errorf("running: %s", got)
	}
	if got := briefs(results(t, m, "ssh.reload-pending")); !strings.HasPrefix(got, "fail medium [arguments]") {
		t.Errorf("other arguments at the next start: %s", got)
	}
}
