package keyring

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// Serve is the child: it answers the requests on in until in or ctx ends, as they do with the parent. An item that is being
// written by then is written to its end, so that none is left in halves. environ is the environment of this process.
func Serve(ctx context.Context, in io.Reader, out io.Writer, environ []string) error {
	s := &server{out: out, environ: environ, holds: map[string]*held{}}
	requests, gone := make(chan request), make(chan struct{})
	go listen(ctx, bufio.NewReader(in), requests, gone)
	for {
		select {
		case <-gone:
			return nil
		case <-ctx.Done():
			return nil
		case ask := <-requests:
			if err := s.answer(ctx, ask, gone); err != nil {
				return err
			}
		}
	}
}

// listen hands on the requests, and closes gone when there will be no more.
func listen(ctx context.Context, in io.Reader, requests chan<- request, gone chan<- struct{}) {
	defer close(gone)
	for {
		var ask request
		if err := readFrame(in, &ask); err != nil {
			return
		}
		select {
		case requests <- ask:
		case <-ctx.Done():
			return
		}
	}
}

// answer does what is asked and says how it went. If nobody waits for that any more it ends, at once unless it is writing.
func (s *server) answer(ctx context.Context, ask request, gone <-chan struct{}) error {
	done := make(chan reply, 1)
	go func() {
		defer clear(ask.Data)
		done <- s.try(ctx, ask)
	}()
	select {
	case r := <-done:
		defer clear(r.Data)
		return s.say(r)
	case <-gone:
	case <-ctx.Done():
	}
	if ask.Op == opSet || ask.Op == opRemove {
		select {
		case <-done:
		case <-time.After(DefaultPatience):
		}
	}
	return nil
}

// server is what the child knows.
type server struct {
	mu      sync.Mutex // guards out
	out     io.Writer
	environ []string
	ring    ring
	prefix  string
	holds   map[string]*held
}

func (s *server) say(r reply) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return writeFrame(s.out, r)
}

// waits tells the parent that a person is asked something.
func (s *server) waits() error { return s.say(reply{Waiting: true}) }

// try does what is asked. The library takes what it gets over D-Bus to be of the right type, and panics if it is not.
func (s *server) try(ctx context.Context, ask request) (r reply) {
	defer func() {
		if p := recover(); p != nil {
			r = reply{Failure: &failure{Kind: kindOther, Text: fmt.Sprintf("it answered in a way that it should not: %v", p)}}
		}
	}()
	r, err := s.do(ctx, ask)
	if err != nil {
		return reply{Failure: s.describe(ask, err)}
	}
	return r
}

func (s *server) do(ctx context.Context, ask request) (r reply, err error) {
	switch ask.Op {
	case opOpen:
		s.prefix = ask.Prefix
		s.ring, err = openRing(ask, s.environ, s.waits)
		return r, err
	case opHold:
		return r, s.hold(ctx, ask.Key, ask.Shared)
	case opRelease:
		return r, s.release(ask.Key)
	}
	if s.ring == nil {
		return r, errors.New("it was not opened")
	}
	switch ask.Op {
	case opLocked:
		r.Locked, err = s.ring.locked()
	case opGet:
		r.Data, err = s.ring.get(s.prefix + ask.Key)
	case opMany:
		r.Many, err = s.many(ask.Keys)
	case opView:
		r.Many, err = s.view(ctx, ask.Key, ask.Keys)
	case opSet:
		err = s.ring.set(s.prefix+ask.Key, ask.Label, ask.Data)
	case opRemove:
		err = s.ring.remove(s.prefix + ask.Key)
	case opKeys:
		r.Keys, err = s.keys()
	default:
		err = errors.New("there is no operation " + ask.Op)
	}
	return r, err
}

// describe puts an error into words that the parent understands.
func (s *server) describe(ask request, err error) *failure {
	f := &failure{Kind: kindOther, Text: err.Error(), Key: ask.Key}
	var none *NoneError
	var foreign *ForeignError
	switch {
	case errors.As(err, &none):
		f.Kind, f.Text, f.Do = kindNone, none.Why, none.Do
	case errors.As(err, &foreign):
		f.Kind, f.Key = kindForeign, strings.TrimPrefix(foreign.Key, s.prefix)
	case errors.Is(err, errAbsent):
		f.Kind = kindNotFound
	case errors.Is(err, ErrLocked):
		f.Kind = kindLocked
	}
	return f
}
