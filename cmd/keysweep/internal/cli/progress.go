package cli

import (
	"time"

	"github.com/schollz/progressbar/v3"

	"keysweep/secretscan"
)

// progressEvery is how often the bar is drawn anew; progressAfter how long a scan must take before there is one at all.
const (
	progressEvery = 100 * time.Millisecond
	progressAfter = 500 * time.Millisecond
)

// progress draws a bar on the terminal while a scan runs, and returns what ends it.
func (o *outputOptions) progress(env *Env, c *secretscan.Counters) (stop func()) {
	if !env.StderrTerminal || o.noProgress || o.quiet {
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
	var bar *progressbar.ProgressBar
	defer func() { clearBar(bar) }()
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for known := false; ; {
		now, total := c.Bytes.Load(), c.BytesTotal.Load()
		if bar == nil || !known && total > 0 {
			clearBar(bar)
			known = total > 0
			bar = newBar(env, known)
		}
		if known {
			bar.ChangeMax64(max(total, now))
		}
		_ = bar.Set64(now) // a terminal that went away is no reason to stop
		_ = bar.RenderBlank()
		select {
		case <-done:
			return
		case <-tick.C:
		}
	}
}

func clearBar(bar *progressbar.ProgressBar) {
	if bar != nil {
		_ = bar.Clear()
	}
}

// newBar makes a bar or, as long as nobody knows how much there is, a wheel that turns.
func newBar(env *Env, known bool) *progressbar.ProgressBar {
	most := int64(-1)
	if known {
		most = 1
	}
	return progressbar.NewOptions64(most,
		progressbar.OptionSetWriter(env.Stderr), progressbar.OptionShowBytes(true), progressbar.OptionSetWidth(20),
		progressbar.OptionSetDescription("scanning"), progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish(),
		progressbar.OptionThrottle(progressEvery))
}
