package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"keysweep/secretscan"
)

// progressEvery is how often the bar is drawn anew; progressAfter how long a scan must take before there is one at all.
const (
	progressEvery = 100 * time.Millisecond
	progressAfter = 500 * time.Millisecond
)

// showsProgress reports whether there is a bar.
func (o *outputOptions) showsProgress(env *Env) bool {
	return env.StderrTerminal && !o.noProgress && !o.quiet
}

// progress draws a bar on the terminal while a scan runs, and returns what ends it.
func (o *outputOptions) progress(env *Env, c *secretscan.Counters) (stop func()) {
	if !o.showsProgress(env) {
		return func() {}
	}
	done, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		draw(env, c, done)
	}()
	return func() {
		close(done)
		<-gone
	}
}

func draw(env *Env, c *secretscan.Counters, done <-chan struct{}) {
	select {
	case <-done:
		return
	case <-time.After(progressAfter):
	}
	began, drawn := time.Now().Add(-progressAfter), 0
	// What is drawn is drawn over. A terminal that went away is no reason to stop.
	show := func(text string) {
		_, _ = io.WriteString(env.Stderr, "\r"+text+strings.Repeat(" ", max(0, drawn-len(text))))
		drawn = len(text)
	}
	defer func() {
		show("")
		show("") // to the start of the line
	}()
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for {
		show(progressText(c.Bytes.Load(), c.BytesTotal.Load(), time.Since(began), env.Width))
		select {
		case <-done:
			return
		case <-tick.C:
		}
	}
}

const (
	progressBar   = 20               // characters
	usualTerminal = 80               // columns
	longest       = 1000 * time.Hour // who is to wait longer is not told
)

// progressText says how far a scan is, in ASCII and fewer columns than the terminal has. As long as nobody knows how much there is,
// total is 0.
func progressText(now, total int64, took time.Duration, columns int) string {
	const mega = 1e6
	perSecond := float64(now) / took.Seconds()
	text := fmt.Sprintf("scanning  %.1f MB, %.1f MB/s", float64(now)/mega, perSecond/mega)
	if total > 0 {
		total = max(total, now) // files grow
		part := float64(now) / float64(total)
		full := int(part * progressBar)
		text = fmt.Sprintf("scanning %3.0f%% [%-*s] %.1f of %.1f MB, %.1f MB/s", part*100, progressBar, strings.Repeat("#", full),
			float64(now)/mega, float64(total)/mega, perSecond/mega)
		if seconds := float64(total-now) / perSecond; seconds < longest.Seconds() { // neither if nothing was read yet
			text += ", " + time.Duration(seconds*float64(time.Second)).Round(time.Second).String() + " left"
		}
	}
	if columns == 0 {
		columns = usualTerminal
	}
	return text[:min(len(text), columns-1)]
}
