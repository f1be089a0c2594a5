package finding

import "time"

// Audit is what the checks of practices came to: for a machine, a repository, keys or startup scripts.
type Audit struct {
	Schema      string // "keysweep.audit/v1"
	Tool        Tool
	GeneratedAt time.Time
	AsOf        time.Time // when the facts were collected; zero if that is GeneratedAt
	Target      string    // what was looked at, in words: "this machine (web1)", "tree /mnt"
	Profile     string    // name and version of the policy's profile: "baseline@1"
	Areas       []Area    // in the order in which they are shown; results of others come last
	Results     []Result  // ordered by area, worst first
	Same        []Result  // not listed, since they are as in the audit that this one is compared with; they count
	Problems    []Problem // where it could not look, beside the results that are unknown
	Notices     []Notice
	Programs    []Program // what was run for it
}

// Area is a group of checks.
type Area struct{ ID, Title string }

// State is what came out of a check. No state stands for another one: what could not be looked at is unknown, never pass.
type State string

// The states.
const (
	Pass          State = "pass"           // the practice is followed
	Fail          State = "fail"           // it is not
	Undetermined  State = "unknown"        // it could not be looked at; Result.Cause says why
	NotApplicable State = "not-applicable" // there is nothing here that it is about: no sshd, no wireless card
	Waived        State = "waived"         // it fails, and the policy lives with it until a day
	Open          State = "open"           // only a person can say, and nobody has, or too long ago
)

// Result is what one check says of one thing. A check that looks at many things gives several results.
type Result struct {
	Check      string // id: "ssh.root-login"
	Area       string // id of an Area: "sshd"
	Subject    string // what sets it apart from other results of the check: "Match User root", "0.0.0.0:5432/tcp"; "" if there is one
	State      State
	Severity   Severity // how bad a fail is; of an unknown, how bad it would be
	Confidence Confidence
	Title      string  // what is so, in a few words: "root may log in with a password"
	Found      string  // the value that was found: "PermitRootLogin yes"
	Wanted     string  // the value that is wanted: "no"
	Where      Spot    // what decides it
	Related    []Spot  // what else belongs to it: lines that are never reached, the rule that lets it through
	Why        string  // one sentence: why it matters
	Seeds      []Cite  // the practices' lines that it comes from
	Fix        string  // the next command to type, or what to do where no command does it
	FixBy      FixKind // who does it
	Cause      string  // of an unknown: what went wrong
	Hint       string  // of an unknown: what makes it known
	Waiver     *Waiver // of a waived one
}

// FixKind says how a failed check is put right.
type FixKind string

// The kinds of fixes.
const (
	FixAuto    FixKind = "auto"    // keysweep fix CHECK does it, with a diff first
	FixCommand FixKind = "command" // the command that stands in Fix
	FixAdvice  FixKind = "advice"  // a person decides
)

// Spot is where a fact stands: a place in a file, or a part of the machine.
type Spot struct {
	Path string // of a file, as the machine names it; "" for a fact of the machine
	Span Span   // in the file; zero: the file as a whole
	Fact string // without a path: "listener 0.0.0.0:5432/tcp (postgres, pid 812)", "default (OpenSSH 9.2)"
	Text string // the line's text, where it may be shown
	Note string // what it is: "this value wins (first value read)", "never reached"
}

// Cite is a line of one of the guides that the practices come from.
type Cite struct {
	Seed string // "000", "001", "002"
	Line int
	Text string // the practice in our words
}

// Waiver is a decision of the policy to live with a failed check.
type Waiver struct {
	Reason string
	Until  time.Time // the last day on which it counts, in UTC; zero: there is none, as for a comment in a script
	Where  string    // file and line that hold it
}

// Program is a program that was run to find facts, and what it cost.
type Program struct {
	Command string        // as typed: "sshd -T -C user=root"
	Exit    int           // its exit code; -1 if it did not end by itself
	CPU     time.Duration // user and system time of it and its children; 0 if unknown
	Elapsed time.Duration
}

// States lists the states, in the order in which reports count them.
func States() []State {
	return []State{Fail, Undetermined, Open, Waived, Pass, NotApplicable}
}
