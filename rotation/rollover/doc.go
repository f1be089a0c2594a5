// Package rollover replaces an SSH key on all its hosts, so that no host is ever without a key of ours that it accepts, whatever
// fails and whenever the process dies.
//
// Start at Rotation: Run goes as far as it can, and running it again goes on from there; Abort undoes what was done before the
// new key took the old one's place. What has been reached is kept in a Journal, which holds no secrets. All that touches the
// world is behind the interfaces Hosts, Files, Book and Keys; package rollover has the usual ones for hosts (Accounts, over
// package deploy) and files (Disk).
//
// The order, in which no step begins before the one above it is done:
//
//	planned     the names FILE.new and FILE.old are free
//	generated   the new key is in FILE.new, and the ledger knows it and all its hosts
//	            each host: new key installed with the options of the old one's line (begun), and a login with it alone (verified)
//	promoting   FILE.old is a second name of the old key's file; FILE.new is renamed over FILE
//	promoted    each host: new key tried again, old key removed by its blob (removed), old key tried and refused (refused)
//	finished    the old key's file is archived or destroyed, the ledger calls it retired, and the journal is gone
//
// Between verified and promoting there is a barrier for all hosts together: every host that could be reached has let the new
// key in. A host that could not be reached stays behind on the old key, which stays in FILE.old for as long as it takes; after
// the promotion each such host goes through the same steps by itself.
//
// Why no host is left without a key: a host has the old key until it has let the new one in, and the new one from then on.
// Both files are on disk from generated to finished: the old one under FILE or FILE.old, the new one under FILE.new or
// FILE, each change of names being one link or rename.
package rollover
