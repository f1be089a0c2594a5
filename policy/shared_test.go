package policy

import (
	"testing"

	"keysweep/finding"
	"keysweep/rotation"
)

func TestShared(t *testing.T) {
	cred := func(env, name, mark string) rotation.Record {
		return rotation.Record{Kind: rotation.KindAPI, Env: env, Name: name, Mark: mark, Status: rotation.Active}
	}
	key := func(machine, service string) rotation.Record {
		return rotation.Record{Kind: rotation.KindSSH, Name: service, Service: service, Machine: machine, Fingerprint: "SHA256:x", Status: rotation.Active}
	}
	gone := cred("old", "A", "m1")
	gone.Status = rotation.Retired
	for _, c := range []struct {
		records []rotation.Record
		want    [][3]string // check, evidence, fix
	}{
		{nil, nil},
		{[]rotation.Record{cred("prod", "A", "m1"), cred("dev", "A", "m2"), cred("dev", "B", ""), cred("prod", "B", ""), gone}, nil},
		{[]rotation.Record{cred("prod", "A", "m1"), cred("prod", "B", "m1"), cred("dev", "C", "m2"), cred("prod", "C", "m2")}, [][3]string{
			{"cred-shared-env", "dev/C, prod/C", "keysweep cred rotate dev/C"},
			{"cred-shared-name", "prod/A, prod/B", "keysweep cred rotate prod/A"},
		}},
		{[]rotation.Record{key("web1", "backup"), key("web2", "deploy")}, [][3]string{
			{"key-shared", "backup (backup), deploy (deploy)", "keysweep key rotate backup"},
		}},
		{[]rotation.Record{key("web1", "backup"), key("web2", "backup")}, nil},
	} {
		got := Shared(c.records)
		if len(got) != len(c.want) {
			t.Errorf("%+v, want %v", got, c.want)
			continue
		}
		for i, s := range got {
			if s.Check != c.want[i][0] || s.Evidence != c.want[i][1] || s.Fix != c.want[i][2] || s.Severity < finding.Medium || s.Why == "" || len(s.Records) != 2 {
				t.Errorf("%+v, want %q", s, c.want[i])
			}
		}
	}
}
