package rules

import (
	"slices"
	"strings"

	"keysweep/secretscan"
)

// Source returns the page that documents or shows the form of what a rule of the catalog finds; "" for other rules.
func Source(id string) string {
	if i, ok := inCatalog(id); ok {
		return catalogSources[i]
	}
	return ""
}

// inCatalog returns where a rule stands in catalogRules.
func inCatalog(id string) (int, bool) {
	return slices.BinarySearchFunc(catalogRules, id, func(r secretscan.Rule, id string) int { return strings.Compare(r.ID, id) })
}

// isOurs reports whether a rule of ours has this id.
func isOurs(id string) bool {
	return slices.ContainsFunc(Own(), func(r secretscan.Rule) bool { return r.ID == id })
}
