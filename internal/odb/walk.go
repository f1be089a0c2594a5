package odb

import "context"

// Object is an object during Visitor.Visit.
type Object struct {
	ID       ID
	Index    uint32
	Kind     Kind
	Data     []byte // the content; only during Visit, and not to be changed
	Delta    bool   // it is stored as a delta, and its base is at hand: BaseData, Base and Copies are set
	BaseData []byte // the content of the base; only during Visit, and not to be changed
	Base     any    // what Visit returned for the base, perhaps on another goroutine; nil if that was not visited
	Copies   []Copy // what Data has from BaseData, ordered by To, adjacent ones joined; only during Visit
}

// Visitor receives the objects of one worker.
type Visitor interface {
	// Visit receives an object. What it returns is handed to it with the objects that are stored as a delta of this one; these
	// may be visited by several workers at the same time. An error ends the walk.
	Visit(o *Object) (carry any, err error)
	// Failed receives an object of which no copy can be read: err is a *CorruptError, a *TooLargeError or ErrMissing.
	Failed(id ID, index uint32, err error)
}

// WalkOptions says what a walk is about.
type WalkOptions struct {
	Workers int // goroutines; 0 means 1
	// Skip chooses objects that are not to be visited; nil: none. What no visited object needs is not even decompressed. It is
	// called once for each object, by one goroutine, before the first visit.
	Skip    func(index uint32, id ID, kind Kind) bool
	Visitor func(worker int) Visitor // called once for each worker
}

// Walk visits every object that has an index once, a base before its deltas.
func (db *DB) Walk(ctx context.Context, o WalkOptions) error {
	visitor := o.Visitor(0)
	var buf []byte
	for index := range uint32(db.Len()) {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		id := db.ID(index)
		kind, data, err := db.Read(id, buf)
		if err != nil {
			visitor.Failed(id, index, err)
			continue
		}
		buf = data
		if o.Skip != nil && o.Skip(index, id, kind) {
			continue
		}
		if _, err := visitor.Visit(&Object{ID: id, Index: index, Kind: kind, Data: data}); err != nil {
			return err
		}
	}
	return nil
}
