package odb

import (
	"sync"
	"sync/atomic"
)

// hopeless remembers bases that are damaged and nowhere else to be had, so that each is looked for only once, however many
// objects are made from it. It is safe for concurrent use.
type hopeless struct {
	any   atomic.Bool
	mu    sync.Mutex
	known map[place]error
}

func (h *hopeless) get(at place) error {
	if !h.any.Load() {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.known[at]
}

func (h *hopeless) add(at place, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.known == nil {
		h.known = map[place]error{}
	}
	h.known[at] = err
	h.any.Store(true)
}

// forget gives everything another chance.
func (h *hopeless) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.known = nil
	h.any.Store(false)
}
