package policy

import "keysweep/finding"

// Verdict is one thing that is wrong, or that somebody should know.
type Verdict struct {
	Check    string // id of the check: "key-no-passphrase"
	Severity finding.Severity
	Title    string  // what is wrong, in a few words
	Why      string  // one sentence: why it matters
	Fix      string  // the next command to type, or what to do where no command does it
	Evidence string  // the facts it rests on: "mode 0644", "made 2025-01-01, 412 days ago"
	Path     string  // the file it is about; "" if it is about the key as such
	Excused  *Excuse // somebody decided to live with it: it is shown, but does not count
}

// Excuse is a decision to live with a verdict.
type Excuse struct {
	Reason string
	Until  string // day until which it holds, "2026-12-31"; "" if it has no end
	By     string // where it is written: the policy file or "ledger"
}

// Worst returns the highest severity of verdicts that nobody excused, and false if there is none.
func Worst(verdicts []Verdict) (finding.Severity, bool) {
	worst, any := finding.Info, false
	for _, v := range verdicts {
		if v.Excused == nil {
			worst, any = max(worst, v.Severity), true
		}
	}
	return worst, any
}
