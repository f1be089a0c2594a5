//go:build unix

package agent

import (
	"context"
	"io"
	"net"
	"strings"
)

// settle says where to connect.
func settle(socket string) (string, error) {
	if socket == "" {
		return "", &Error{err: ErrNone, hint: startOne}
	}
	return socket, nil
}

// connect opens the agent's socket. A name that starts with @ is a file, as it is to OpenSSH, and not an abstract address.
func connect(ctx context.Context, socket string) (io.ReadWriteCloser, error) {
	if strings.HasPrefix(socket, "@") {
		socket = "./" + socket
	}
	return new(net.Dialer).DialContext(ctx, "unix", socket)
}
