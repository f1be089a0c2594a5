// Package hook puts keysweep into git's hooks and takes it out again, proves that the hook works, and records who went past it.
//
// Start at Locate, which finds the hooks directory that git uses, and Install, which puts a script there next to what is there
// already. Detect knows the programs that manage hooks themselves. Check proves the result in a temporary clone.
//
// What is promised: a hook that was there before runs first, with the same arguments and input, and its failure wins;
// Uninstall puts it back as it was; a script that cannot find keysweep refuses. Unlike internal/git, git runs here with the
// user's own configuration, since that decides which hooks are in force.
package hook
