package secretscan

// Copy says that a content made by a delta has the bytes From to From+Len of its base at To.
type Copy = struct{ From, To, Len uint32 }

// Scanner scans contents that a source hands over on a goroutine of its own, and uses what it knows of the content that one was
// made from by a delta. It is for one goroutine; the traces it returns are for any number of them.
type Scanner interface {
	// Scan finds and files the candidates of b: exactly those that scanning the whole of it would find. b.Data holds all of it,
	// and need only be valid during the call. base is what Scan returned in the same run, from any of its Scanners, for the
	// content that copies copy from; nil if there is none. The copies are in the order of To, do not overlap there, and lie within
	// both contents. What Scan returns serves for the contents made from b; nil: they gain nothing from knowing b.
	Scan(b Blob, base *Trace, copies []Copy) *Trace
}

// Trace is what a scan of a content leaves for the contents that are made from it. It does not change.
type Trace struct{}

// tracer is a run's Scanner.
type tracer struct {
	run    *run
	reader *reader
}

// Scan implements Scanner.
func (t *tracer) Scan(b Blob, _ *Trace, _ []Copy) *Trace {
	b.Open = nil
	t.run.scan(t.reader, b)
	return nil
}
