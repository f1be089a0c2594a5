// Package agent talks to the user's ssh-agent: what keys it holds, adding one, taking one away. The protocol is that of
// draft-miller-ssh-agent; the messages themselves are made by golang.org/x/crypto/ssh/agent.
//
// Start at Dial. Every call ends after a few seconds, also with an agent that takes connections and never answers, and no reply
// may be larger than 16 MiB. Private keys go to the agent and nowhere else.
package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"keysweep/keys"
)

// Patience is how long one call waits for the agent. An agent answers in milliseconds; some ask the user before they take a
// key or show what they hold.
const Patience = 10 * time.Second

// Client is a connection to an agent. One call at a time; after a call that failed by its deadline it is of no further use.
type Client struct {
	socket string
	conn   io.ReadWriteCloser
	agent  agent.Agent
}

// Key is a key that an agent holds. It does not tell for how long.
type Key struct {
	Public  keys.Public // of a certificate that it holds: the certificate
	Comment string
}

// Options say how an agent keeps a key.
type Options struct {
	Comment     string
	Lifetime    time.Duration // after which the agent forgets the key, in whole seconds, rounded up; 0: never
	Confirm     bool          // the agent asks the user at every use
	Certificate *keys.Public  // for the key, added beside it; nil: none
}

// Dial connects to the agent that listens on a socket: the value of SSH_AUTH_SOCK. "" is ErrNone, but on Windows the pipe of
// the system's own agent.
func Dial(ctx context.Context, socket string) (*Client, error) {
	socket, err := settle(socket)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithTimeout(ctx, Patience)
	defer stop()
	conn, err := connect(ctx, socket)
	if err != nil {
		return nil, unreachable(ctx, socket, err)
	}
	// Without its Close the library starts no goroutine and sends one request at a time, which is all that is needed here.
	plain := struct {
		io.Reader
		io.Writer
	}{conn, conn}
	return &Client{socket, conn, agent.NewClient(plain)}, nil
}

// Close ends the connection. What the agent holds stays there.
func (c *Client) Close() error { return c.conn.Close() }

// List returns what the agent holds, in its order. A locked agent says that it holds nothing.
func (c *Client) List(ctx context.Context) ([]Key, error) {
	var held []*agent.Key
	err := c.call(ctx, "list the keys of the agent", func() (err error) {
		held, err = c.agent.List()
		return err
	})
	if err != nil {
		return nil, err
	}
	list := make([]Key, 0, len(held))
	for _, k := range held {
		public, err := keys.ParsePublic(k.Blob)
		if err != nil {
			public = keys.Public{Type: k.Format, Blob: k.Blob}
		}
		list = append(list, Key{public, k.Comment})
	}
	return list, nil
}

// Add gives the agent a private key. With a certificate the agent gets the key twice, alone and with it, as from ssh-add.
func (c *Client) Add(ctx context.Context, key *keys.Private, o Options) error {
	if _, device := key.Key.(*keys.SecurityKey); device {
		return &Error{op: "add the key", err: errors.New("keys of security devices are added by OpenSSH only"), hint: "ssh-add FILE"}
	}
	added := agent.AddedKey{PrivateKey: key.Key, Comment: o.Comment, ConfirmBeforeUse: o.Confirm}
	if o.Lifetime != 0 {
		seconds := (o.Lifetime + time.Second - 1) / time.Second
		if o.Lifetime < 0 || seconds > math.MaxUint32 {
			return &Error{op: "add the key", err: fmt.Errorf("a lifetime of %s is out of range", o.Lifetime), hint: "give one between 1s and 100 years"}
		}
		added.LifetimeSecs = uint32(seconds)
	}
	withCertificate := added
	if o.Certificate != nil {
		certificate, err := sshCertificate(*o.Certificate)
		if err != nil {
			return err
		}
		withCertificate.Certificate = certificate
	}
	return c.call(ctx, "add the key to the agent", func() error {
		if err := c.agent.Add(added); err != nil || o.Certificate == nil {
			return err
		}
		return c.agent.Add(withCertificate)
	})
}

func sshCertificate(public keys.Public) (*ssh.Certificate, error) {
	parsed, err := ssh.ParsePublicKey(public.Blob)
	if err != nil {
		return nil, fmt.Errorf("add the certificate to the agent: %w", err)
	}
	certificate, ok := parsed.(*ssh.Certificate)
	if !ok {
		return nil, fmt.Errorf("add the certificate to the agent: %s is not a certificate", public.Type)
	}
	return certificate, nil
}

// Remove takes a key out of the agent, together with its certificates. ErrNotHeld if it is not there.
func (c *Client) Remove(ctx context.Context, public keys.Public) error {
	held, err := c.List(ctx)
	if err != nil {
		return err
	}
	found := false
	for _, k := range held {
		if !k.Public.Equal(public) {
			continue
		}
		found = true
		err := c.call(ctx, "remove the key from the agent", func() error { return c.agent.Remove(blob{k.Public}) })
		if err != nil {
			return err
		}
	}
	if !found {
		return ErrNotHeld
	}
	return nil
}

// blob is a public key for a request that needs its wire form only, so that keys of any algorithm will do.
type blob struct{ public keys.Public }

// Type returns the algorithm.
func (b blob) Type() string { return b.public.Type }

// Marshal returns the wire form.
func (b blob) Marshal() []byte { return b.public.Blob }

// Verify verifies nothing: no request needs it.
func (b blob) Verify([]byte, *ssh.Signature) error { return errors.New("not a key to verify with") }

// call does one exchange with the agent and gives up at the deadline: then the connection is closed, which ends the exchange.
func (c *Client) call(ctx context.Context, op string, exchange func() error) error {
	ctx, stop := context.WithTimeout(ctx, Patience)
	defer stop()
	done := make(chan error, 1)
	go func() { done <- exchange() }()
	select {
	case err := <-done:
		return c.explain(op, err)
	case <-ctx.Done():
		go func() { _ = c.conn.Close() }() // closing a Windows pipe may wait for the read to end
		return silent(ctx, op, c.socket)
	}
}
