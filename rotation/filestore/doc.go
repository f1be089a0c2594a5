// Package filestore keeps a ledger in encrypted files: one directory, one passphrase, no help from the operating system.
//
// Start at Create and Open; a Store is a rotation.Store. In the directory, mode 0700, lie
//
//	identity.age   an X25519 key pair and a MAC key, encrypted with the passphrase (age's scrypt)
//	head.age       which items there are: for each its sequence number, the hash of its file, and the key of that
//	<hash>.age     an item, encrypted to the key pair; the file's name says nothing of the item's
//	lock           empty; what processes lock
//
// Everything is in the format of age (https://age-encryption.org/v1), so that any age program can open it in an emergency.
// The slow part, scrypt, runs once for Open; items cost microseconds.
//
// # What is noticed
//
// age encrypts to a public key, and does not say who wrote a file. Therefore head and items also hold an HMAC-SHA256 under the
// MAC key, over name, sequence number and content. A file that was damaged, swapped with another, put back to an older state,
// deleted or added is rotation.ErrTampered, in a *TamperError that names it.
//
// That the whole directory was put back to an older state is noticed by the anchor, a file that lies elsewhere: it holds the
// highest sequence number of the head that this machine has seen, and its hash. Without an anchor, as on a new machine, nothing
// is said but that there was none; it is made then.
//
// Not noticed: directory and anchor put back together to a state that they once had together; who knows the passphrase, or
// can read the memory of a running keysweep, can write what they like. An old copy of identity.age opens with the passphrase
// of its time, as the keys in it stay the same when the passphrase changes.
//
// # Crashes
//
// An update writes the head with what it is about to do, then the items, then the head as it is. A process that is killed in
// between leaves a beginning of the update, each item whole; the next Open puts the head right, and that is not tampering.
package filestore
