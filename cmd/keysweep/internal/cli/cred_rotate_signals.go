package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// unbroken keeps signals from ending the process at once while a provider may have a new credential on its way: a terminal that is closed
// is obeyed as an interrupt is, a second interrupt changes nothing, and output that nobody reads any more is no reason to end. The
// caller calls done.
func unbroken(ctx context.Context) (inner context.Context, done func()) {
	stop := func() {}
	if !signal.Ignored(syscall.SIGHUP) { // nohup
		ctx, stop = signal.NotifyContext(ctx, syscall.SIGHUP)
	}
	deaf := make(chan os.Signal, 1)
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGPIPE} {
		if !signal.Ignored(s) {
			signal.Notify(deaf, s)
		}
	}
	return ctx, func() {
		signal.Stop(deaf)
		stop()
	}
}
