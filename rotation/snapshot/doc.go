// Package snapshot writes down what a ledger knows, without its secrets and signed, for those who cannot open the ledger: cron,
// monitoring, root, another machine. Start at Keeper, which writes one, Read, and Pins, which says whether to believe it.
//
// A snapshot is a JSON document in lines, so that it can be checked and read fast, and by any JSON program too:
//
//	{"schema":"keysweep.snapshot/v1","machine":"desk","ledger":"6fe2...","seq":12,...,"records":[
//	{"schema":1,"id":"07c1...",...},
//	{"schema":1,"id":"91d0...",...}
//	],"generated_at":"2026-03-01T12:00:00Z","signature":"..."}
//
// # What is noticed
//
// The signature is Ed25519 (RFC 8032) over the SHA-256 of everything in front of it, by a key that only the ledger has. Any changed byte is
// noticed by Read. That somebody else signed it, or put back an older one, is noticed by Pins: it remembers each ledger's public
// key and highest sequence number. That the ledger itself was put back, or a record in it edited without keysweep, is noticed by
// Keeper, which compares it with the snapshot before.
//
// Not noticed: ledger, snapshot and pins all put back together to a state that they had at one time.
//
// # What is in it
//
// Records as they are in the ledger, but for their marks: these are hashed again, with a key of the ledger and the machine's name. Equal
// secrets can so be seen within one snapshot, but not between two machines, and nobody can try guesses.
package snapshot
