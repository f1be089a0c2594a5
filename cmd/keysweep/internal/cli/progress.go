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
	bar := progressbar.NewOptions64(1,
		progressbar.OptionSetWriter(env.Stderr), progressbar.OptionShowBytes(true), progressbar.OptionSetWidth(20),
		progressbar.OptionSetDescription("scanning"), progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish(),
		progressbar.OptionThrottle(progressEvery))
	defer func() { _ = bar.Clear() }()
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			now, total := c.Bytes.Load(), c.BytesTotal.Load()
			bar.ChangeMax64(max(total, now, 1))
			_ = bar.Set64(now) // a terminal that went away is no reason to stop
		}
	}
}
