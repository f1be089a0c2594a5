// Package house holds the rules of this repository as Go tests: who may import whom, which calls stand only at the edge of the
// program, how long files and functions get, what must be documented. There is nothing to import.
//
// Each rule is a table at the top of its file and a small check below it; rules_test.go shows for each check that it can fail.
// A message says what is wrong, where, and why the rule is there. If the code is right and the rule is wrong, change the
// table, with the reason beside the line; a change of an arrow needs a decision record in docs/adr.
package house
