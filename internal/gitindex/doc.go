// Package gitindex reads git's index file and compares it with a tree.
//
// Start at Parse; File.Cursor goes over the entries, File.Diff tells what is staged. Versions 2, 3 and 4 with SHA-1 or SHA-256 are
// read, as in gitformat-index(5). An index that needs more (split, sparse) or is damaged is an error: git itself must be asked then.
//
// Nothing here opens a file, and nothing of the index is trusted: time and memory are bounded by its size.
package gitindex
