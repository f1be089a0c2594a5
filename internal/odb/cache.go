package odb

import (
	"container/list"
	"sync"
)

// cache keeps the contents that objects were lately made from. It is safe for concurrent use; contents are not changed.
type cache struct {
	mu    sync.Mutex
	held  int
	known map[place]*list.Element
	order list.List // of content, the latest used first
}

// place is where an object begins.
type place struct {
	pack   *pack
	offset uint64
}

type content struct {
	place
	kind Kind
	data []byte
}

// cacheSize bounds the cache in bytes. Reading the trees of a history one by one, newest first, reuses a few hundred of them.
const cacheSize = 16 << 20

func (c *cache) get(at place) (kind Kind, data []byte, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.known[at]
	if e == nil {
		return 0, nil, false
	}
	c.order.MoveToFront(e)
	found := e.Value.(content)
	return found.kind, found.data, true
}

// add hands data over to the cache.
func (c *cache) add(at place, kind Kind, data []byte) {
	if len(data) > cacheSize/2 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		c.known = map[place]*list.Element{}
	}
	if c.known[at] != nil {
		return
	}
	c.known[at] = c.order.PushFront(content{at, kind, data})
	c.held += cap(data)
	for c.held > cacheSize {
		oldest := c.order.Remove(c.order.Back()).(content)
		delete(c.known, oldest.place)
		c.held -= cap(oldest.data)
	}
}
