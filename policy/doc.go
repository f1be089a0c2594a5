// Package policy says what should be true of keys and credentials, and judges facts by it. It is pure: it reads no file, no
// environment and no clock, and the same facts at the same time give the same verdicts.
//
// Start at Key, which judges one key of the inventory by KeyRules, and at KeyChecks, which lists every check there is.
package policy
