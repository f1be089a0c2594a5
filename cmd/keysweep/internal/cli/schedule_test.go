package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"keysweep/internal/testneed"
	"keysweep/policy"
)

// TestRemindersKeepTheirSchema has a real program take what it is told, and compares that with the published schema.
func TestRemindersKeepTheirSchema(t *testing.T) {
	testneed.Program(t, "sh")
	env, _, said := testEnv(t)
	dir := t.TempDir()
	env.Home = dir
	hook, told := filepath.Join(dir, "hook"), filepath.Join(dir, "told")
	if err := os.WriteFile(hook, []byte("#!/bin/sh\ncat >'"+told+"'\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	items := []policy.DueItem{
		{State: policy.StateCompromised, Urgency: policy.PastDue, Kind: "api-key", ID: "1", Name: "prod/A", Env: "prod", Why: "x", Fix: "y"},
		{State: policy.StateSoon, Urgency: policy.DueSoon, Kind: "ssh-key", Fingerprint: "SHA256:a", Name: "b", Due: now.AddDate(0, 0, 3)},
		{State: policy.StateUnknown, Urgency: policy.DueNow, Kind: "ssh-key", Fingerprint: "SHA256:b", Name: "c"},
	}
	rules := defaultNotify()
	rules.exec = []string{hook}
	answer := &dueAnswer{dueData: &dueData{}, items: items, asOf: now}
	if err := remind(t.Context(), &env, rules, answer); err != nil {
		t.Fatal(err, said)
	}
	data, err := os.ReadFile(told)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := closedSchema(t, "keysweep.reminders.v1.schema.json").Validate(document); err != nil {
		t.Error(err)
	}
	if n := len(document.(map[string]any)["items"].([]any)); n != len(items) {
		t.Errorf("%d reminders, want %d", n, len(items))
	}
}
