// Package launch runs the program that credentials are for: in the place of this process where the system can (execve(2)), so
// that signals, job control and the exit code are the program's own, and as a child where something is to be done afterwards.
//
// Start at Find, which looks a program up as execvp(3) does, and Program. Sealed and Hold give it secrets as files. Nothing here
// puts a secret into an argument, an error or a file other than those of Hold.
package launch
