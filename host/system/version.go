package system

import (
	"context"
	"fmt"
	"regexp"
	"sync"

	"keysweep/host"
)

// Version is what a program says its version is.
type Version struct {
	Text string // "1.21.3"
	Err  error  // why it is not known; fs.ErrNotExist if the program is not installed
}

// number is the first thing in a text that looks like a version: at least two numbers with dots between them.
var number = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\d+(?:\.\d+)+(?:[-+~][0-9A-Za-z.]+)?`) })

// Ask runs a command that the policy names, and finds the version in the beginning of what it says.
func Ask(ctx context.Context, s host.Source, argv []string) Version {
	if len(argv) == 0 {
		return Version{Err: fmt.Errorf("no command says it: %w", host.ErrNotCollected)}
	}
	out, err := s.Run(ctx, argv...)
	if err != nil {
		return Version{Err: err}
	}
	for _, said := range [][]byte{out.Stdout, out.Stderr} {
		if found := number().Find(said[:min(len(said), 4096)]); found != nil {
			return Version{Text: string(found)}
		}
	}
	return Version{Err: fmt.Errorf("%s says no version", argv[0])}
}
