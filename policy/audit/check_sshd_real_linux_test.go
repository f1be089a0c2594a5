package audit

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"keysweep/host"
	"keysweep/host/hosttest"
	"keysweep/host/sshd"
	"keysweep/internal/testneed"
)

// answered lets the real sshd answer what the audit asks of a machine with this configuration.
func answered(t *testing.T, config string) *hosttest.Machine {
	t.Helper()
	program := "/usr/sbin/sshd"
	if _, err := os.Stat(program); err != nil {
		program = testneed.Program(t, program)
	}
	dir := t.TempDir()
	key, file := filepath.Join(dir, "key"), filepath.Join(dir, "sshd_config")
	if out, err := exec.Command(testneed.Program(t, "ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", key).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	ask := func(args ...string) host.Output {
		cmd := exec.Command(program, append(args, "-f", file, "-h", key)...)
		var out, said strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &said
		_ = cmd.Run()
		return host.Output{Stdout: []byte(out.String()), Stderr: []byte(strings.ReplaceAll(said.String(), file, sshd.Path)), Exit: cmd.ProcessState.ExitCode()}
	}
	release, _ := os.ReadFile("/etc/os-release")
	banner, _ := exec.Command(program, "-V").CombinedOutput()
	m := sshMachine(config, map[string]string{"/etc/os-release": string(release)}).Result("sshd -V", host.Output{Stderr: banner}).Result("sshd -t", ask("-t"))
	c, err := sshd.Read(m)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range c.Probes([]sshd.Login{{User: "root", Groups: []string{"root"}}, {User: "alice", Groups: []string{"alice", "sudo"}}}) {
		spec := fmt.Sprintf("user=%s,host=%s,addr=%s,laddr=%s,lport=%d,rdomain=%s", p.User, p.Host, p.Addr, p.LocalAddr, p.LocalPort, p.RDomain)
		m.Result("sshd -T -C "+spec, ask("-T", "-C", spec))
	}
	return m
}

// TestVerdictsWithRealSSHD sets each value right and wrong in several ways: sshd itself says the same of each, and the verdicts are right.
func TestVerdictsWithRealSSHD(t *testing.T) {
	for check, configs := range map[string]struct{ right, wrong []string }{
		"ssh.root-login": {[]string{"PermitRootLogin no\n", "PermitRootLogin=NO\nPermitRootLogin yes\n", "Match all\npermitrootlogin \"no\"\n"},
			[]string{"", "PermitRootLogin yes\nPermitRootLogin no\n", "PermitRootLogin no\nMatch User root\nPermitRootLogin yes\n", "#PermitRootLogin no\n"}},
		"ssh.password-auth": {[]string{"PasswordAuthentication no\n", "AuthenticationMethods publickey\n", "PasswordAuthentication no\nMatch User alice\nPasswordAuthentication no\n"},
			[]string{"", "PasswordAuthentication yes\nMatch User alice\nPasswordAuthentication no\n", "PasswordAuthentication no\nMatch Address 192.0.2.0/24\nPasswordAuthentication yes\n"}},
		"ssh.kbd-interactive": {[]string{"UsePAM no\n", "UsePAM yes\nKbdInteractiveAuthentication no\n", "UsePAM yes\nChallengeResponseAuthentication no\nKbdInteractiveAuthentication yes\n"},
			[]string{"UsePAM yes\n", "UsePAM yes\nPasswordAuthentication no\n", "UsePAM yes\nKbdInteractiveAuthentication no\nMatch Host 203.0.113.9\nKbdInteractiveAuthentication yes\n"}},
		"ssh.max-auth-tries": {[]string{"MaxAuthTries 3\n", "MaxAuthTries 1\n", "MaxAuthTries = 2 # few\n"}, []string{"", "MaxAuthTries 4\n", "MaxAuthTries 3\nMatch all\nMaxAuthTries 9\n"}},
		"ssh.config-valid":   {[]string{"", "Port 22\n", "Match User x\nX11Forwarding no\n"}, []string{"Nonsense yes\n", "Match User x\nPort 22\n", "PermitRootLogin no yes\n"}},
	} {
		for i, list := range [][]string{configs.right, configs.wrong} {
			for _, config := range list {
				got := briefs(results(t, answered(t, config), check))
				if strings.Contains(got, "unknown") || strings.Contains(got, "fail") != (i == 1) {
					t.Errorf("%s of %q: %s", check, config, got)
				}
			}
		}
	}
}
