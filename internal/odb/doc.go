// Package odb reads git's object database itself: packs, loose objects and alternates, with SHA-1 or SHA-256 ids.
//
// Start at Open. DB.Read reads one object; DB.Walk visits every object once, each before those that are stored as a delta of
// it, on all cores. Formats are as in gitformat-pack(5), gitformat-chunk(5) and gitrepository-layout(5).
//
// What is promised: nothing is written, no lock is taken and no program started. Files are what anyone may have put there:
// whatever is in them, time and memory stay bounded, and what cannot be read is an error that names the object, the file and
// the offset. A damaged copy of an object is replaced by a good one from another pack, a loose file or an alternate. What the
// package does not know is references, grafts, replacements, and objects that a promisor would have to send: those who need
// these ask git.
package odb
