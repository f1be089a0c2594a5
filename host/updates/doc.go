// Package updates finds out how a machine gets its updates: what its package manager would install, whether it does so by itself, and whom it
// believes. It states facts; package policy/audit judges them.
//
// Start at Look.
package updates
