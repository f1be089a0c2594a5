// Package labelled scores a scanner on lines that people labelled as holding a credential or not.
//
// Start at Read, which reads such lines, and Scan, which has an engine look at each as a file of its own; Evaluate compares the two. Hits alone
// need no engine: whoever finds by other means hands them over himself.
//
// A file of labelled lines is CSV, gzipped or not, with these columns, in any order; further ones are ignored:
//
//	repo                    the repository a line comes from, or anything that stands for it
//	ext                     the ending of its file, with the dot: a line is scanned as a file "x"+ext
//	truth                   T, a credential; F, none; X, undecided: neither a hit nor a miss
//	category                what kind of credential it is, or looks like; "A:B" is both
//	value_start, value_end  where the value stands in the line, in characters; -1: the whole line
//	line                    the line
//
// Values stay in memory as they are, but no error holds one.
package labelled
