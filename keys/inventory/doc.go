// Package inventory finds out what there is to know about the SSH keys of a machine: their files, who may read them, where
// they lie, how old they are at least, what they are used for. It states facts; package policy judges them.
//
// Start at Look, which tells everything about one file, and at Walk, which looks at a home directory, the agent,
// authorized_keys and the configuration, and joins what it finds by public key: one Key, however many files hold it.
// Surroundings tells what a directory is: a repository, a synced folder, a place for downloads.
//
// It opens files for reading only, follows no symbolic link out of the directories it was given, needs no passphrase, and runs
// no program but git. Everything it reads is bounded.
package inventory
