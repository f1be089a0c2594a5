package unpack

import (
	"context"
	"fmt"
)

// Limits bound what one outermost container may cost. A container that reaches one is left there, and that is told.
type Limits struct {
	Depth   int   // how many containers may lie in one another; a compressed tar counts as one
	Size    int64 // bytes that may come out of it, those of all levels added
	Ratio   int64 // how many times as many bytes may come out as went in, once ratioFrom bytes did
	Members int   // members, those of all levels added
	Memory  int64 // bytes that are held of a member that cannot be read as a stream, at each level
}

// Deepest is the largest Limits.Depth that has an effect: each level has a buffer.
const Deepest = 32

// ratioFrom is how many bytes may come out whatever went in: a small file of nothing but zeros is no bomb.
const ratioFrom = 64 << 20

// DefaultLimits are for a person who scans a tree that someone else may have made. Five levels are an image's archive, the archive of a
// layer, a distribution in it, the jar in that, and the jars that are packed in this one. Compressed text seldom gives more than 30
// times its size, deflate never more than 1,032 times.
func DefaultLimits() Limits {
	return Limits{Depth: 5, Size: 4 << 30, Ratio: 200, Members: 1_000_000, Memory: 128 << 20}
}

// Reason says of what kind an Error is.
type Reason int

// The reasons why something in a container was not looked at.
const (
	Damaged     Reason = iota // it is not what its format asks for, or ends early
	Encrypted                 // a password is needed
	Unsupported               // a method of compression that is not known here
	TooDeep                   // Limits.Depth
	TooLarge                  // Limits.Size
	TooDense                  // Limits.Ratio
	TooMany                   // Limits.Members
	NoMemory                  // Limits.Memory
	TimedOut                  // the deadline of Walk's context
	Unreadable                // reading the outermost container failed
)

// Error says why something in a container was not looked at.
type Error struct {
	Reason Reason
	Text   string
	err    error
}

// Error returns the text.
func (e *Error) Error() string { return e.Text }

// Unwrap returns the error of reading, for Unreadable.
func (e *Error) Unwrap() error { return e.err }

// final reports whether nothing more of the outermost container is looked at.
func (e *Error) final() bool {
	return e.Reason == TooLarge || e.Reason == TooDense || e.Reason == TooMany || e.Reason == TimedOut || e.Reason == Unreadable
}

func failf(reason Reason, format string, args ...any) *Error {
	return &Error{Reason: reason, Text: fmt.Sprintf(format, args...)}
}

func damagedf(format string, args ...any) *Error {
	return failf(Damaged, "damaged: "+format, args...)
}

// budget is what is left of an outermost container's limits.
type budget struct {
	ctx     context.Context // a walk is one call
	limits  Limits
	in      func() int64 // bytes that went in so far, or will at the most
	out     int64
	members int
	spent   *Error // the limit that was reached; nil: none
}

// charge counts bytes that came out.
func (b *budget) charge(n int64) error {
	b.out += n
	return b.check()
}

func (b *budget) check() error {
	switch {
	case b.spent != nil:
		return b.spent
	case b.ctx.Err() != nil:
		if cause := context.Cause(b.ctx); cause != nil {
			return b.late(cause)
		}
	case b.out > b.limits.Size:
		b.spent = failf(TooLarge, "more than %s come out of the container: what follows in it is left out", size(b.limits.Size))
	case b.out > ratioFrom && b.out/b.limits.Ratio > b.in():
		b.spent = failf(TooDense, "the container unpacks to more than %d times its size: what follows in it is left out", b.limits.Ratio)
	default:
		return nil
	}
	return b.spent
}

// late tells the end of a container's own time from that of the walk.
func (b *budget) late(cause error) error {
	if e, ok := cause.(*Error); ok {
		b.spent = e
		return e
	}
	return cause
}

// member counts one.
func (b *budget) member() error {
	if b.members++; b.members > b.limits.Members && b.spent == nil {
		b.spent = failf(TooMany, "more than %d members come out of the container: what follows in it is left out", b.limits.Members)
	}
	return b.check()
}

// size writes a number of bytes for people.
func size(n int64) string {
	const unit = 1024
	for _, u := range []struct {
		factor int64
		name   string
	}{{unit * unit * unit, "GiB"}, {unit * unit, "MiB"}, {unit, "KiB"}} {
		if n >= u.factor && n%u.factor == 0 {
			return fmt.Sprintf("%d %s", n/u.factor, u.name)
		}
	}
	return fmt.Sprintf("%d bytes", n)
}
