package keyring

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"
)

// Client is a keyring, used through a child process. It is safe for concurrent use: one call waits for the other. After a
// HangError the child is dead, and every call fails.
type Client struct {
	options Options
	what    string
	started chan struct{} // closed when child, or failure, is there
	child   *child
	failure error
	turn    chan struct{} // holds one token: who has it talks to the child
	opened  atomic.Bool   // the child has found the keyring
	refusal error         // it has not; who has the turn reads and sets it
	hung    atomic.Pointer[HangError]
}

// Start starts the child and finds the keyring in it. If there is no such keyring the error is a *NoneError. That the keyring
// is locked does not matter yet. The caller closes the Client.
func Start(ctx context.Context, o Options) (*Client, error) {
	c, err := Begin(o)
	if err != nil {
		return nil, err
	}
	if err := c.ready(ctx); err != nil {
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

// Begin is Start without waiting, for the process or for the keyring: if there is none, the first call says so. The caller closes
// the Client.
func Begin(o Options) (*Client, error) {
	o = o.filled()
	c := &Client{options: o, turn: make(chan struct{}, 1), started: make(chan struct{})}
	environ, err := c.environ()
	if err != nil {
		return nil, err
	}
	go func() {
		defer close(c.started)
		if c.child, c.failure = startProcess(o.Executable, environ); c.failure != nil {
			c.failure = fmt.Errorf("start the process that talks to the keyring: %w", c.failure)
			return
		}
		_ = c.child.write(c.opening()) // that it failed is found out when the answer is read
		c.turn <- struct{}{}
	}()
	return c, nil
}

func (c *Client) opening() request {
	o := c.options
	return request{Op: opOpen, Backend: o.Backend, Prefix: o.Prefix, PassDir: o.PassDir}
}

// ready waits until the child has found the keyring. Who calls it has the turn.
func (c *Client) ready(ctx context.Context) error {
	_, err := c.call(ctx, request{})
	return err
}

// Backend returns which of Backends it is.
func (c *Client) Backend() string { return c.options.Backend }

// Get returns the data of an item; none is rotation.ErrNotFound. The caller clears it.
func (c *Client) Get(ctx context.Context, key string) ([]byte, error) {
	r, err := c.call(ctx, request{Op: opGet, Key: key})
	return r.Data, err
}

// GetAll returns the data of several items, as far as they are there: faster than a Get for each.
func (c *Client) GetAll(ctx context.Context, keys []string) (map[string][]byte, error) {
	r, err := c.call(ctx, request{Op: opMany, Keys: keys})
	return r.Many, err
}

// View is GetAll at a time at which nobody has the file locked as Hold does it for a writer.
func (c *Client) View(ctx context.Context, path string, keys []string) (map[string][]byte, error) {
	r, err := c.call(ctx, request{Op: opView, Key: path, Keys: keys})
	return r.Many, err
}

// Set sets an item. The label is what other programs show of it, where the keyring can keep one.
func (c *Client) Set(ctx context.Context, key, label string, data []byte) error {
	if limit := maxData(c.options.Backend); len(data) > limit {
		return fmt.Errorf("%s takes %d bytes an item at most, not %d", c.what, limit, len(data))
	}
	_, err := c.call(ctx, request{Op: opSet, Key: key, Label: label, Data: data})
	return err
}

// Remove takes an item away. If there is none, that is no error.
func (c *Client) Remove(ctx context.Context, key string) error {
	_, err := c.call(ctx, request{Op: opRemove, Key: key})
	return err
}

// Keys returns the names of all items of ours, in no order that means anything.
func (c *Client) Keys(ctx context.Context) ([]string, error) {
	r, err := c.call(ctx, request{Op: opKeys})
	return r.Keys, err
}

// Locked reports whether the keyring is locked, so that the next call may ask a person. Where that cannot be told it is false.
func (c *Client) Locked(ctx context.Context) (bool, error) {
	r, err := c.call(ctx, request{Op: opLocked})
	return r.Locked, err
}

// Hold has the child lock a file, for readers or for one writer, until release. As the child finishes what it writes even when
// this process is killed, who holds the file next sees it written.
func (c *Client) Hold(ctx context.Context, path string, shared bool) (release func() error, err error) {
	if _, err := c.call(ctx, request{Op: opHold, Key: path, Shared: shared}); err != nil {
		return nil, err
	}
	return func() error {
		_, err := c.call(context.WithoutCancel(ctx), request{Op: opRelease, Key: path, Shared: shared})
		if c.hung.Load() != nil {
			return nil // the child is dead, and its locks with it
		}
		return err
	}, nil
}

// Describe says which keyring this is: "secret-service at unix:path=/run/user/1000/bus".
func (c *Client) Describe() string { return c.what }

// End ends the child and does not wait for that: everything was read that was asked for, nothing was written, and nothing more will be
// asked. Close is to be called all the same.
func (c *Client) End() {
	<-c.started
	if c.child != nil {
		c.child.kill() // quicker than to have it end by itself
	}
}

// Close ends the child and waits for that. A call that is under way ends first, unless it hangs.
func (c *Client) Close() error {
	<-c.started
	if c.child == nil {
		return nil
	}
	if !c.opened.Load() {
		c.child.kill() // it has nothing to finish
	}
	return c.child.end(c.options.Deadline)
}

// call asks the child. If ctx ends first, the answer is left to whoever comes next.
func (c *Client) call(ctx context.Context, ask request) (reply, error) {
	if err := ctx.Err(); err != nil {
		return reply{}, c.failed(ask, context.Cause(ctx))
	}
	if <-c.started; c.failure != nil {
		return reply{}, c.failure
	}
	select {
	case <-c.turn:
	case <-ctx.Done():
		return reply{}, c.failed(ask, context.Cause(ctx))
	}
	type answer struct {
		reply reply
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		r, err := c.exchange(ask)
		c.turn <- struct{}{}
		done <- answer{r, err}
	}()
	select {
	case a := <-done:
		return a.reply, a.err
	case <-ctx.Done():
		return reply{}, c.failed(ask, context.Cause(ctx))
	}
}

// exchange asks the child and waits for the answer. The first time, the answer to what Begin asked comes before: the question is
// not kept back until then. A request without an operation only waits for that.
func (c *Client) exchange(ask request) (reply, error) {
	if c.opened.Load() {
		return c.answer(ask, ask)
	}
	if c.refusal != nil {
		return reply{}, c.refusal
	}
	if r, err := c.answer(c.opening(), ask); err != nil {
		c.refusal = err
		return r, err
	}
	c.opened.Store(true)
	if ask.Op == "" {
		return reply{}, nil
	}
	return c.answer(ask, request{})
}

// answer waits for an answer until the deadline, or as long as a person needs if the child says so. If there is something to send,
// it is sent before.
func (c *Client) answer(to, send request) (r reply, err error) {
	if hung := c.hung.Load(); hung != nil {
		return reply{}, hung
	}
	limit := c.options.Deadline
	if asksAnyTime(c.options.Backend) {
		limit = c.options.Patience
	}
	strike := func() {
		c.hung.CompareAndSwap(nil, &HangError{What: c.what, After: limit})
		c.child.kill()
	}
	timer := time.AfterFunc(limit, strike)
	defer func() { timer.Stop() }()
	if send.Op != "" {
		err = c.child.write(send)
	}
	for err == nil {
		r = reply{}
		if err = c.child.read(&r); err != nil || !r.Waiting {
			break
		}
		timer.Stop()
		if c.options.Waiting != nil {
			c.options.Waiting()
		}
		limit = c.options.Patience
		timer = time.AfterFunc(limit, strike)
	}
	if hung := c.hung.Load(); hung != nil {
		return reply{}, hung
	}
	if err != nil {
		return reply{}, c.failed(to, c.child.died(err))
	}
	if r.Failure != nil {
		return reply{}, c.refused(to, r.Failure)
	}
	return r, nil
}

// failed says what was being done.
func (c *Client) failed(ask request, err error) error {
	doing := map[string]string{"": "open", opOpen: "open", opGet: "read from", opMany: "read from", opView: "read from", opSet: "write to", opRemove: "remove from", opKeys: "list", opLocked: "look at"}[ask.Op]
	if doing == "" {
		doing = "lock"
	}
	return fmt.Errorf("%s %s: %w", doing, c.what, err)
}

// refused is what the child says went wrong.
func (c *Client) refused(ask request, f *failure) error {
	switch f.Kind {
	case kindNotFound:
		return notFound(ask.Key)
	case kindLocked:
		return &LockedError{Where: c.what}
	case kindNone:
		return &NoneError{Backend: c.options.Backend, Why: f.Text, Do: f.Do}
	case kindForeign:
		return &ForeignError{Key: f.Key, Where: c.what}
	}
	text := f.Text
	if said := c.child.said(); said != "" {
		text += " (" + strings.Join(strings.Fields(said), " ") + ")"
	}
	return c.failed(ask, errors.New(text))
}
