// Package sshconfig reads the configuration of OpenSSH's client (ssh_config(5)) as far as keys are concerned, and adds Host
// blocks to it. It evaluates nothing: which blocks apply to a host is for ssh -G to say.
//
// Start at Read, which follows Include, at Parse for one file, and at AddHost. Files are read by the function that is given.
package sshconfig
