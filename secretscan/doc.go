// Package secretscan finds secrets in content: rules times blobs gives findings, in bounded memory and in a stable order.
//
// Start at Compile, which turns a Ruleset into an Engine, and Run, which pulls a Source through it. The rules are data, in
// package rules; content comes from package source. The way of a byte:
//
//	Source ─ Blob ─▶ prefilter ─ hits ─▶ verifier ─ windows ─▶ regexp ─▶ Candidate ─ path, commit ─▶ Place ─ by secret ─▶ Finding
//
// The prefilter passes once over the bytes and asks only whether one of the rules' literals could start here (prefilter.go); the
// verifier walks the part of the rule's syntax tree around the literal (sequence.go); only what is left is given to the
// regexp, on a window just wide enough for every match (window.go). All of it is exact: the candidates are those of each regexp
// over the whole content, and Reference, which does just that, is kept to prove it.
//
// A content that is stored as a delta of one that was scanned before is looked at only where it is new: a scan leaves a Trace, which
// tells for each decision the bytes that it went by, and it holds wherever those are copied (trace.go).
//
// What is promised: findings are ordered and the same in every run; a rule's expression is never run over content that lacks
// its keywords; time is linear in the content; memory does not grow with the size of a file; and whatever was not looked at is
// in the Result, as a skip if that was on purpose and as a problem if not.
package secretscan
