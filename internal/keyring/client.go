// Package keyring keeps small items in the keyring of the operating system.
package keyring

import (
	"context"
	"errors"
	"io"
)

// Client is a keyring, used through a child process.
type Client struct{ options Options }

// Start starts the child and finds the keyring. None there is ErrNone.
func Start(_ context.Context, o Options) (*Client, error) {
	return nil, &NoneError{Backend: o.Backend, Why: "it cannot be used yet"}
}

var errClosed = errors.New("the keyring is closed")

// Get returns the data of an item; none is rotation.ErrNotFound.
func (c *Client) Get(context.Context, string) ([]byte, error) { return nil, errClosed }

// Set sets an item. The label is what other programs show of it.
func (c *Client) Set(context.Context, string, string, []byte) error { return errClosed }

// Remove takes an item away. If there is none, that is no error.
func (c *Client) Remove(context.Context, string) error { return errClosed }

// Keys returns the names of all items.
func (c *Client) Keys(context.Context) ([]string, error) { return nil, errClosed }

// Describe says what this is.
func (c *Client) Describe() string { return c.options.Backend }

// Close ends the child.
func (c *Client) Close() error { return nil }

// Asked reports whether this process was started as the child.
func Asked(_, _ []string) bool { return false }

// Serve is the child.
func Serve(context.Context, io.Reader, io.Writer, []string) error { return errClosed }
