// Package source holds the places that content comes from: files on disk, standard input, and git's index and history.
//
// Start at Files (a work tree as it lies on disk), List (exactly these files) and Stdin; the git sources stand beside them. All
// of them are secretscan.Sources: they hand over content and say what they leave out on purpose and what they could not look
// at. None of them keeps a whole file, or a whole listing, in memory.
//
// What Files promises about paths:
//
//	Blob.Path   relative to the repository's root in git (the outermost repository, where repositories are nested), else
//	            relative to the target; always with slashes. Path rules, allowlists and globs see this one.
//	Blob.Shown  what the user would type to name the file from the working directory.
//
// A tree is taken to be hostile: links are never followed (one that is named on the command line is), nothing but regular files
// is ever read, and no file's size, name, depth or change while it is read makes a run hang, crash or grow.
package source
