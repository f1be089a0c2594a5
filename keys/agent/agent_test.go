package agent

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"keysweep/internal/testneed"
	"keysweep/keys"
)

// realAgent starts ssh-agent and returns its socket.
func realAgent(t *testing.T) string {
	t.Helper()
	program := testneed.Program(t, "ssh-agent")
	dir, err := os.MkdirTemp("", "agent") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "s")
	cmd := exec.Command(program, "-D", "-a", socket)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = os.RemoveAll(dir)
	})
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil { // it says where it listens once it does
		t.Fatal(err)
	}
	return socket
}

func dial(t *testing.T, socket string) *Client {
	t.Helper()
	c, err := Dial(t.Context(), socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func newKey(t *testing.T) (*keys.Private, keys.Public) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &keys.Private{Key: private}, publicOf(t, private.Public())
}

func publicOf(t *testing.T, key any) keys.Public {
	t.Helper()
	p, err := ssh.NewPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	public, err := keys.ParsePublic(p.Marshal())
	if err != nil {
		t.Fatal(err)
	}
	return public
}

// sshAdd asks OpenSSH's own client.
func sshAdd(t *testing.T, socket string, args ...string) string {
	t.Helper()
	cmd := exec.Command(testneed.Program(t, "ssh-add"), args...)
	cmd.Env = append(os.Environ(), "SSH_AUTH_SOCK="+socket)
	out, _ := cmd.CombinedOutput() // an empty agent is exit code 1
	return string(out)
}

func TestAddListRemove(t *testing.T) {
	socket := realAgent(t)
	c := dial(t, socket)
	private, public := newKey(t)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Add(t.Context(), private, Options{Comment: "first key", Lifetime: 1500 * time.Millisecond * 1000, Confirm: true}); err != nil {
		t.Fatal(err)
	}
	if err := c.Add(t.Context(), &keys.Private{Key: rsaKey}, Options{Comment: "second"}); err != nil {
		t.Fatal(err)
	}
	list, err := c.List(t.Context())
	if err != nil || len(list) != 2 {
		t.Fatalf("List: %v, %v", list, err)
	}
	if !list[0].Public.Equal(public) || list[0].Comment != "first key" || list[1].Public.Type != "ssh-rsa" || list[1].Public.Bits != 2048 {
		t.Errorf("List: %+v", list)
	}
	if out := sshAdd(t, socket, "-l"); !strings.Contains(out, public.SHA256()) {
		t.Errorf("ssh-add -l does not show %s:\n%s", public.SHA256(), out)
	}
	if err := c.Remove(t.Context(), public); err != nil {
		t.Fatal(err)
	}
	if err := c.Remove(t.Context(), public); !errors.Is(err, ErrNotHeld) {
		t.Errorf("removing it again: %v, want ErrNotHeld", err)
	}
	if out := sshAdd(t, socket, "-l"); strings.Contains(out, public.SHA256()) || !strings.Contains(out, "second") {
		t.Errorf("after Remove ssh-add -l shows\n%s", out)
	}
}

func TestLifetimeIsKept(t *testing.T) {
	socket := realAgent(t)
	c := dial(t, socket)
	private, _ := newKey(t)
	if err := c.Add(t.Context(), private, Options{Lifetime: time.Millisecond}); err != nil { // a second, rounded up
		t.Fatal(err)
	}
	for range 100 {
		list, err := c.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Error("the agent still holds a key whose second is over")
}

func TestLifetimeOutOfRange(t *testing.T) {
	c := &Client{}
	private, _ := newKey(t)
	for _, d := range []time.Duration{-time.Second, (1 << 32) * time.Second} {
		if err := c.Add(t.Context(), private, Options{Lifetime: d}); err == nil {
			t.Errorf("a lifetime of %s is accepted", d)
		}
	}
}

func TestCertificate(t *testing.T) {
	socket := realAgent(t)
	c := dial(t, socket)
	private, public := newKey(t)
	subject, err := ssh.ParsePublicKey(public.Blob)
	if err != nil {
		t.Fatal(err)
	}
	_, ca, _ := ed25519.GenerateKey(rand.Reader)
	signer, err := ssh.NewSignerFromKey(ca)
	if err != nil {
		t.Fatal(err)
	}
	signed := &ssh.Certificate{Key: subject, CertType: ssh.UserCert, KeyId: "ann", ValidBefore: ssh.CertTimeInfinity}
	if err := signed.SignCert(rand.Reader, signer); err != nil {
		t.Fatal(err)
	}
	certificate, err := keys.ParsePublic(signed.Marshal())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Add(t.Context(), private, Options{Certificate: &public}); err == nil {
		t.Error("a plain key is accepted as a certificate")
	}
	if err := c.Add(t.Context(), private, Options{Certificate: &certificate}); err != nil {
		t.Fatal(err)
	}
	list, err := c.List(t.Context())
	if err != nil || len(list) != 2 || list[0].Public.IsCertificate() == list[1].Public.IsCertificate() {
		t.Fatalf("List: %+v, %v; want the key and its certificate", list, err)
	}
	if err := c.Remove(t.Context(), public); err != nil {
		t.Fatal(err)
	}
	if list, err := c.List(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("after Remove: %+v, %v", list, err)
	}
}

func TestSecurityKeysAreForOpenSSH(t *testing.T) {
	err := new(Client).Add(t.Context(), &keys.Private{Key: &keys.SecurityKey{}}, Options{})
	var e *Error
	if !errors.As(err, &e) || !strings.Contains(e.Hint(), "ssh-add") {
		t.Errorf("error %v", err)
	}
}

func TestLockedAgentRefuses(t *testing.T) {
	socket := realAgent(t)
	c := dial(t, socket)
	if err := c.agent.Lock([]byte("word")); err != nil {
		t.Fatal(err)
	}
	private, _ := newKey(t)
	err := c.Add(t.Context(), private, Options{})
	if !errors.Is(err, ErrRefused) {
		t.Errorf("error %v, want ErrRefused", err)
	}
	if list, err := c.List(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("List: %v, %v", list, err)
	}
}

func TestNoAgent(t *testing.T) {
	if _, err := Dial(t.Context(), ""); !errors.Is(err, ErrNone) {
		t.Errorf("no socket: %v", err)
	}
	dir := t.TempDir()
	if _, err := Dial(t.Context(), filepath.Join(dir, "none")); !errors.Is(err, ErrUnreachable) {
		t.Errorf("nothing there: %v", err)
	}
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Dial(t.Context(), plain); !errors.Is(err, ErrUnreachable) {
		t.Errorf("a plain file: %v", err)
	}
}

// fakeAgent takes connections and does as it likes with them.
func fakeAgent(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "agent")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go serve(conn)
		}
	}()
	return filepath.Join(dir, "s")
}

func TestSilentAgent(t *testing.T) {
	c := dial(t, fakeAgent(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }))
	ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if _, err := c.List(ctx); !errors.Is(err, ErrSilent) {
		t.Errorf("error %v, want ErrSilent", err)
	}
}

func TestInterrupted(t *testing.T) {
	asked := make(chan struct{})
	c := dial(t, fakeAgent(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1))
		close(asked)
		_, _ = io.Copy(io.Discard, conn)
	}))
	ctx, stop := context.WithCancel(t.Context())
	go func() { <-asked; stop() }()
	if _, err := c.List(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

func TestBadReplies(t *testing.T) {
	for name, reply := range map[string]string{
		"huge":          "\xff\xff\xff\xff\x0c",
		"empty":         "\x00\x00\x00\x00",
		"cut":           "\x00\x00\x00\x09\x0c",
		"too many keys": "\x00\x00\x00\x05\x0c\x7f\xff\xff\xff",
		"other message": "\x00\x00\x00\x01\x06",
	} {
		c := dial(t, fakeAgent(t, func(conn net.Conn) {
			_, _ = conn.Read(make([]byte, 64))
			_, _ = io.WriteString(conn, reply)
			_ = conn.Close()
		}))
		if list, err := c.List(t.Context()); err == nil {
			t.Errorf("%s: no error, but %v", name, list)
		}
	}
}

func TestUnreadableKeysAreListed(t *testing.T) {
	c := dial(t, fakeAgent(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 64))
		_, _ = io.WriteString(conn, "\x00\x00\x00\x17\x0c\x00\x00\x00\x01\x00\x00\x00\x07\x00\x00\x00\x03new\x00\x00\x00\x03odd")
	}))
	list, err := c.List(t.Context())
	if err != nil || len(list) != 1 || list[0].Public.Type != "new" || list[0].Comment != "odd" {
		t.Errorf("List: %+v, %v", list, err)
	}
}
