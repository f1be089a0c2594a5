// Package shell reads scripts of sh, bash, mksh and zsh into the commands that they run, with everything that the audit asks of
// one: its words without quotes, what they are made of, what it is connected with, and where it stands. It follows what a shell
// runs in turn: sudo COMMAND, bash -c '...', ssh HOST '...', here-documents that are fed to a shell.
//
// Start at Parse. It states what is written there and has no opinions, runs nothing, and never fails: what cannot be parsed is
// read line by line, and Script.Problem says so.
package shell
