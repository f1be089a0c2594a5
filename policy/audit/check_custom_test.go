package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"keysweep/finding"
	"keysweep/host"
	"keysweep/host/observe"
	"keysweep/host/setting"
)

func TestCustom(t *testing.T) {
	unset := fmt.Errorf("x: %w", setting.ErrNoKey)
	tests := []struct {
		op, want string
		answer   setting.Answer
		state    finding.State
	}{
		{"<=", "4", setting.Answer{Value: "4"}, finding.Pass},
		{"<=", "4", setting.Answer{Value: "5"}, finding.Fail},
		{"<=", "4", setting.Answer{Value: "4.0"}, finding.Pass},
		{"<=", "4", setting.Answer{Value: "none"}, finding.Undetermined},
		{"<", "4", setting.Answer{Value: "4"}, finding.Fail},
		{">", "4", setting.Answer{Value: "10"}, finding.Pass},
		{">=", "4", setting.Answer{Value: "3"}, finding.Fail},
		{"==", "yes", setting.Answer{Value: "yes"}, finding.Pass},
		{"==", "1", setting.Answer{Value: "1.0"}, finding.Pass},
		{"==", "yes", setting.Answer{Value: "Yes"}, finding.Fail},
		{"!=", "0.0.0.0", setting.Answer{Value: "127.0.0.1"}, finding.Pass},
		{"!=", "1", setting.Answer{Value: "1.0"}, finding.Fail},
		{"contains", "b", setting.Answer{Value: "abc"}, finding.Pass},
		{"matches", "^a.c$", setting.Answer{Value: "abc"}, finding.Pass},
		{"matches", "^b", setting.Answer{Value: "abc"}, finding.Fail},
		{"exists", "", setting.Answer{Value: ""}, finding.Pass},
		{"exists", "", setting.Answer{Err: unset}, finding.Fail},
		{"absent", "", setting.Answer{Err: unset}, finding.Pass},
		{"absent", "", setting.Answer{Value: "x"}, finding.Fail},
		{"<=", "4", setting.Answer{Err: unset}, finding.Fail},
		{"<=", "4", setting.Answer{Err: fmt.Errorf("read: %w", fs.ErrNotExist)}, finding.NotApplicable},
		{"<=", "4", setting.Answer{Err: fmt.Errorf("read: %w", fs.ErrPermission)}, finding.Undetermined},
		{"<=", "4", setting.Answer{Err: host.ErrNotCollected}, finding.Undetermined},
		{"<=", "4", setting.Answer{Err: errors.New("it is no TOML")}, finding.Undetermined},
	}
	for _, tt := range tests {
		c := Custom{ID: "a.b", File: "/n.toml", Format: "toml", Key: "k", Op: tt.op, Value: tt.want, Severity: finding.Low, Where: "policy.toml:3"}
		m := machine{Machine: &observe.Machine{Settings: map[setting.Query]setting.Answer{c.query(): tt.answer}}, rules: &Rules{Custom: []Custom{c}}}
		m.custom()
		if len(m.results) != 1 || m.results[0].State != tt.state || m.results[0].Check != "a.b" || m.results[0].Severity != finding.Low {
			t.Errorf("%s %s of %+v: %+v, want %s", tt.op, tt.want, tt.answer, m.results, tt.state)
		}
	}
	m := machine{Machine: &observe.Machine{}, rules: &Rules{Custom: []Custom{{ID: "a.b"}}}}
	if m.custom(); len(m.results) != 1 || m.results[0].State != finding.Undetermined {
		t.Errorf("not asked for: %+v", m.results)
	}
}

func TestRulesOfThePolicy(t *testing.T) {
	r := &Rules{Severities: map[string]finding.Severity{"a": finding.Critical}, Custom: []Custom{{ID: "own.x"}}, Waivers: []Waiver{{Check: "ssh.*"}, {Check: "git.x"}, {Check: "own.x"}}}
	results := []finding.Result{{Check: "a", State: finding.Fail}, {Check: "a", State: finding.Pass}, {Check: "b", State: finding.Fail}}
	r.Regrade(results)
	if results[0].Severity != finding.Critical || results[1].Severity != finding.Info || results[2].Severity != finding.Info {
		t.Errorf("%+v", results)
	}
	if got := r.WaiversOf([]Check{{ID: "ssh.root-login"}}); len(got) != 1 || got[0].Check != "ssh.*" {
		t.Errorf("%+v", got)
	}
	if got := r.WaiversOf(r.MachineChecks()); len(got) != 2 || got[1].Check != "own.x" {
		t.Errorf("of a machine, with the policy's own check: %+v", got)
	}
	if !r.own("own.x") || r.own("a") {
		t.Error("own")
	}
}
