//go:build unix

// Command benchpair runs commands in turn, A B C A B C ..., and prints for each the medians of wall time, CPU time and peak memory,
// and the ratio to the first command, as rows of a Markdown table. Whole processes, so that what a program does at its start
// counts. The runs of a round follow each other directly: on a machine whose speed drifts the ratios hold when the times do not.
//
//	benchpair -n 5 -- keysweep keysweep scan -q tree -- gitleaks gitleaks dir tree --no-banner
//
// Each command begins with the name that it has in the table. The first may exit with 1, which says that it found something;
// the others must exit with 0. With -keep, what each round took is written down, and a later call goes on where an earlier one
// was interrupted.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
)

func main() {
	var p plan
	flag.IntVar(&p.rounds, "n", 5, "counted rounds")
	flag.IntVar(&p.warm, "warm", 1, "rounds before them that do not count")
	flag.StringVar(&p.title, "title", "", "name of the input, for the table")
	flag.StringVar(&p.dir, "C", "", "directory to run everything in")
	flag.StringVar(&p.before, "before", "", "shell command to run before each round, which is not measured")
	flag.StringVar(&p.keep, "keep", "", "file that keeps what was measured, to go on after an interruption")
	head := flag.Bool("head", false, "print the head of the table and nothing else")
	flag.Parse()
	err := error(nil)
	if *head {
		_, err = io.WriteString(os.Stdout, tableHead)
	} else {
		err = run(os.Stdout, p, flag.Args())
	}
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "benchpair:", err)
		os.Exit(2)
	}
}

// plan is what to measure.
type plan struct {
	rounds, warm             int
	title, dir, before, keep string
	commands                 []command
}

// command is a program with its arguments under the name that it has in the table.
type command struct {
	name string
	argv []string
}

func run(w io.Writer, p plan, args []string) error {
	var err error
	if p.commands, err = split(args); err != nil {
		return err
	}
	if p.rounds < 1 {
		return fmt.Errorf("-n %d: at least one round is wanted", p.rounds)
	}
	rounds, err := measure(p)
	if err != nil {
		return err
	}
	return printRows(w, p, rounds)
}

// split takes apart what stands between the "--" of the command line.
func split(args []string) ([]command, error) {
	if len(args) > 0 && args[0] == "--" { // the flag package leaves all but the first one
		args = args[1:]
	}
	var commands []command
	for len(args) > 0 {
		end := slices.Index(args, "--")
		if end < 0 {
			end = len(args)
		}
		if end < 2 {
			return nil, fmt.Errorf("usage: benchpair [FLAGS] -- NAME COMMAND [ARG...] -- NAME COMMAND [ARG...]")
		}
		commands = append(commands, command{args[0], args[1:end]})
		args = args[min(end+1, len(args)):]
	}
	if len(commands) == 0 {
		return nil, fmt.Errorf("no command to measure: benchpair [FLAGS] -- NAME COMMAND [ARG...] -- NAME COMMAND [ARG...]")
	}
	return commands, nil
}
