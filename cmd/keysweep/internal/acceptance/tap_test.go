//go:build linux

package acceptance

import (
	"encoding/binary"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"keysweep/internal/testkeyring"
)

// tap stands between programs and a bus, passes on what they say, and knows how long they waited for answers: from when a question,
// or a connection, has come, until its answer is passed on.
type tap struct {
	mu    sync.Mutex
	calls int // that have no answer yet
	since time.Time
	total time.Duration
}

// tapped returns environ with the bus of a keyring, by way of a tap.
func tapped(t testing.TB, ring *testkeyring.Keyring, environ []string) (*tap, []string) {
	t.Helper()
	path := filepath.Join(ring.Dir, "tap")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	address, _, _ := strings.Cut(strings.TrimPrefix(ring.Address, "unix:path="), ",")
	between := &tap{}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			if bus, err := net.Dial("unix", address); err == nil {
				between.count(+1) // until its first message, which is a call
				go between.pass(bus, client, +1)
				go between.pass(client, bus, -1)
			}
		}
	}()
	return between, (&testkeyring.Keyring{Address: "unix:path=" + path, Dir: ring.Dir}).Environ(environ)
}

// waited returns how long, since it was last called, at least one call had no answer. No call may be under way.
func (t *tap) waited() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	waited := t.total
	t.total = 0
	return waited
}

// pass passes on what one side says until it says no more. by is what that does to the number of calls without an answer.
func (t *tap) pass(to, from net.Conn, by int) {
	defer func() { _ = errors.Join(to.Close(), from.Close()) }()
	var messages messages
	handshake := by > 0
	buffer := make([]byte, 1<<16)
	for {
		n, err := from.Read(buffer)
		if calls := messages.count(buffer[:n]); calls > 0 {
			t.count(by * calls)
			if handshake {
				t.count(-1)
				handshake = false
			}
		}
		if _, failed := to.Write(buffer[:n]); errors.Join(err, failed) != nil {
			return
		}
	}
}

func (t *tap) count(by int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if t.calls > 0 {
		t.total += now.Sub(t.since)
	}
	t.since = now
	t.calls += by
}

// messages finds where messages of D-Bus begin in a stream
// (https://dbus.freedesktop.org/doc/dbus-specification.html#message-protocol-messages).
type messages struct {
	head []byte // of a message, as far as it has come
	rest int    // bytes of the message that are still to come
}

const (
	headSize  = 16
	byteOrder = 'l' // little endian, as all programs here have it; the handshake has no such letter

	methodCall, methodReturn, methodError = 1, 2, 3
	noReply                               = 1
)

// count returns how many calls that want an answer, and answers, are in the next part of the stream.
func (m *messages) count(data []byte) (calls int) {
	for len(data) > 0 {
		n := min(len(data), m.rest)
		m.rest, data = m.rest-n, data[n:]
		switch {
		case len(data) == 0:
		case len(m.head) == 0 && data[0] != byteOrder:
			data = data[1:] // of the handshake
		default:
			n := min(len(data), headSize-len(m.head))
			m.head, data = append(m.head, data[:n]...), data[n:]
			if len(m.head) == headSize {
				calls += m.begin()
			}
		}
	}
	return calls
}

// begin reads the head of a message, which has come.
func (m *messages) begin() (calls int) {
	body, fields := binary.LittleEndian.Uint32(m.head[4:]), binary.LittleEndian.Uint32(m.head[12:])
	m.rest = int(body) + int(fields+7)&^7
	switch m.head[1] {
	case methodCall:
		if m.head[2]&noReply == 0 {
			calls = 1
		}
	case methodReturn, methodError:
		calls = 1
	}
	m.head = m.head[:0]
	return calls
}
