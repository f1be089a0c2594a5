package cli

import (
	"slices"
	"strings"
	"testing"
	"time"

	"keysweep/domain"
	"keysweep/policy"
	"keysweep/rotation"
)

// FuzzPolicyFile reads any text as a policy file. What is taken must be usable, and say where it stands.
func FuzzPolicyFile(f *testing.F) {
	for _, text := range []string{
		"[rotation]\nmax_age = '90d'\nwarn = '20%'\ngrace = '1w'\nonboarding = '36h'\n",
		"[[rotation.rule]]\nkind = 'api-key'\nenv = 'prod'\nmax_age = '30d'\n[[rotation.rule]]\nkey = '~/x'\nwarn = '3d'\n",
		"[[rotation.exempt]]\nkey = 'a'\nreason = 'b'\nuntil = 2026-12-31\n",
		"rotation = {rule = [{key = 'a', max_age = '1h'}], exempt = [{key = 'a', reason = 'b', until = '9999-12-31'}]}",
		"[keys]\nmax_age = '20d'\nwarn = '5d'\ntypes = ['rsa']\npaths = ['~/k']\n[[keys.exempt]]\ncheck = 'key-overdue'\nkey = 'a'\nreason = 'b'\n",
		"profile = 'fluxnode'\n[checks.'ssh.root-login']\nenabled = false\nseverity = 'low'\n[ports]\nallow = ['1-2/udp', '443']\n[attest.'account.mfa']\nevery = '9d'\n",
		"[[waive]]\nid = 'ssh.*'\nhost = 'b*'\nreason = 'x'\nuntil = 2026-12-31\n[[accept_unknown]]\nid = 'f2b.enabled'\nreason = 'y'\nuntil = '2027-01-01'\n",
		"[[accept_unknown]]\npath = '/srv/*'\nsubject = 'x'\nreason = 'y'\nuntil = '2027-01-01'\n", "waive = [{id = '*', reason = 'y', until = 2027-01-01}]\n",
		"[[custom]]\nid = 'a.b'\nfile = '/x.toml'\nkey = 'k'\nop = 'matches'\nvalue = '^a'\n[domains]\nofficial = ['a.example']\n[client_data]\npaths = ['/a']\nkeep = '3d'\n",
		"[[contacts]]\nname = 'a'\nrole = 'clients'\nreach = 'b'\nreviewed = 2026-01-01\n[[channels]]\nname = 'a'\nurl = 'https://a.example'\nreviewed = 2026-01-01\n[[software]]\nname = 'n'\ncommand = ['n']\nminimum = '1'\n",
		"[rotation]\nmax_aeg = '9d'\n", "[[rotation]]\n", "rotation.rule.x = 1\n", "[rotation.exempt]\nuntil = 0000-01-01\n",
	} {
		f.Add(text)
	}
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		s := policySettings{rules: policy.DefaultKeyRules()}
		env := &Env{Home: t.TempDir(), Now: func() time.Time { return now }}
		if err := s.read(env, "policy.toml", []byte(text)); err != nil {
			if !isUsage(err) || err.Error() == "" {
				t.Errorf("%T: %v", err, err)
			}
			return
		}
		checkAuditRules(t, s.audit)
		r := rotation.Record{ID: "0123", Kind: rotation.KindAPI, Name: "a", Env: "prod", Status: rotation.Active, FirstSeen: now}
		it := policy.Due(policy.DueSubject{Record: &r}, s.rules.Rotation, now)
		if it.Rule == "" || it.MaxAge < shortestAge || it.MaxAge > longestSpan || it.Exemption != nil && (it.Exemption.Reason == "" || it.Exemption.Where == "") {
			t.Errorf("%+v", it)
		}
	})
}

// FuzzOwnWaivers reads any text as a repository's .keysweep.toml. What is taken waives, with reason and end, and accepts nothing unknown.
func FuzzOwnWaivers(f *testing.F) {
	for _, text := range []string{
		"[scan]\nmax-size = '1MB'\n[[waive]]\nid = 'git.*'\nreason = 'x'\nuntil = 2026-12-31\npath = 'a/*'\n", "accept_unknown = 1\n", "waive = [[\n",
		"waive = {id = 'git.hook-installed'}\n", "[[waive]]\nid = 'ssh.root-login'\n", "[waive.x]\n", "waive.id = 'x'\n", "[[rules]]\nid = 'a'\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, err := parseOwnWaivers(keysweepConfig, "/r", []byte(text))
		if err != nil {
			if !isUsage(err) || err.Error() == "" {
				t.Errorf("%T: %v", err, err)
			}
			return
		}
		for _, w := range list {
			if w.Check == "" || w.Check == "*" || w.Unknown || w.Reason == "" || w.Until.IsZero() || w.Where == "" || w.Path != "" && !strings.HasPrefix(w.Path, "/r/") {
				t.Errorf("%+v", w)
			}
		}
	})
}

// checkAuditRules wants what was taken of a policy to be usable, each piece with the place that it comes from.
func checkAuditRules(t *testing.T, a auditSettings) {
	t.Helper()
	if a.rules == nil { // it says nothing of audits
		return
	}
	if a.rules.Profile == "" || a.rules.MaxAuthTries < 1 || a.rules.UptimeDays < 1 {
		t.Fatalf("%+v", a.rules)
	}
	for _, w := range a.rules.Waivers {
		if w.Check+w.Path == "" || w.Check == "" && !w.Unknown || w.Check == "*" || w.Reason == "" || w.Until.IsZero() || w.Where == "" {
			t.Errorf("%+v", w)
		}
	}
	for _, c := range a.rules.Custom {
		if c.ID == "" || c.File[0] != '/' || c.Key == "" || c.Where == "" || c.Format == "" {
			t.Errorf("%+v", c)
		}
	}
	for id, days := range a.every {
		if days < 1 {
			t.Errorf("%s: %d days", id, days)
		}
	}
	for _, p := range slices.Concat(a.rules.Allow, a.rules.Public, a.rules.Required) {
		if p.First < 1 || p.Last < p.First || p.Protocol != "tcp" && p.Protocol != "udp" {
			t.Errorf("%+v", p)
		}
	}
	for _, name := range a.domains {
		if again, err := domain.Official(name); err != nil || again != name {
			t.Errorf("%q: %q %v", name, again, err)
		}
	}
}
