package source

// What is left out on purpose, in the words that reports use.
const (
	skipExcluded    = "files and directories matched by --exclude"
	skipNotIncluded = "files not matched by --include"
	skipLarge       = "files larger than --max-size"
	skipLinks       = "symbolic links"
	skipSpecial     = "devices, sockets and FIFOs"
	skipPacked      = "compressed files and media (not unpacked)"
	skipBundle      = "git bundles (clone them, and scan the clone with --history)"
	skipGone        = "tracked files that are not on disk (deleted, or outside a sparse checkout)"
	skipSubmodules  = "submodules that are not checked out"
	skipInternals   = "git's internal files (--history reads what is in them)"
	skipKernel      = "kernel file systems"
)
