// Command keysweep-awsiam is a plugin of keysweep that replaces AWS IAM access keys. keysweep runs it; docs/plugins.md says
// how it is set up, and package awsiam what it does.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"keysweep/plugin"
	"keysweep/plugin/awsiam"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(plugin.Serve(ctx, os.Stdin, os.Stdout, awsiam.Plugin{Now: time.Now}))
}
