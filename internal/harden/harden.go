// Package harden keeps what a process holds in memory from landing in a file. Start at Process.
package harden

// Process switches off core dumps of this process: a crash must not write passphrases and keys to the disk. It is for commands
// that handle secrets, and is called before the first one. Programs that are started later inherit the limit, and may be given
// back what it was. On systems other than Unix it does nothing.
//
// On Linux the process also becomes undumpable: where kernel.core_pattern is a pipe, as systemd and Debian's apport set it, the
// kernel ignores the limit (core(5)). That has a price: /proc/self then belongs to root, so that another program of the same
// user cannot read this process's memory, and this process, unless it is root's, can open nothing through /dev/fd.
func Process() error { return process() }
