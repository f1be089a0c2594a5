// Package plugin is the protocol by which keysweep has a credential replaced at the provider that issued it, version 1, and
// what a plugin in Go needs to speak it.
//
// A plugin is a program. It is run once a step: it reads one Request, a JSON object on one line, from standard input to its
// end, writes one Reply, a JSON object, to standard output, and ends with an exit code (OK, Retry, or any other for a failure).
// What it writes to standard error is shown to the user, with the secrets of the rotation masked. Secrets are passed through
// these pipes only.
//
// Start at Plugin and Serve. docs/plugins.md describes the protocol for other languages, with an example for sh.
package plugin

// Version is the number of the protocol, in Request.Protocol and Description.Protocol.
const Version = 1

// Exit codes of a plugin. Every other one is a failure that does not pass by itself.
const (
	OK = 0
	// Retry is EX_TEMPFAIL of sysexits(3): nothing is wrong with the request, or it is not known whether it was carried out;
	// the step is to be repeated later.
	Retry = 75
	// Failed is what Serve ends with after other errors. For Create it says that nothing was made at the provider.
	Failed = 1
)

// MaxMessage is the most that a request or a reply may take, in bytes.
const MaxMessage = 64 << 10

// The steps of the protocol.
const (
	StepDescribe = "describe" // say what the plugin can do; nothing is contacted
	StepCreate   = "create"   // make a new credential with the help of the current one
	StepDeploy   = "deploy"   // put the pending credential where it is needed
	StepTest     = "test"     // say whether the provider accepts the credential that Subject names
	StepRevoke   = "revoke"   // end the credential that Subject names, with the help of the other one
)

// Subject says which of the two credentials of a rotation a step is about.
type Subject string

// The credentials of a rotation keep these names from its first step to its last.
const (
	Current Subject = "current" // the one that is replaced
	Pending Subject = "pending" // the one that takes its place
)

// Phases says how many credentials the provider lets be valid at the same time.
type Phases string

const (
	// Dual providers accept the old credential until it is revoked.
	Dual Phases = "dual"
	// Single providers end the old credential when the new one is made.
	Single Phases = "single"
)
