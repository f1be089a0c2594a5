//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// sample is what one run took. CPU time is that of the process and of all its descendants that were waited for. Peak is the
// resident memory, mapped files included, of the largest single process among them (ru_maxrss of wait4(2)), not their sum; it is
// never below what benchpair itself takes, because the kernel counts from before the program was executed.
type sample struct {
	Wall float64 `json:"wall"` // seconds
	CPU  float64 `json:"cpu"`  // seconds
	Peak float64 `json:"peak"` // MiB
}

// measure returns for each round the samples of its commands.
func measure(p plan) ([][]sample, error) {
	kept, rounds, err := openRecord(p)
	if err != nil {
		return nil, err
	}
	for i := -p.warm; len(rounds) < p.rounds; i++ {
		round, err := measureRound(p)
		if err == nil && i >= 0 {
			rounds = append(rounds, round)
			err = kept.add(round)
		}
		if err != nil {
			_ = kept.close()
			return nil, err
		}
	}
	return rounds, kept.close()
}

func measureRound(p plan) ([]sample, error) {
	if p.before != "" {
		if _, err := once(p.dir, []string{"sh", "-ec", p.before}, 0); err != nil {
			return nil, err
		}
	}
	round := make([]sample, len(p.commands))
	for i, c := range p.commands {
		worst := 0
		if i == 0 {
			worst = 1
		}
		var err error
		if round[i], err = once(p.dir, c.argv, worst); err != nil {
			return nil, err
		}
	}
	return round, nil
}

// once runs a command with its output thrown away. It must exit with a code up to worst.
func once(dir string, argv []string, worst int) (sample, error) {
	cmd := exec.Command(argv[0], argv[1:]...)
	var said tail
	cmd.Dir, cmd.Stderr = dir, &said
	start := time.Now()
	err := cmd.Run()
	took := time.Since(start)
	if cmd.ProcessState == nil {
		return sample{}, fmt.Errorf("run %q: %w", argv, err)
	}
	if code := cmd.ProcessState.ExitCode(); code < 0 || code > worst {
		return sample{}, fmt.Errorf("run %q: %s; it said:\n%s", argv, cmd.ProcessState, bytes.TrimSpace(said))
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return sample{}, fmt.Errorf("no resource usage on this system")
	}
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return sample{took.Seconds(), cpu.Seconds(), float64(usage.Maxrss) / rssUnits()}, nil
}

// rssUnits is how many units of ru_maxrss a MiB has: bytes on darwin, KiB elsewhere.
func rssUnits() float64 {
	if runtime.GOOS == "darwin" {
		return 1 << 20
	}
	return 1 << 10
}

// tail keeps the end of what is written to it.
type tail []byte

func (t *tail) Write(p []byte) (int, error) {
	*t = append(*t, p...)
	*t = (*t)[max(0, len(*t)-4096):]
	return len(p), nil
}
