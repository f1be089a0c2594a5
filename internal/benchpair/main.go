//go:build unix

// Command benchpair runs two commands in turn, A B A B ..., and prints for each the median of wall time, CPU time and peak
// memory, and the ratio B/A pair by pair. Whole processes, so that what one tool does at its start counts. A pair's runs follow
// each other directly: on a machine whose speed drifts the ratio holds when the times do not.
//
//	benchpair -n 5 -- keysweep scan -q tree -- gitleaks dir tree --no-banner
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"time"
)

func main() {
	runs := flag.Int("n", 5, "counted runs of each command, after one that warms up")
	flag.Parse()
	if err := compare(os.Stdout, *runs, flag.Args()); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "benchpair:", err)
		os.Exit(2)
	}
}

// sample is what one run took.
type sample struct{ wall, cpu, peak float64 } // seconds, seconds, MiB

func compare(w io.Writer, runs int, args []string) error {
	cut := slices.Index(args, "--")
	if cut <= 0 || cut == len(args)-1 || runs < 1 {
		return fmt.Errorf("usage: benchpair [-n RUNS] -- COMMAND A -- COMMAND B")
	}
	commands := [2][]string{args[:cut], args[cut+1:]}
	var all [2][]sample
	for run := range runs + 1 {
		for i, command := range commands {
			s, err := measure(command)
			if err != nil {
				return err
			}
			if run > 0 {
				all[i] = append(all[i], s)
			}
		}
	}
	for i, name := range []string{"A", "B"} {
		if _, err := fmt.Fprintf(w, "%s  wall %8.3f s   cpu %8.3f s   peak %7.1f MiB   %q\n",
			name, median(all[i], wall), median(all[i], cpu), median(all[i], peak), commands[i]); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "B/A wall %.1f   cpu %.1f   peak %.1f   (median of %d pairs)\n", ratio(all, wall), ratio(all, cpu), ratio(all, peak), runs)
	return err
}

// measure runs a command with its output thrown away. Its exit code is its own affair: 1 means findings to both tools.
func measure(command []string) (sample, error) {
	cmd := exec.Command(command[0], command[1:]...)
	start := time.Now()
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		return sample{}, err
	}
	took := time.Since(start)
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return sample{}, fmt.Errorf("no resource usage on this system")
	}
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return sample{took.Seconds(), cpu.Seconds(), float64(usage.Maxrss) / 1024}, nil
}

func wall(s sample) float64 { return s.wall }
func cpu(s sample) float64  { return s.cpu }
func peak(s sample) float64 { return s.peak }

func median(all []sample, of func(sample) float64) float64 {
	values := make([]float64, len(all))
	for i, s := range all {
		values[i] = of(s)
	}
	return middle(values)
}

func ratio(all [2][]sample, of func(sample) float64) float64 {
	values := make([]float64, len(all[0]))
	for i := range values {
		values[i] = of(all[1][i]) / of(all[0][i])
	}
	return middle(values)
}

func middle(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
