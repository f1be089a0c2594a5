// Package ringstore keeps a ledger in a keyring of the operating system: small items that other programs share the place with,
// that no transaction holds together, and that each cost milliseconds.
//
// Start at Create and Open; a Store is a rotation.Store over a Ring. In the ring lie
//
//	identity      what tells this ledger from others, and the key of its HMACs
//	head          how many items there are of each class, checksums of them, and what is being done; of constant size
//	item/<name>   an item, with its name, its sequence number and an HMAC
//
// # What is noticed
//
// The class of an item is its name up to the first "-": record, secret, tombstone. For each class the head holds the number of
// items, a checksum of their names and one of all that is in them. Both are sums of keyed hashes, one for each item, so that a
// change costs the same however many items there are. An item that was edited, or swapped with another, is noticed by whoever
// reads it. One that was deleted or added is noticed by List. One that was put back to an older state of its own is noticed by a
// View that lists the items and reads all of its class: the records are checked so without reading a secret. That all of the ring was put back
// is noticed by the anchor (package anchor), which lies outside.
//
// Not noticed: a single item put back, by who reads only that; ring and anchor put back together. Who has unlocked the keyring
// can read the key of the HMACs and forge everything.
//
// # Crashes
//
// An update writes the head with what it is about to do, then the items, then the head as it is. A process that is killed in
// between leaves a beginning of the update; the next Open puts the head right, and that is not tampering. Updates of many items go
// in batches that the head has room for.
package ringstore
