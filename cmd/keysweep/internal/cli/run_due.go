package cli

import (
	"fmt"
	"time"

	"keysweep/policy"
	"keysweep/rotation"
)

// judge says which of the credentials should have been replaced, and refuses those that must not be used.
func (o *runOptions) judge(env *Env, p *runPlan) error {
	for _, w := range p.wants {
		if w.record.Status == rotation.Compromised && !o.leaked {
			return usagef("replace it: keysweep cred rotate "+w.ref.Env+"/"+w.ref.Name+"; to use it all the same: --allow-compromised",
				"%s (%s) is compromised: others know it", w.ref.Name, w.ref.Env)
		}
	}
	settings, err := readPolicy(env)
	if err != nil && o.overdue {
		return err
	}
	if err != nil { // a mistake in the policy does not keep a service from starting
		p.notes = append(p.notes, fmt.Sprintf("when keys are due is not known: %v", err))
		return nil
	}
	now, said := env.Now(), map[string]bool{}
	for _, w := range p.wants {
		item := policy.Due(policy.DueSubject{Record: &w.record, Machine: env.Hostname}, settings.rules.Rotation, now)
		text := fmt.Sprintf("%s (%s) %s", w.ref.Name, w.ref.Env, howDue(item, now))
		if o.overdue && item.Urgency >= policy.PastDue && item.State != policy.StateCompromised {
			return usagef(item.Fix, "%s (--deny-overdue)", text)
		}
		if item.Urgency >= policy.DueNow && !said[w.record.ID] {
			said[w.record.ID] = true
			p.notes = append(p.notes, text+withFix(item.Fix))
		}
	}
	return nil
}

// howDue says in a few words how a credential stands that is due.
func howDue(item policy.DueItem, now time.Time) string {
	days := int(now.Sub(item.Due) / (24 * time.Hour))
	switch {
	case item.State == policy.StateCompromised:
		return "is compromised: others know it"
	case item.Due.IsZero() || item.State == policy.StateUnknown:
		return "is of unknown age, and counts as due"
	case days < 1:
		return "is due since today"
	case days == 1:
		return "is due since yesterday"
	}
	return fmt.Sprintf("is due since %d days", days)
}

func withFix(fix string) string {
	if fix == "" {
		return ""
	}
	return ": " + fix
}
