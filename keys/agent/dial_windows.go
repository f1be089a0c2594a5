package agent

import (
	"context"
	"io"
	"net"
	"os"
	"strings"
)

const (
	pipes      = `\\.\pipe\`
	systemPipe = pipes + "openssh-ssh-agent" // of Windows' own agent service
)

// settle says where to connect.
func settle(socket string) (string, error) {
	if socket == "" {
		return systemPipe, nil
	}
	return socket, nil
}

// connect opens the agent's pipe, or the socket of an agent from another system's world.
func connect(ctx context.Context, socket string) (io.ReadWriteCloser, error) {
	if name := strings.ReplaceAll(socket, "/", `\`); strings.HasPrefix(strings.ToLower(name), pipes) {
		return os.OpenFile(name, os.O_RDWR, 0)
	}
	return new(net.Dialer).DialContext(ctx, "unix", socket)
}
