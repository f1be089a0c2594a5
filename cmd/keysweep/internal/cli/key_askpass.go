package cli

import (
	"context"
	"fmt"

	"keysweep/internal/openssh"
)

// answerAskpass does what ssh started this process for, if it did: it prints the passphrase that the keysweep above it has. ssh
// calls the program that SSH_ASKPASS names with its question as the only argument, so this cannot be a command.
func answerAskpass(ctx context.Context, env *Env) (code int, asked bool) {
	socket, prompt, asked := openssh.Asked(env.Args, env.Environ)
	if !asked {
		return exitOK, false
	}
	if err := openssh.Answer(ctx, socket, prompt, env.Stdout); err != nil {
		_, _ = fmt.Fprintln(env.Stderr, "keysweep:", err)
		return exitIncomplete, true
	}
	return exitOK, true
}
