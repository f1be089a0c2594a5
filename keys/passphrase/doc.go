// Package passphrase says whether a passphrase is good enough, and makes good ones.
//
// Start at Check, which says what is wrong with a passphrase and what would help, and at Generate. The strength is estimated
// as in Wheeler, "zxcvbn: Low-Budget Password Strength Estimation" (USENIX Security 2016): how many guesses an attacker
// needs who knows the words, dates and keyboard walks that people use.
//
// Passphrases are bytes, and no copy of one stays behind. Everything here may be called concurrently.
package passphrase
