package unpack

import (
	"bytes"
	"errors"
	"slices"
)

// deepestChain is how many differences may build upon each other: git makes 4,095 at most.
const deepestChain = 4095

// trees reads all trees, so that the blobs have names.
func (p *gitPack) trees() error {
	return p.roots(func(kind byte) bool { return kind == packTree }, func(kind byte, id string, data []byte) error {
		p.note(id, data)
		return nil
	})
}

// members hands over everything else, and tells what cannot be read.
func (p *gitPack) members() error {
	err := p.roots(func(kind byte) bool { return kind != packTree }, func(kind byte, id string, data []byte) error {
		return p.hand(kind, id, content{at: bytes.NewReader(data), size: int64(len(data))})
	})
	if err != nil {
		return err
	}
	for i := range p.entries {
		e := &p.entries[i]
		if e.done {
			continue
		}
		why := failf(Unsupported, "it is stored as a difference to an object that could not be read")
		if e.kind == packRef && p.lacks(e.base) {
			why = failf(Unsupported, "it is stored as a difference to an object that the bundle does not hold, %s", shortID(e.base))
		}
		p.left(join(p.path, place(e.offset)), why)
	}
	return nil
}

func (p *gitPack) lacks(id string) bool {
	_, ok := p.byID[id]
	return !ok
}

// hand hands over an object.
func (p *gitPack) hand(kind byte, id string, c content) error {
	name := p.name(id, kind)
	return p.visit(join(p.path, name), name, c, p.depth)
}

// roots goes through the entries that are no differences, of some kinds, and what builds upon them.
func (p *gitPack) roots(wanted func(byte) bool, take taker) error {
	for i := range p.entries {
		e := &p.entries[i]
		if e.kind >= packOffset || e.done || !wanted(e.kind) {
			continue
		}
		e.done = true
		if err := p.root(int32(i), take); err != nil {
			var stop *stopped
			if errors.As(err, &stop) || asError(err).final() {
				return err
			}
			p.left(join(p.path, p.name(e.id, e.kind)), asError(err))
		}
	}
	return nil
}

// taker gets an object's kind, id and content.
type taker func(kind byte, id string, data []byte) error

// root goes through one of them. A blob on which nothing builds is never held.
func (p *gitPack) root(i int32, take taker) error {
	e := &p.entries[i]
	if e.kind != packTree && len(p.children[i]) == 0 && len(p.waiting[e.id]) == 0 {
		r, err := p.stream(e)
		if err != nil {
			return err
		}
		return p.hand(e.kind, e.id, content{r: r, size: e.size})
	}
	data, err := p.read(e)
	if err != nil {
		return err
	}
	if err := take(e.kind, e.id, data); err != nil {
		return err
	}
	return p.above(i, &grown{e.kind, e.id, data, 0}, take)
}

// grown is an object in memory, and how many differences it was made of.
type grown struct {
	kind  byte
	id    string
	data  []byte
	chain int
}

// above goes through what builds upon an object, which is let go before the last of these: a long chain holds two contents.
func (p *gitPack) above(i int32, base *grown, take taker) error {
	if base.chain >= deepestChain {
		return nil // members tells that these were left
	}
	list := slices.Concat(p.children[i], p.waiting[base.id])
	delete(p.waiting, base.id) // an object may be there often
	size := int64(len(base.data))
	p.held += size
	defer func() { p.held -= size }()
	for n, i := range list {
		e := &p.entries[i]
		if e.done {
			continue
		}
		e.done = true
		next, err := p.grow(e, base)
		if n == len(list)-1 {
			base.data, p.held, size = nil, p.held-size, 0
		}
		if err == nil {
			err = take(next.kind, next.id, next.data)
		}
		if err == nil {
			err = p.above(i, next, take)
		}
		var stop *stopped
		if err != nil && (errors.As(err, &stop) || asError(err).final()) {
			return err
		}
		if err != nil {
			p.left(join(p.path, place(e.offset)), asError(err))
		}
	}
	return nil
}

// grow makes an object of its base and the difference to that.
func (p *gitPack) grow(e *packEntry, base *grown) (*grown, error) {
	delta, err := p.read(e)
	if err != nil {
		return nil, err
	}
	size, err := deltaSize(delta, len(base.data))
	if err != nil {
		return nil, err
	}
	if p.held+size > p.budget.limits.Memory {
		return nil, p.noMemory()
	}
	if err := p.budget.charge(size); err != nil {
		return nil, err
	}
	next := &grown{kind: base.kind, chain: base.chain + 1}
	next.data = applyDelta(make([]byte, 0, size), delta, base.data)
	sum := p.hash()
	objectStart(sum, next.kind, size)
	_, _ = sum.Write(next.data) // a hash takes everything
	next.id = string(sum.Sum(nil))
	return next, nil
}
