// Package backup makes copies of private keys that survive the machine, and proves that they can be restored from.
//
// There are three forms. An age file (age-encryption.org/v1, in its text form) holds the key file as it is, still under its own
// passphrase, with a Manifest behind it: whoever decrypts it, with age alone if need be, has a file that ssh takes. Words are
// the seed of an Ed25519 key as 24 words of BIP-39: they fit on paper and protect nothing. A sheet is a page to print, with
// either of them in it: as QR codes and as text that can be typed.
//
// Start at Payload and Seal, which make an age file, and at Sheet. Read takes any of the forms, however it comes back (a file,
// scanned text, pictures of QR codes, typed lines and words, in any order), and says which part is missing, damaged or of another
// backup. Artefact.Open decrypts it, and Copy.Prove compares it with the living key.
//
// Secrets are []byte; Clear methods overwrite them. The age library keeps passphrases as strings while it works: that copy is out
// of reach. Nothing here reads a file, asks a person or knows a clock. Functions may be called concurrently; values may not be
// changed concurrently.
package backup
