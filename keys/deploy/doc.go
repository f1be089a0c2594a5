// Package deploy installs public keys in the authorized_keys file of an account on another machine, and removes them, so that
// whatever happens in between the file is the old one or the new one, and never one that lets nobody in.
//
// Start at Install and Remove; both change the file as Change does. What they need of the host is the interface Host: a way to
// run a shell script there, and a way to try whether a key is let in. This package starts no programs and opens no connections.
//
// How a change is made. The file is read, and the new one computed here, byte for byte, by package authorized. Then a script
// goes to the host that holds the new file and a digest of the old one. It acts only after it has arrived whole (all of it is
// a function, called in the last line), takes a lock, and stops if the file is no longer the one that was read: the whole
// change is then made anew. The new content is written to a file beside the old one that has the same owner, mode and SELinux
// context, checked against its digest, synced, and renamed over the old one. Writing into the old file would keep a hard link
// and an unusual owner, but could be cut off half-way and lock everybody out; so files with several links, and files of
// another user, are refused instead. Symbolic links are followed and stay.
//
// The script is for every POSIX sh (dash, busybox, ksh, bash); what it needs beyond is readlink, and sha256sum, shasum, sha256
// or cksum.
package deploy
