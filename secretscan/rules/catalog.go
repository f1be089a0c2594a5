package rules

import (
	"slices"
	"sort"

	"keysweep/secretscan"
)

// catalogRules returns the rules of the catalog, by id. Nobody may change them.
func catalogRules() []secretscan.Rule { return allRules[otherRules:] }

// Source returns the page that documents or shows the form of what a rule of the catalog finds; "" for other rules.
func Source(id string) string {
	if i, ok := inCatalog(id); ok {
		return catalogSources[i]
	}
	return ""
}

// inCatalog returns where a rule stands in catalogRules.
func inCatalog(id string) (int, bool) {
	list := catalogRules()
	i := sort.Search(len(list), func(i int) bool { return list[i].ID >= id }) // a rule is too long to hand it to a function
	return i, i < len(list) && list[i].ID == id
}

// isOurs reports whether a rule of ours has this id.
func isOurs(id string) bool {
	return slices.ContainsFunc(Own(), func(r secretscan.Rule) bool { return r.ID == id })
}
