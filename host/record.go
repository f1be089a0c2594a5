package host

import (
	"context"
	"slices"
	"sync"
)

// Recorder is a Source that remembers what it ran, so that a report can say what looking cost. Several readers that ask for the same program
// share one run.
type Recorder struct {
	Source
	mu   sync.Mutex
	runs []*run
}

// run is one program's run, shared by all who ask for it.
type run struct {
	argv []string
	done chan struct{}
	out  *Output
	err  error
}

// Record makes a Recorder of a source.
func Record(s Source) *Recorder { return &Recorder{Source: s} }

// Run runs a program as the source does, once for the same arguments.
func (r *Recorder) Run(ctx context.Context, argv ...string) (*Output, error) {
	r.mu.Lock()
	for _, known := range r.runs {
		if slices.Equal(known.argv, argv) {
			r.mu.Unlock()
			<-known.done
			return known.out, known.err
		}
	}
	mine := &run{argv: slices.Clone(argv), done: make(chan struct{})}
	r.runs = append(r.runs, mine)
	r.mu.Unlock()
	defer close(mine.done)
	mine.out, mine.err = r.Source.Run(ctx, argv...)
	return mine.out, mine.err
}

// Ran returns what programs said, in the order in which they were started; those that could not be run are left out. It waits for
// those that still run.
func (r *Recorder) Ran() []*Output {
	r.mu.Lock()
	runs := slices.Clone(r.runs)
	r.mu.Unlock()
	var list []*Output
	for _, one := range runs {
		<-one.done
		if one.err == nil && one.out != nil {
			list = append(list, one.out)
		}
	}
	return list
}
