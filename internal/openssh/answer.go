package openssh

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// socketVariable carries the path of the socket on which a passphrase is handed out, and nothing else.
const socketVariable = "KEYSWEEP_ASKPASS_SOCKET"

// askedFor is how ssh and ssh-add begin to ask for a key's passphrase (sshconnect2.c, load_identity_file).
const askedFor = "Enter passphrase for key '"

// promptFor is what ssh asks for the key in file: it shows 100 bytes of the name at most.
func promptFor(file string) string { return askedFor + file[:min(len(file), 100)] + "': " }

// Asked reports whether this process was started by an ssh that wants a passphrase of us: if so, main calls Answer with the
// socket and the prompt and does nothing else.
func Asked(args, environ []string) (socket, prompt string, asked bool) {
	socket = variable(environ, socketVariable)
	if socket == "" || len(args) != 1 || !strings.Contains(args[0], " ") {
		return "", "", false
	}
	return socket, args[0], true
}

// Answer writes the passphrase for prompt to w, as a program named by SSH_ASKPASS does. It fails if the process that listens
// on socket does not know the prompt: ssh takes that for a refusal to answer.
func Answer(ctx context.Context, socket, prompt string, w io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
	if err != nil {
		return fmt.Errorf("ask for the passphrase: %w", err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(deadline(ctx))
	if _, err := fmt.Fprintf(conn, "%s\n", strings.ReplaceAll(prompt, "\n", " ")); err != nil {
		return fmt.Errorf("ask for the passphrase: %w", err)
	}
	passphrase, err := readPassphrase(conn)
	if err != nil {
		return fmt.Errorf("ask for the passphrase: %w", err)
	}
	defer clear(passphrase)
	if len(passphrase) == 0 {
		return ErrDeclined
	}
	line := append(passphrase[:len(passphrase):cap(passphrase)], '\n')
	defer clear(line)
	_, err = w.Write(line)
	return err
}

// answerTimeout bounds one question and its answer; both are on this machine.
const answerTimeout = 10 * time.Second

func deadline(ctx context.Context) time.Time {
	at, _ := ctx.Deadline()
	return at
}

// answering listens on a socket in a directory that only this user can enter, and tells whoever asks for the passphrase of
// the key in file. It returns what to add to ssh's environment, and a function that ends it all.
func answering(self, file string, passphrase []byte) (environ []string, stop func(), err error) {
	dir, err := privateDir()
	if err != nil {
		return nil, nil, err
	}
	socket := filepath.Join(dir, "s")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("socket for the passphrase: %w", err), os.RemoveAll(dir))
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			tell(conn, promptFor(file), passphrase)
		}
	}()
	stop = func() {
		_ = listener.Close()
		<-done
		_ = os.RemoveAll(dir)
	}
	return []string{"SSH_ASKPASS=" + self, "SSH_ASKPASS_REQUIRE=force", "DISPLAY=none:0", socketVariable + "=" + socket}, stop, nil
}

// privateDir makes a directory of mode 0700 with a name short enough for a socket in it.
func privateDir() (string, error) {
	dir, err := os.MkdirTemp("", "keysweep-")
	if err == nil && len(dir) > 80 { // a socket's path holds 104 to 108 bytes, depending on the system
		_ = os.Remove(dir)
		dir, err = os.MkdirTemp("/tmp", "keysweep-")
	}
	if err != nil {
		return "", fmt.Errorf("directory for the passphrase's socket: %w", err)
	}
	return dir, nil
}

// tell answers one question.
func tell(conn net.Conn, want string, passphrase []byte) {
	defer func() { _ = conn.Close() }()
	timer := time.AfterFunc(answerTimeout, func() { _ = conn.Close() })
	defer timer.Stop()
	prompt, err := bufio.NewReader(io.LimitReader(conn, 4<<10)).ReadString('\n')
	if err == nil && strings.TrimSuffix(prompt, "\n") == want {
		_, _ = conn.Write(passphrase)
	}
}
