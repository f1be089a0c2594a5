package odb

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// plainPatch carries out a delta one byte at a time, as gitformat-pack(5) describes it.
func plainPatch(base, in []byte) (out []byte, err error) {
	next := func() (b byte) {
		if len(in) == 0 {
			err = errDeltaCut
			return 0
		}
		b, in = in[0], in[1:]
		return b
	}
	for len(in) > 0 && err == nil {
		op := next()
		if op == 0 {
			return nil, errDeltaCode
		}
		if op < 0x80 {
			for range op {
				out = append(out, next())
			}
			continue
		}
		from, n := 0, 0
		for bit := range 4 {
			if op>>bit&1 == 1 {
				from |= int(next()) << (8 * bit)
			}
		}
		for bit := range 3 {
			if op>>(4+bit)&1 == 1 {
				n |= int(next()) << (8 * bit)
			}
		}
		if n == 0 {
			n = 0x10000
		}
		if err == nil && from+n > len(base) {
			return nil, errDeltaRange
		}
		for i := range n {
			if err == nil {
				out = append(out, base[from+i])
			}
		}
	}
	return out, err
}

func FuzzPatch(f *testing.F) {
	f.Add([]byte("a base of some bytes"), append(copyOp(0, 6), 3, 'a', 'b', 'c'))
	f.Add([]byte("a base of some bytes"), append(copyOp(0, 6), copyOp(6, 4)...))
	f.Add(bytes.Repeat([]byte("x"), 70000), []byte{0x80, 0x81, 1, 0xff, 1, 2, 0, 0, 1, 1, 0})
	f.Add([]byte("cut"), []byte{0xff, 0})
	f.Fuzz(func(t *testing.T, base, delta []byte) {
		want, err := plainPatch(base, delta)
		if len(want) > 1<<22 {
			return
		}
		got := make([]byte, len(want))
		copies, gotErr := patch(got, base, delta, nil)
		if (err == nil) != (gotErr == nil) {
			t.Fatalf("patch: %v; want %v", gotErr, err)
		}
		if err != nil {
			return
		}
		if !bytes.Equal(got, want) || checkDelta(uint64(len(want)), delta) != nil {
			t.Fatal("patch gives another result")
		}
		if err := checkCopies(&Object{Data: got, BaseData: base, Copies: copies}); err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{len(want) - 1, len(want) + 1} {
			if size < 0 {
				continue
			}
			if _, err := patch(make([]byte, size), base, delta, nil); err == nil {
				t.Fatalf("a result of %d bytes is said to have %d", len(want), size)
			}
		}
	})
}

func FuzzDeltaSizes(f *testing.F) {
	f.Add(deltaHead(5, 1<<40))
	f.Fuzz(func(t *testing.T, delta []byte) {
		base, result, rest, err := deltaSizes(delta)
		if err == nil && (len(rest) >= len(delta) || base>>63 != 0 || result>>63 != 0) {
			t.Fatalf("%d, %d, %d bytes left", base, result, len(rest))
		}
	})
}

// samplePack has a bit of everything.
func samplePack(size int) *packFile {
	p := newPackFile(size)
	base := p.whole(Blob, "something to start from, and long enough")
	last := base
	for range 5 {
		last = p.insertion(last, "more ")
	}
	p.refDelta(p.id(base), Blob, "some", append(deltaHead(40, 4), copyOp(0, 4)...))
	p.whole(Tree, "")
	p.whole(Commit, "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\nmessage")
	return p
}

func FuzzEntry(f *testing.F) {
	packed, idx := samplePack(20).files()
	for at := range 60 {
		f.Add(packed, uint64(at))
	}
	x := &index{mapping: mapping{data: idx}}
	if err := x.parse(20); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte, offset uint64) {
		e, err := (&pack{index: x, body: data[:len(data):len(data)]}).entry(offset)
		if err != nil {
			return
		}
		if e.body <= int(offset) || e.body > len(data) || e.kind == offsetDelta && (e.base < packHead || e.base >= offset) {
			t.Fatalf("entry at %d: %+v", offset, e)
		}
	})
}

func FuzzIndex(f *testing.F) {
	for _, size := range []int{20, 32} {
		_, index := samplePack(size).files()
		f.Add(index, size == 32)
		f.Add(index[:len(index)-3], size == 32)
	}
	f.Fuzz(func(t *testing.T, data []byte, long bool) {
		size := 20
		if long {
			size = 32
		}
		x := &index{mapping: mapping{data: data}}
		if x.parse(size) != nil {
			return
		}
		x.check()
		found := 0
		for pos := range x.n {
			if at, ok := x.find(x.id(pos)); ok {
				found++
				if !bytes.Equal(x.id(at), x.id(pos)) {
					t.Fatalf("find of the id at %d gives %d", pos, at)
				}
			}
			if offset := x.offset(pos); offset > 1<<63 {
				t.Fatalf("offset %d", offset)
			}
			x.vouches(x.sum(pos), data)
		}
		if x.whole && found != x.n && ordered(&x.table) {
			t.Fatalf("%d of %d ids are found", found, x.n)
		}
		positions, offsets := x.byOffset()
		for i := range offsets {
			if offsets[i] != x.offset(int(positions[i])) || i > 0 && offsets[i-1] > offsets[i] {
				t.Fatalf("offsets are not in order at %d", i)
			}
		}
	})
}

func ordered(t *table) bool {
	for i := 1; i < t.n; i++ {
		if bytes.Compare(t.id(i-1), t.id(i)) > 0 {
			return false
		}
	}
	for b := range 256 {
		for i := t.fan[b]; i < t.fan[b+1]; i++ {
			if int(t.id(int(i))[0]) != b {
				return false
			}
		}
	}
	return true
}

func FuzzMultiIndex(f *testing.F) {
	f.Add(sampleMulti(f))
	packs := []*pack{{path: "pack-a.pack"}, {path: "pack-b.pack"}}
	f.Fuzz(func(t *testing.T, data []byte) {
		x := &multiIndex{mapping: mapping{data: data}}
		x.size, x.stride = 20, 20
		if x.parse(packs) != nil {
			return
		}
		x.whole()
		for pos := range x.n {
			x.find(x.id(pos))
			if p, offset := x.place(pos); p == nil && offset != 0 || offset > 1<<63 {
				t.Fatalf("place %v, %d", p, offset)
			}
		}
	})
}

// sampleMulti has git index two packs.
func sampleMulti(f *testing.F) []byte {
	f.Helper()
	git := func(args ...string) {
		if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
			f.Fatalf("git: %v\n%s", err, out)
		}
	}
	dir := f.TempDir()
	git("init", "-q", "--bare", dir)
	objects := filepath.Join(dir, "objects")
	samplePack(20).writeTo(f, objects, "pack-a")
	other := newPackFile(20)
	other.whole(Blob, "other")
	other.writeTo(f, objects, "pack-b")
	git("--git-dir="+dir, "multi-pack-index", "write")
	path := filepath.Join(objects, "pack", "multi-pack-index")
	data, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	return data
}

func FuzzLooseHeader(f *testing.F) {
	for _, s := range []string{"blob 3\x00abc", "tree 0\x00", "tag 01\x00", "blob +1\x00", "odd 1\x00", "blob", "blob 99999999999999999999\x00"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		kind, size, head, err := parseLooseHeader(data)
		if err == nil && string(data[:head]) != fmt.Sprintf("%s %d\x00", kind, size) {
			t.Fatalf("%q is read as %s of %d bytes", data[:head], kind, size)
		}
	})
}

func FuzzUnquote(f *testing.F) {
	f.Add(`"a\tb\303\244\"\\"`)
	f.Add(`"open`)
	f.Fuzz(func(t *testing.T, line string) {
		if !strings.HasPrefix(line, `"`) {
			return
		}
		if out, ok := unquote(line); ok && len(out) > len(line)-2 {
			t.Fatalf("%q gives %q", line, out)
		}
	})
}

// FuzzDatabase changes a pack and its index together: nothing may go wrong that is not told.
func FuzzDatabase(f *testing.F) {
	pack, index := samplePack(20).files()
	f.Add(pack, index)
	cut, _ := samplePack(20).files()
	f.Add(cut[:len(cut)/2], index)
	f.Fuzz(func(t *testing.T, pack, index []byte) {
		db, err := Open(Options{Dirs: []string{written(t, pack, index)}, Most: 1 << 16})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		seen := newRecorder()
		if err := db.Walk(t.Context(), WalkOptions{Workers: 2, Visitor: seen.visitor}); err != nil {
			t.Fatal(err)
		}
		for id, err := range seen.failed {
			checkNamed(t, id, err)
		}
		for id, o := range seen.objects {
			if kind, _ := kindOf([]byte(o.kind)); idOf(20, kind, o.data) != id {
				t.Fatalf("%s is shown with another content", id)
			}
		}
		for i := range uint32(db.Len()) {
			kind, data, err := db.Read(db.ID(i), nil)
			if err == nil && idOf(20, kind, string(data)) != db.ID(i) {
				t.Fatalf("Read %s gives another content", db.ID(i))
			}
			var corrupt *CorruptError
			if errors.As(err, &corrupt) {
				checkNamed(t, db.ID(i), err)
			}
			_, _, _ = db.Stat(db.ID(i))
		}
		db.fold, db.bases = 0, cache{}
		for i := range uint32(db.Len()) {
			if kind, data, err := db.Read(db.ID(i), nil); err == nil && idOf(20, kind, string(data)) != db.ID(i) {
				t.Fatalf("Read %s, folded, gives another content", db.ID(i))
			}
		}
	})
}
