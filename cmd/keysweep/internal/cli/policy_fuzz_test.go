package cli

import (
	"testing"
	"time"

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
		r := rotation.Record{ID: "0123", Kind: rotation.KindAPI, Name: "a", Env: "prod", Status: rotation.Active, FirstSeen: now}
		it := policy.Due(policy.DueSubject{Record: &r}, s.rules.Rotation, now)
		if it.Rule == "" || it.MaxAge < shortestAge || it.MaxAge > longestSpan || it.Exemption != nil && (it.Exemption.Reason == "" || it.Exemption.Where == "") {
			t.Errorf("%+v", it)
		}
	})
}
