package practice

import (
	"slices"
	"testing"

	"keysweep/policy"
	"keysweep/policy/audit"
	"keysweep/secretscan/rules"
)

// planned are checks that are named and not there yet.
func planned() []string {
	return ids(`ssh.user-ca cloud.open-ingress unverified-download hardcoded-secret
		secrets.env-permissions secrets.shell-rc secrets.shell-history
		host.disk-encryption logs.persistent logs.forwarded logs.network logs.node
		ssh.root-login host.sudo-user ssh.password-auth ssh.kbd-interactive ssh.empty-passwords ssh.pubkey-auth ssh.max-auth-tries ssh.port-default
		ssh.port-consistent ssh.allow-users ssh.config-valid ssh.reload-pending ssh.source-restricted
		f2b.enabled f2b.log-source f2b.ssh-port updates.pending updates.security-pending updates.auto updates.security-repo software.minimum-version
		host.os-eol host.reboot-required host.uptime host.os-profile host.kernel-version pkg.untrusted-source
		service.root-user container.root-user net.unexpected-listener net.docker-bypass net.required-ports net.rpc-exposed net.sensitive-exposed
		net.open-wifi firewall.enabled firewall.boot-enabled firewall.default-deny firewall.default-out firewall.ssh-allowed firewall.any-source`)
}

// everyCheck returns what tells whether there is a check or a rule of an id.
func everyCheck(t *testing.T) func(string) bool {
	t.Helper()
	known := planned()
	for _, c := range append(audit.HostChecks(), audit.RepoChecks()...) {
		known = append(known, c.ID)
	}
	for _, c := range append(policy.KeyChecks(), policy.CredentialChecks()...) {
		known = append(known, c.ID)
	}
	for _, r := range append(rules.Default().Rules, rules.Own()...) {
		known = append(known, r.ID)
	}
	return func(id string) bool { return slices.Contains(known, id) }
}
