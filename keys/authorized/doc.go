// Package authorized reads and changes the two files of SSH that list public keys line by line: authorized_keys, which says
// which keys may log in (sshd(8), AUTHORIZED_KEYS FILE FORMAT), and known_hosts, which says which keys hosts have (sshd(8),
// SSH_KNOWN_HOSTS FILE FORMAT). It sees lines as sshd and ssh do.
//
// Start at Parse and ParseKnownHosts. Every byte of the input is in exactly one line, whatever it holds, so that Add and Remove
// keep what they do not mean. Keys are told by their wire form, never by their comments.
package authorized
