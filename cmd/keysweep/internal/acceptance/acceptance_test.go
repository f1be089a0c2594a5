// Package acceptance tries the program as a whole: processes of the real binary on a real file system, with OpenSSH's programs as
// witnesses. It holds what the tests of single packages cannot show:
//
//	kill_test.go    a process killed at any moment leaves the old state or the new one, and the next run goes on
//	modes_test.go   files with secrets are made for their owner alone, whatever the umask is
//	canary_test.go  passphrases, keys and words land nowhere that they should not
//	rotate_test.go  a key is rotated on many servers while everything fails, and none is without a key for a moment
//	damage_test.go  a damaged repository gives an error that names what is damaged, and the secrets in all the rest
//	large_test.go   contents that are too large for the memory are scanned
//	openssh_test.go every kind of key that is written opens with OpenSSH's programs and logs in to a real server
//
// By default a test tries a sample that takes seconds. With KEYSWEEP_KILLS=200 there are 200 kills at moments of chance, rotations on 20
// servers and not on 10, and each
// command is killed before every single change that it makes to the file system; that takes minutes.
// With KEYSWEEP_DAMAGE=all there are 103 damaged repositories and not one for each kind of damage.
package acceptance
