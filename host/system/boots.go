package system

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"keysweep/host"
)

// Boot is a start of the machine.
type Boot struct {
	At      time.Time
	Orderly bool // the machine was shut down before it
}

// Boots is the command that tells when the machine was started and shut down: last(1), in UTC.
func Boots() []string {
	return []string{"last", "-x", "-F", "-n", "50", "reboot", "shutdown"}
}

// when is the first time in a line of last -F.
var when = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d \d{4}`)
})

// boots returns the starts that are recorded, the newest first, but for the oldest one, of which nobody knows how it came about.
func boots(ctx context.Context, s host.Source) (list []Boot, err error) {
	out, err := s.Run(ctx, Boots()...)
	if err != nil {
		return nil, err
	}
	if out.Exit != 0 {
		return nil, fmt.Errorf("last fails with exit code %d", out.Exit)
	}
	pending := false
	for line := range strings.Lines(string(out.Stdout)) {
		kind, rest, _ := strings.Cut(line, " ")
		at, err := time.Parse("Mon Jan _2 15:04:05 2006", when().FindString(rest))
		if err != nil {
			continue
		}
		switch kind {
		case "reboot":
			list = append(list, Boot{At: at})
			pending = true
		case "shutdown":
			if pending {
				list[len(list)-1].Orderly = true
				pending = false
			}
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("no start of the machine is recorded: %w", host.ErrNotCollected)
	}
	if !list[len(list)-1].Orderly {
		list = list[:len(list)-1]
	}
	return list, nil
}
