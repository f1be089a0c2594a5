// Command benchrepo prints made-up histories for measurements, as git fast-import reads them:
//
//	git init --bare deep.git && benchrepo -kind deep | git -C deep.git fast-import --quiet
//
// The same flags give the same bytes, and so the same ids. Kinds:
//
//	deep     few huge files (a lock file, a table, a generated source, a bundle), each commit changing some lines, appending,
//	         sometimes moving a block: long chains of deltas, gigabytes of contents in megabytes of pack. Some revisions hold
//	         fake secrets. -times makes the files so many times smaller.
//	unique   commits that each add a file that nothing else resembles; -times makes the files so many times as large.
//	same     the history "unique", followed by commits that switch between two trees that are there already; -times makes the
//	         commits so many times as many.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
)

func main() {
	kind := flag.String("kind", "deep", "which history: deep, unique or same")
	seed := flag.Uint64("seed", 1, "seed of all that is random")
	commits := flag.Int("commits", 0, "commits (default: 600 of deep, 500 of unique, 4000 of same)")
	times := flag.Int("times", 1, "how much more of what grows in unique and same, and how much smaller the files of deep are")
	flag.Parse()
	if err := run(bufio.NewWriterSize(os.Stdout, 1<<20), *kind, *seed, *commits, *times); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "benchrepo:", err)
		os.Exit(2)
	}
}

func run(out *bufio.Writer, kind string, seed uint64, commits, times int) error {
	if commits < 0 || times < 1 {
		return fmt.Errorf("-commits %d -times %d: too few", commits, times)
	}
	s := &stream{out: out}
	switch kind {
	case "deep":
		deep(s, seed, orElse(commits, 600), times)
	case "unique":
		unique(s, seed, orElse(commits, 500), times)
	case "same":
		same(s, seed, orElse(commits, 4000)*times)
	default:
		return fmt.Errorf("-kind %s: want deep, unique or same", kind)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write the history: %w", err)
	}
	return nil
}

func orElse(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}
