// Package words writes a short secret as words that people can copy by hand, and reads them back: the words and the checksum of
// BIP-39 (https://github.com/bitcoin/bips/blob/master/bip-0039.mediawiki), whose list was chosen so that the first four letters
// tell every word from every other.
//
// Start at Encode and Decode. 32 bytes, the seed of an Ed25519 key, make 24 words; 16 bytes make 12.
//
// What the checksum can do: of 24 words it takes 8 bits, so one wrong list of words in 256 passes (of 12 words it takes 4 bits,
// and one in 16 passes). Whoever restores a key compares its fingerprint besides: no wrong list passes that.
//
// Secrets come and go as []byte, so that the caller can clear them. Nothing here changes anything shared; all functions may be
// called concurrently.
package words
