package testkeyring

import (
	"encoding/binary"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// Tap stands between programs and a bus, passes on what they say, and knows how long they waited for answers.
type Tap struct {
	mu      sync.Mutex
	now     func() time.Time
	waiting int // calls that have no answer yet
	since   time.Time
	total   time.Duration
}

// Tap returns environ with a bus that is the keyring's, by way of a Tap.
func (k *Keyring) Tap(t testing.TB, environ []string, now func() time.Time) (*Tap, []string) {
	t.Helper()
	path := filepath.Join(k.Dir, "tap")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	tap := &Tap{now: now}
	address, _, _ := strings.Cut(strings.TrimPrefix(k.Address, "unix:path="), ",")
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			if bus, err := net.Dial("unix", address); err == nil {
				go tap.pass(bus, client, +1)
				go tap.pass(client, bus, -1)
			}
		}
	}()
	return tap, (&Keyring{Address: "unix:path=" + path, Dir: k.Dir}).Environ(environ)
}

// Waited returns how long, since it was last called, at least one call had no answer. No call may be under way.
func (t *Tap) Waited() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	waited := t.total
	t.total = 0
	return waited
}

// pass passes on what one side says until it says no more. by is what that does to the number of calls without an answer.
func (t *Tap) pass(to, from net.Conn, by int) {
	defer func() { _ = errors.Join(to.Close(), from.Close()) }()
	var messages messages
	buffer := make([]byte, 1<<16)
	for {
		n, err := from.Read(buffer)
		if calls := messages.count(buffer[:n]); calls > 0 {
			t.count(by * calls)
		}
		if _, failed := to.Write(buffer[:n]); errors.Join(err, failed) != nil {
			return
		}
	}
}

func (t *Tap) count(by int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if t.waiting > 0 {
		t.total += now.Sub(t.since)
	}
	t.since = now
	t.waiting += by
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
