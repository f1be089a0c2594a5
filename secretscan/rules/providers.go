package rules

import (
	"sort"

	"keysweep/finding"
)

// info is what a person needs to know about what a rule finds.
type info struct {
	Title     string           // what it is, in a few words: "GitHub personal access token"
	Provider  string           // who issued it: "GitHub"; "" for generic rules
	RotateURL string           // https page of the provider where it is revoked or rotated, or that says how; "" if there is none
	Why       string           // one sentence: what someone who has it can do
	Severity  finding.Severity // how much that is, if the secret is live
}

// entry is one line of the tables below.
type entry struct {
	id string // a rule id of gitleaks' default configuration
	info
}

// provider returns what is known about the rule with this id of gitleaks' default configuration, and whether anything is.
func provider(id string) (info, bool) {
	for _, part := range tables() {
		i := sort.Search(len(part), func(i int) bool { return part[i].id >= id })
		if i < len(part) && part[i].id == id {
			return part[i].info, true
		}
	}
	return info{}, false
}

// tables returns the parts of the table. Each is sorted by id.
func tables() [][]entry {
	return nil
}
