// Package proof says what is certain about a secret without asking anybody for it: whether its checksum fits, when it expires, whose
// account it is, what kind of key, and whether this machine's user has that key elsewhere.
//
// Start at Of. What it finds out are facts, which hold nothing of the secret, and what follows from them: a secret whose checksum
// does not fit was never issued, a key behind a passphrase is less of a loss. Checks are the same knowledge for rules that would
// shout without it: twelve words are a wallet only if the last one is right.
//
// Everything is calculated from the text and the arguments: no network, no file, no clock. Time and memory are linear in the length of
// the text, of which no more than a bounded part is looked at. All functions may be called concurrently.
package proof
