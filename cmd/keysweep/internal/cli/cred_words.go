package cli

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"time"

	"keysweep/internal/git"
	"keysweep/policy"
	"keysweep/rotation"
)

// sayFact writes a line of what is said of a credential, unless there is nothing to say.
func sayFact(w io.Writer, name, text string) {
	if text != "" {
		_, _ = fmt.Fprintf(w, "  %-9s %s\n", name, git.Printable(text)) // into a buffer
	}
}

// sayKept says what was recorded, and of the value only how long it is.
func sayKept(env *Env, r rotation.Record, value []byte, known issuer) error {
	settings, err := readPolicy(env)
	if err != nil {
		return err
	}
	return writeAll(env.Stdout, func(w *bytes.Buffer) error {
		fmt.Fprintf(w, "added %s\n", r.Ref())
		sayFact(w, "value", characters(value)+", in the ledger and nowhere else")
		provider := r.Provider
		if known.provider != "" && known.provider == r.Provider {
			provider += fmt.Sprintf(" (it has the form of a %s)", known.title)
		}
		sayFact(w, "provider", provider)
		sayFact(w, "account", r.Account)
		sayFact(w, "purpose", r.Purpose)
		item := policy.Due(policy.DueSubject{Record: &r}, settings.rules.Rotation, env.Now())
		sayFact(w, "age", ageWords(item))
		sayFact(w, "due", dueWords(item))
		if item.State == policy.StateUnknown {
			fmt.Fprintf(w, "if you know when it was made: keysweep cred describe %s --created DATE\n", r.Ref())
		}
		fmt.Fprintf(w, "use it: keysweep run --env %s --only %s -- COMMAND\n", r.Env, r.Name)
		return nil
	})
}

// ageWords says how old something is and how that is known.
func ageWords(item policy.DueItem) string {
	switch {
	case item.Created.IsZero():
		return "unknown"
	case item.Exact:
		return fmt.Sprintf("%s: %s, %s", counted(item.Age, "day", "days"), item.Evidence.Source, item.Created.Format(time.DateOnly))
	}
	return fmt.Sprintf(">= %s: %s, %s", counted(item.Age, "day", "days"), item.Evidence.Source, item.Created.Format(time.DateOnly))
}

// dueWords says when something is due.
func dueWords(item policy.DueItem) string {
	switch {
	case item.State == policy.StateCompromised:
		return "at once: it is compromised"
	case item.Due.IsZero():
		return string(item.State)
	}
	text := item.Due.Format(time.DateOnly)
	if item.State != policy.StateOK {
		text += " (" + string(item.State) + ")"
	}
	return text
}

// saySharedBy says what else has the value of a credential. It is no error: the credential is kept.
func saySharedBy(env *Env, records []rotation.Record, ids ...string) error {
	for _, s := range policy.Shared(records) {
		if s.Check == "key-shared" || !slices.ContainsFunc(s.Records, func(r rotation.Record) bool { return slices.Contains(ids, r.ID) }) {
			continue
		}
		if _, err := fmt.Fprintf(env.Stderr, "warning: %s [%s]: %s\nhint: get one of its own for each, so that they can be replaced one by one: %s\n",
			s.Title, s.Check, s.Evidence, s.Fix); err != nil {
			return err
		}
	}
	return nil
}

// sameValue names for each credential, by its id, those that have the same value.
func sameValue(shared []policy.Sharing) map[string][]string {
	others := map[string][]string{}
	for _, s := range shared {
		for i := range s.Records {
			for j := range s.Records {
				if i != j {
					others[s.Records[i].ID] = append(others[s.Records[i].ID], s.Records[j].Ref())
				}
			}
		}
	}
	return others
}
