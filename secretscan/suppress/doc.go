// Package suppress knows which findings a repository has accepted: the baseline (.keysweep-baseline), gitleaks' ignore file
// (.gitleaksignore), and gitleaks' reports as something to start a baseline from.
//
// Start at Parse and Baseline.Apply; ParseIgnore and Ignore.Apply are the same for gitleaks' file. Both turn findings into
// those to report, the places that are not reported and why, and notices about entries that a person should look at. A
// finding is gone when all its places are.
//
// # The baseline file
//
// The first line is the schema and a random salt, made once; every other line is one entry of six fields parted by tabs:
//
//	keysweep-baseline v1 salt=<32 hexadecimal digits>
//	fingerprint  rule  paths  reason  who  until
//
// A fingerprint is finding.FingerprintOf with the salt, 32 digits. Paths are slash-separated names relative to the repository,
// with commas between them; * stands for every place, - for places without a path, such as commit messages. Reason and who are
// free text, - if there is none. Until is the last day, in UTC, on which the entry counts, as YYYY-MM-DD, or - for no end.
// Within a field \\ is a backslash, \t a tab, \n a newline and \xNN any byte; control and invisible characters, and commas
// in paths, are always written like that, so that a line shows what it means. Empty lines and lines that start with # are
// skipped and not kept when the file is rewritten: what is worth saying about an entry belongs into its reason.
//
// Lines are sorted, stand for themselves, and nothing counts them, so git can merge the file by itself:
//
//	.keysweep-baseline merge=union
//
// in .gitattributes. After such a merge a fingerprint may have several lines. They are one entry with the paths of all. Its
// reason, who and until are those of the line with the earliest until: an entry is a permission, and where two
// people disagree the smaller permission is the safe one; it also keeps a merge of an old branch from undoing a shortened
// date. Whoever wanted more sees the entry expire and can ask again.
//
// # What the file gives away
//
// The salt stands beside the fingerprints, so whoever has the file can test guesses: compute the fingerprint of a candidate and
// look whether it is there. For a random token of 128 bits that is hopeless; a weak password ("summer2024") in the baseline
// can be guessed, at billions of tries a second. A baseline is a list of secrets to be rotated, not a safe place for them.
package suppress
