// Package keyring keeps small items in the keyring of the operating system, through github.com/99designs/keyring.
//
// Start at Start: a Client does all its work in a child process, which is this program run again. The library opens D-Bus before
// main and waits for ever where the bus, the keyring or a person does not answer; a process can be ended, a goroutine
// cannot. Parent and child talk over the child's standard input and output, in frames of JSON; secrets are nowhere else. The
// child is given one keyring and never turns to another. It ends with its parent, though not in the middle of writing an item.
//
// Asked and Serve are the child's side. Package guard keeps D-Bus off in every other process.
package keyring
