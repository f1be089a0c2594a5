package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
	"github.com/spf13/cobra"

	"keysweep/internal/atomicfile"
	"keysweep/internal/schedule"
	"keysweep/policy"
	"keysweep/report"
)

func newScheduleRunCommand(env *Env) *cobra.Command {
	return &cobra.Command{
		Use:   "run",
		Short: "Do what the daily job does: look at the snapshot, and tell once who wants to know",
		Long: "Judges the signed snapshot of the ledger and the keys of this account, prints what is due, and calls the program of [notify] in\n" +
			"policy.toml with what has crossed a threshold since the last time, as JSON on its standard input. What it could not be told of, as it\n" +
			"failed, is told the next time.",
		Example: "  keysweep schedule run",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return runScheduleRun(c.Context(), env) },
	}
}

// told is what is remembered of the daily job.
type told struct {
	Schema  int                  `json:"schema"`
	LastRun time.Time            `json:"last_run"`
	Marks   map[string]time.Time `json:"marks"` // of policy.Reminder, and when somebody was told
}

// toldFor is how long a mark is kept after it was last of use; due dates that are older cannot come back.
const toldFor = 400 * 24 * time.Hour

func toldFile(env *Env) (string, error) { return stateFile(env, "reminders.json") }

func readTold(env *Env) (t told, err error) {
	file, err := toldFile(env)
	if err != nil {
		return t, err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return t, fmt.Errorf("read what was told already: %w", err)
	}
	if err := json.Unmarshal(data, &t); err != nil {
		return t, &hinted{fmt.Errorf("read what was told already: %s: %w", file, err), "delete it: everything is then told once more"}
	}
	return t, nil
}

func runScheduleRun(ctx context.Context, env *Env) error {
	settings, err := readPolicy(env)
	if err != nil {
		return err
	}
	a, err := dueItems(ctx, env, ownSnapshotQuestion(env))
	if err != nil {
		return err
	}
	d := a.report(env)
	if len(d.Listed()) > 0 || len(d.Problems) > 0 || env.StdoutTerminal { // cron mails what is printed: nothing, unless somebody is to read it
		if err := writeAll(env.Stdout, func(w *bytes.Buffer) error {
			return report.WriteDue(w, "text", d, report.Options{ASCII: !showsUTF8(env), Width: env.Width})
		}); err != nil {
			return err
		}
	}
	if err := remind(ctx, env, settings.notify, a); err != nil {
		return err
	}
	switch {
	case len(a.problems) > 0:
		return verdict(exitIncomplete)
	case d.Count(report.DueNow) > 0:
		return verdict(exitFindings)
	}
	return nil
}

// ownSnapshotQuestion asks for what this account's snapshot says, and for the keys of this machine. Where there has never been a ledger
// there need be no snapshot; where there is one, and no snapshot, not all is known.
func ownSnapshotQuestion(env *Env) dueQuestion {
	q := dueQuestion{ledger: &ledgerOptions{none: true}, search: true, unasked: true}
	if home, err := knownHome(env); home != nil || err != nil {
		q.snapshot = snapshotPath(env)
	}
	return q
}

// remind tells who wants to know of what has crossed a threshold, and remembers that. Only one process does at a time.
func remind(ctx context.Context, env *Env, rules notifyRules, a *dueAnswer) error {
	file, err := toldFile(env)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("remember what was told: %w", err)
	}
	lock := flock.New(file + ".lock")
	if _, err := lock.TryLockContext(ctx, 10*time.Millisecond); err != nil {
		return fmt.Errorf("wait for another keysweep schedule run: %w", err)
	}
	defer func() { _ = lock.Unlock() }()
	known, err := readTold(env)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	reminders := policy.Reminders(a.items, rules.days, func(mark string) bool { return !known.Marks[mark].IsZero() }, a.asOf)
	var failed error
	if len(rules.exec) > 0 && len(reminders) > 0 {
		if failed = notify(ctx, env, rules, a, reminders); failed == nil {
			tell(env.Stderr, "told %s of %d\n", rules.exec[0], len(reminders))
		}
	}
	return errors.Join(failed, known.save(file, env.Now(), len(rules.exec) > 0 && failed == nil, reminders))
}

// save remembers that the job ran, and what was told if it was.
func (t *told) save(file string, now time.Time, done bool, reminders []policy.Reminder) error {
	t.Schema, t.LastRun = 1, now.UTC().Truncate(time.Second)
	if t.Marks == nil {
		t.Marks = map[string]time.Time{}
	}
	for mark, at := range t.Marks {
		if now.Sub(at) > toldFor {
			delete(t.Marks, mark)
		}
	}
	for _, r := range reminders {
		for _, mark := range r.Marks {
			if done {
				t.Marks[mark] = t.LastRun
			}
		}
	}
	data, err := json.Marshal(t)
	if err != nil {
		return err
	}
	if err := atomicfile.Write(file, append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("remember what was told: %w", err)
	}
	return nil
}

// jsonReminders is what the program of [notify] reads: docs/schema/keysweep.reminders.v1.schema.json describes it.
type jsonReminders struct {
	Schema      string         `json:"schema"`
	GeneratedAt string         `json:"generated_at"`
	Machine     string         `json:"machine"`
	Summary     string         `json:"summary"` // one sentence, for a message
	Items       []jsonReminder `json:"items"`
}

type jsonReminder struct {
	State     string `json:"state"`
	Kind      string `json:"kind"`
	ID        string `json:"id"`
	Name      string `json:"name"`
	Env       string `json:"env"`
	Owner     string `json:"owner"`
	Service   string `json:"service"`
	Provider  string `json:"provider"`
	Machine   string `json:"machine"`
	DueAt     string `json:"due_at"`
	DaysLeft  int    `json:"days_left"` // negative once it is due
	Threshold int    `json:"threshold"`
	Why       string `json:"why"`
	Fix       string `json:"fix"`
}

// notify runs the program.
func notify(ctx context.Context, env *Env, rules notifyRules, a *dueAnswer, reminders []policy.Reminder) error {
	summary, _ := a.report(env).Verdict()
	message := jsonReminders{Schema: "keysweep.reminders/v1", GeneratedAt: instant(env.Now()), Machine: env.Hostname, Summary: summary}
	for _, r := range reminders {
		it := &r.Item
		message.Items = append(message.Items, jsonReminder{string(it.State), string(it.Kind), it.ID, it.Name, it.Env, it.Owner, it.Service,
			it.Provider, it.Machine, instant(it.Due), r.Left, r.Days, it.Why, it.Fix})
	}
	input, err := json.Marshal(message)
	if err != nil {
		return err
	}
	err = schedule.Notify(ctx, schedule.Hook{Command: rules.exec, Environ: env.Environ, Timeout: rules.timeout, Stderr: env.Stderr}, append(input, '\n'))
	if err != nil {
		const again = "what it was not told of it is told the next time"
		hint := again
		if first := hintOf(err); first != "" {
			hint = first + "; " + again
		}
		return &hinted{fmt.Errorf("[notify] of %s: %w", rules.where, err), hint}
	}
	return nil
}
