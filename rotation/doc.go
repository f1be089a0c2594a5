// Package rotation keeps the ledger: which keys and credentials there are, since when, how that is known, what happened to
// them, and when they are due. It keeps facts; package policy has the opinions.
//
// Start at Ledger, which keeps Records in a Store. A Store is a small set of named items: our own encrypted files
// (package filestore), or the operating system's keyring. Package storetest holds the contract that every Store passes.
package rotation
