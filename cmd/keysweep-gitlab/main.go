// Command keysweep-gitlab is a plugin of keysweep that replaces GitLab access tokens. keysweep runs it; docs/plugins.md says
// how it is set up, and package gitlab what it does.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"keysweep/plugin"
	"keysweep/plugin/gitlab"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(plugin.Serve(ctx, os.Stdin, os.Stdout, gitlab.Plugin{Now: time.Now}))
}
