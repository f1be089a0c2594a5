// Package keys makes, reads, understands and writes SSH key files. It states facts and has no opinions: what is too weak or too
// old is for package policy to say. It reads no file, asks no person and knows no clock; bytes come in and go out.
//
// Start at Parse, which understands a private key file of every common format without its passphrase, and at File.Open,
// which decrypts it. Generate makes a key, Private.MarshalOpenSSH writes it in OpenSSH's format with a chosen number of KDF rounds.
// Public describes a public key or certificate by its wire form alone.
//
// Parsers bound what they allocate by the length of what they read, and never panic. Values are not safe for concurrent
// change; reading them concurrently is.
package keys
