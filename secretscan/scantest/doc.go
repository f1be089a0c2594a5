// Package scantest is the acceptance suite of the scanner's rules: every rule of the default ones finds its examples wherever they stand
// in a file, passes over what only resembles them, and leaves other providers' credentials alone.
//
// The examples of the catalog's rules are its templates, filled in when the test runs (catalog.Expand); those of gitleaks' rules are
// made from their expressions (Sample). A rule that comes to the catalog is tested without a line here. Only what two rules may both claim is
// listed, with its reason, in overlaps_test.go.
package scantest
