package odb

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"
)

// lies are packs that git would not make, each about one object that cannot be read. They get a good base to start from.
var lies = map[string]struct {
	make func(p *packFile, base int)
	want string // part of the error
}{
	"size of ten gigabytes": {func(p *packFile, _ int) {
		p.add(Blob, "lie", entryHead(Blob, 10<<30), deflated([]byte("lie")))
	}, "too large"},
	"size that is not there": {func(p *packFile, _ int) {
		p.add(Blob, "lie", entryHead(Blob, 900<<10), deflated([]byte("lie")))
	}, "is not true"},
	"size too small": {func(p *packFile, _ int) { p.add(Blob, "lie", entryHead(Blob, 2), deflated([]byte("lie"))) }, "more than the stated size"},
	"size too large": {func(p *packFile, _ int) { p.add(Blob, "lie", entryHead(Blob, 4), deflated([]byte("lie"))) }, "less than the stated size"},
	"size without an end": {func(p *packFile, _ int) {
		p.add(Blob, "lie", slices.Repeat([]byte{0xbf}, 20), deflated([]byte("lie")))
	}, "malformed"},
	"zip bomb": {func(p *packFile, _ int) {
		bomb := make([]byte, 200<<20)
		p.add(Blob, "lie", entryHead(Blob, len(bomb)), deflated(bomb))
	}, "too large"},
	"kind 0": {func(p *packFile, _ int) { p.add(Blob, "lie", entryHead(0, 3), deflated([]byte("lie"))) }, "malformed"},
	"kind 5": {func(p *packFile, _ int) { p.add(Blob, "lie", entryHead(5, 3), deflated([]byte("lie"))) }, "malformed"},
	"another content": {func(p *packFile, _ int) {
		p.objects[p.whole(Blob, "lie")].claim = idOf(p.size, Blob, "truth")
		p.data[len(p.data)-1] ^= 1 // after which the checksum of the content is wrong too
	}, "checksum"},
	"checksum of the content": {func(p *packFile, _ int) {
		p.whole(Blob, "lie")
		p.data[len(p.data)-2] ^= 1
	}, "checksum"},
	"no content": {func(p *packFile, _ int) { p.add(Blob, "lie", entryHead(Blob, 3)) }, "ends too early"},
	"delta result of ten gigabytes": {func(p *packFile, base int) {
		p.delta(base, "lie", append(deltaHead(len(p.objects[base].data), 10<<30), 3, 'l', 'i', 'e'))
	}, "too large"},
	"delta result that is not made": {func(p *packFile, base int) {
		p.delta(base, "lie", append(deltaHead(len(p.objects[base].data), 40<<20), 3, 'l', 'i', 'e'))
	}, "does not give the size"},
	"delta result that is too small": {func(p *packFile, base int) {
		p.delta(base, "lie", append(deltaHead(len(p.objects[base].data), 2), 3, 'l', 'i', 'e'))
	}, "does not give the size"},
	"delta for another base": {func(p *packFile, base int) {
		p.delta(base, "lie", append(deltaHead(len(p.objects[base].data)+1, 3), 3, 'l', 'i', 'e'))
	}, "another size"},
	"delta copies from nowhere": {func(p *packFile, base int) {
		p.delta(base, "lie", append(deltaHead(len(p.objects[base].data), 3), copyOp(len(p.objects[base].data)-1, 3)...))
	}, "outside of the base"},
	"delta copies from far away": {func(p *packFile, base int) {
		p.delta(base, "lie", append(deltaHead(len(p.objects[base].data), 3), copyOp(0xffffffff, 3)...))
	}, "outside of the base"},
	"delta with a reserved instruction": {func(p *packFile, base int) {
		p.delta(base, "lie", append(deltaHead(len(p.objects[base].data), 3), 0, 3, 'l', 'i', 'e'))
	}, "unknown instruction"},
	"delta cut off in text": {func(p *packFile, base int) {
		p.delta(base, "lie", append(deltaHead(len(p.objects[base].data), 3), 3, 'l'))
	}, "cut off"},
	"delta cut off in a copy": {func(p *packFile, base int) {
		p.delta(base, "lie", append(deltaHead(len(p.objects[base].data), 3), copyOp(0, 3)[:4]...))
	}, "cut off"},
	"delta cut off in its sizes": {func(p *packFile, base int) { p.delta(base, "lie", []byte{0x80}) }, "cut off"},
	"empty delta":                {func(p *packFile, base int) { p.delta(base, "lie", nil) }, "cut off"},
	"base before the pack": {func(p *packFile, _ int) {
		p.add(Blob, "lie", entryHead(offsetDelta, 9), distanceBytes(70), deflated(make([]byte, 9)))
	}, "outside of the pack"},
	"base in the middle of another": {func(p *packFile, base int) {
		back := len(p.data) - p.objects[base].offset - 1
		p.add(Blob, "lie", entryHead(offsetDelta, 9), distanceBytes(back), deflated(make([]byte, 9)))
	}, ""},
	"base is itself by offset": {func(p *packFile, _ int) {
		p.add(Blob, "lie", entryHead(offsetDelta, 9), distanceBytes(0), deflated(make([]byte, 9)))
	}, "outside of the pack"},
	"base is itself by id": {func(p *packFile, _ int) {
		p.refDelta(idOf(p.size, Blob, "lie"), Blob, "lie", append(deltaHead(3, 3), copyOp(0, 3)...))
	}, ""},
	"base is not there": {func(p *packFile, _ int) {
		p.refDelta(idOf(p.size, Blob, "nowhere"), Blob, "lie", append(deltaHead(7, 3), copyOp(0, 3)...))
	}, "not in the pack"},
	"two that are made from each other": {func(p *packFile, _ int) {
		p.refDelta(idOf(p.size, Blob, "lying"), Blob, "lie", append(deltaHead(5, 3), copyOp(0, 3)...))
		p.refDelta(idOf(p.size, Blob, "lie"), Blob, "lying", append(append(deltaHead(3, 5), copyOp(0, 3)...), 2, 'n', 'g'))
	}, "lead back to themselves"},
}

func TestLies(t *testing.T) {
	for name, lie := range lies {
		t.Run(name, func(t *testing.T) {
			p := newPackFile(20)
			base := p.whole(Blob, "something to start from, and long enough")
			p.whole(Tree, "")
			lie.make(p, base)
			bad := len(p.objects)
			last := p.insertion(base, "good ")
			want := map[string]stored{}
			for _, i := range []int{0, 1, last} {
				want[p.id(i).String()] = stored{p.objects[i].kind.String(), p.objects[i].data}
			}
			dir := p.database(t)
			out := look(t, dir, Options{}, want)
			if len(out.objects) != 3 || len(out.failed) != bad-2 {
				t.Errorf("%d objects were visited, %d failed", len(out.objects), len(out.failed))
			}
			for id, err := range out.failed {
				if !strings.Contains(err.Error(), lie.want) {
					t.Errorf("%s: %q is not in the error: %v", id, lie.want, err)
				}
			}
		})
	}
}

// TestWrongID checks that a content is not shown under an id that is not its own, if the index says so.
func TestWrongID(t *testing.T) {
	p := newPackFile(20)
	p.objects[p.whole(Blob, "lie")].claim = idOf(p.size, Blob, "truth")
	db := openDB(t, Options{Dirs: []string{p.database(t)}})
	if _, _, err := db.Read(idOf(p.size, Blob, "truth"), nil); err == nil || !strings.Contains(err.Error(), "another id") {
		t.Errorf("Read: %v", err)
	}
}

// TestTooLarge checks what happens to objects above the limit, and to those made from them.
func TestTooLarge(t *testing.T) {
	const most = 1 << 20
	p := newPackFile(20)
	large := strings.Repeat("0123456789abcdef", most/16+1)
	base := p.whole(Blob, large)
	small := p.delta(base, large[:100], append(deltaHead(len(large), 100), copyOp(0, 100)...))
	fits := p.whole(Blob, large[:most])
	grown := p.delta(fits, large[:most]+"!", append(append(deltaHead(most, most+1), copyOp(0, most)...), 1, '!'))
	db := openDB(t, Options{Dirs: []string{p.database(t)}, Most: most})
	seen := newRecorder()
	if err := db.Walk(t.Context(), WalkOptions{Visitor: seen.visitor}); err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{base, small, grown} {
		_, _, err := db.Read(p.id(i), nil)
		for _, err := range []error{err, seen.failed[p.id(i)]} {
			var e *TooLargeError
			if !errors.As(err, &e) || e.ID != p.id(i) || e.Kind != Blob || e.Size != int64(len(p.objects[i].data)) {
				t.Errorf("object %d of %d bytes: %v", i, len(p.objects[i].data), err)
			}
		}
		if kind, size, err := db.Stat(p.id(i)); err != nil || kind != Blob || size != int64(len(p.objects[i].data)) {
			t.Errorf("Stat of object %d: %s, %d, %v", i, kind, size, err)
		}
	}
	if _, ok := seen.objects[p.id(fits)]; !ok || len(seen.objects) != 1 {
		t.Errorf("%d objects were visited", len(seen.objects))
	}
}

// TestOutsideBase reads a delta whose base is in another pack.
func TestOutsideBase(t *testing.T) {
	p, q := newPackFile(20), newPackFile(20)
	base := p.whole(Blob, "the base of both")
	thin := q.refDelta(p.id(base), Blob, "the base", append(deltaHead(16, 8), copyOp(0, 8)...))
	q.insertion(thin, "more of ")
	dir := p.database(t)
	q.writeTo(t, dir, "pack-thin")
	want := map[string]stored{p.id(base).String(): {"blob", "the base of both"}}
	for i := range q.objects {
		want[q.id(i).String()] = stored{"blob", q.objects[i].data}
	}
	db := openDB(t, Options{Dirs: []string{dir}})
	compareReads(t, db, want)
	seen := newRecorder()
	if err := db.Walk(t.Context(), WalkOptions{Visitor: seen.visitor}); err != nil {
		t.Fatal(err)
	}
	seen.compare(t, want)
}

// TestManyLoops makes each object of a pack from the next, in one circle: finding that out takes little time for each.
func TestManyLoops(t *testing.T) {
	const n = 5000
	p := newPackFile(20)
	claim := func(i int) ID {
		raw := make([]byte, 20)
		binary.BigEndian.PutUint64(raw, uint64(i%n+1)*0x9e3779b97f4a7c15)
		return RawID(raw)
	}
	for i := range n {
		at := p.refDelta(claim(i+1), Blob, "", append(deltaHead(3, 3), copyOp(0, 3)...))
		p.objects[at].claim = claim(i)
	}
	out := look(t, p.database(t), Options{}, nil)
	if len(out.failed) != n {
		t.Errorf("%d of %d objects fail", len(out.failed), n)
	}
}
