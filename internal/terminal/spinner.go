package terminal

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// A spinner shows itself only if the work takes longer than spinnerAfter, and moves every spinnerEvery.
const (
	spinnerAfter = 150 * time.Millisecond
	spinnerEvery = 100 * time.Millisecond
)

// Spinner shows text and a turning wheel on w until the returned function is called, which leaves an empty line and must be
// called once. If w is not a terminal nothing is written.
func Spinner(w io.Writer, text string, isTerminal bool) (stop func()) {
	if !isTerminal {
		return func() {}
	}
	done, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		spin(w, text, done)
	}()
	return func() {
		close(done)
		<-gone
	}
}

// spin draws with carriage returns alone, which every terminal understands.
func spin(w io.Writer, text string, done <-chan struct{}) {
	select {
	case <-done:
		return
	case <-time.After(spinnerAfter):
	}
	tick := time.NewTicker(spinnerEvery)
	defer tick.Stop()
	for i := 0; ; i++ {
		_, _ = fmt.Fprintf(w, "\r%s %c ", text, `|/-\`[i%4]) // a terminal that went away is no reason to stop
		select {
		case <-done:
			_, _ = fmt.Fprintf(w, "\r%s\r", strings.Repeat(" ", len(text)+3))
			return
		case <-tick.C:
		}
	}
}
