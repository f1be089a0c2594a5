package policy

import (
	"slices"
	"strings"

	"keysweep/finding"
	"keysweep/rotation"
)

// Sharing is a secret that serves for several things, and what is wrong with that. The verdict's Evidence names them.
type Sharing struct {
	Verdict
	Records []rotation.Record // two or more, live ones
}

// CredentialChecks returns every check of credentials, in the order of their ids.
func CredentialChecks() []Check {
	return []Check{
		{"cred-shared-env", finding.High, "one secret in several environments",
			"who gets it in the environment that is guarded least has all of them, and it cannot be replaced in one alone",
			"OWASP Secrets Management Cheat Sheet: secrets of one environment must not work in another"},
		{"cred-shared-name", finding.Medium, "one secret under several names",
			"it must be replaced everywhere at once, and nobody sees from its use which of the names leaked",
			"NIST SP 800-57 part 1, 5.2: one key, one purpose"},
	}
}

// Shared judges the secrets that several of the records hold, worst first: the same value in two environments (cred-shared-env) or under two names of
// one (cred-shared-name), and the same SSH key for two services (key-shared), as the ledgers of several machines can show.
// Marks of different ledgers say nothing about each other: no value is found to be shared between them.
func Shared(records []rotation.Record) (list []Sharing) {
	for _, group := range rotation.Shared(records) {
		check := sharedCheck(group)
		names := make([]string, len(group.Records))
		for i := range group.Records {
			names[i] = group.Records[i].Ref()
			if service := group.Records[i].Service; group.Mark == "" && service != "" {
				names[i] += " (" + service + ")"
			}
		}
		slices.Sort(names)
		list = append(list, Sharing{Verdict{Check: check.ID, Severity: check.Severity, Title: check.Title, Why: check.Why,
			Fix: renew(&group.Records[0], false, ""), Evidence: strings.Join(slices.Compact(names), ", ")}, group.Records})
	}
	slices.SortStableFunc(list, func(a, b Sharing) int { return int(b.Severity) - int(a.Severity) })
	return list
}

// sharedCheck is the check that a group breaks.
func sharedCheck(group rotation.SharedSecret) Check {
	id, checks := "cred-shared-name", CredentialChecks()
	switch first := group.Records[0]; {
	case group.Mark == "":
		id, checks = "key-shared", KeyChecks()
	case slices.ContainsFunc(group.Records, func(r rotation.Record) bool { return r.Env != first.Env }):
		id = "cred-shared-env"
	}
	return checks[slices.IndexFunc(checks, func(c Check) bool { return c.ID == id })]
}
