// Package openssh is the only place that starts OpenSSH's programs: ssh, ssh-keygen, and the program that SSH_ASKPASS names.
// They are found by absolute path on PATH and run with settled arguments and a settled environment. Nothing secret is ever in
// their arguments, their environment or a file: a passphrase goes to ssh over a socket that only this user can reach (Key).
//
// Start at Tools; its Run sends a script to a host, Try asks a host whether it accepts a key, with no other key, agent,
// password or open connection in play. Failures are *Error, whose Class says what kind of trouble it is.
//
// Methods may be called concurrently, and end what they started when their context ends.
package openssh
