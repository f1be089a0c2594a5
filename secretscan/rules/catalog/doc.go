// Package catalog holds keysweep's own kinds of credentials as data, one TOML file a sector, and reads them. The program links
// none of it: package gen turns the kinds into the table of rules in package rules, and the tests of the rules use the examples.
//
// Start at Read. A kind is one of two forms. A token is recognisable by itself: it has a prefix, or a structure. A value is not,
// and counts only beside a name of its provider:
//
//	[[kind]]                                   [[kind]]
//	id = "acme-deploy-token"                   id = "acme-api-key"
//	token = 'acme_[a-z0-9]{32}'                names = ["acme"]
//	examples = ["acme_{lalnum:32}", ...]       value = '[a-f0-9]{32}'
//	                                           examples = ["ACME_API_KEY={hex:32}", ...]
//
// Examples and near misses are templates, so that no file of ours holds anything that looks like a secret; see Expand.
package catalog
