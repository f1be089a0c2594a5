package odb

import (
	"bytes"
	"cmp"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
)

func newRandom(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 2)) }

// packFile is a pack in the making, for packs that git would not make.
type packFile struct {
	size    int
	data    []byte
	objects []packed
}

type packed struct {
	kind   Kind
	data   string
	offset int
	claim  ID // the id that the index gives to it; zero: the true one
}

func newPackFile(size int) *packFile {
	return &packFile{size: size, data: []byte("PACK\x00\x00\x00\x02\x00\x00\x00\x00")}
}

var deflaters = sync.Pool{New: func() any { return zlib.NewWriter(nil) }}

func deflated(data []byte) []byte {
	var out bytes.Buffer
	w := deflaters.Get().(*zlib.Writer)
	defer deflaters.Put(w)
	w.Reset(&out)
	_, _ = w.Write(data)
	_ = w.Close()
	return out.Bytes()
}

// entryHead is the number and the size before an object.
func entryHead(kind Kind, size int) []byte {
	head := []byte{byte(kind)<<4 | byte(size&15)}
	for size >>= 4; size > 0; size >>= 7 {
		head[len(head)-1] |= 0x80
		head = append(head, byte(size&0x7f))
	}
	return head
}

// distanceBytes is how far before a delta its base begins.
func distanceBytes(back int) []byte {
	out := []byte{byte(back & 0x7f)}
	for back >>= 7; back > 0; back >>= 7 {
		back--
		out = append(out, byte(back&0x7f)|0x80)
	}
	slices.Reverse(out)
	return out
}

func (p *packFile) add(kind Kind, data string, entry ...[]byte) int {
	p.objects = append(p.objects, packed{kind: kind, data: data, offset: len(p.data)})
	for _, part := range entry {
		p.data = append(p.data, part...)
	}
	return len(p.objects) - 1
}

func (p *packFile) whole(kind Kind, data string) int {
	return p.add(kind, data, entryHead(kind, len(data)), deflated([]byte(data)))
}

// insertion adds an object that is another one with text put in the middle.
func (p *packFile) insertion(base int, text string) int {
	old := p.objects[base].data
	at := len(old) / 2
	delta := deltaHead(len(old), len(old)+len(text))
	delta = append(delta, copyOp(0, at)...)
	delta = append(append(delta, byte(len(text))), text...)
	delta = append(delta, copyOp(at, len(old)-at)...)
	return p.delta(base, old[:at]+text+old[at:], delta)
}

func (p *packFile) delta(base int, data string, delta []byte) int {
	back := len(p.data) - p.objects[base].offset
	return p.add(p.objects[base].kind, data, entryHead(offsetDelta, len(delta)), distanceBytes(back), deflated(delta))
}

func (p *packFile) refDelta(base ID, kind Kind, data string, delta []byte) int {
	return p.add(kind, data, entryHead(refDelta, len(delta)), base.AppendRaw(nil), deflated(delta))
}

func deltaHead(base, result int) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(nil, uint64(base)), uint64(result))
}

// copyOp copies n bytes, in several instructions if need be.
func copyOp(from, n int) (ops []byte) {
	for n > 0 {
		part := min(n, 0xffff)
		ops = append(ops, 0xbf, byte(from), byte(from>>8), byte(from>>16), byte(from>>24), byte(part), byte(part>>8))
		from, n = from+part, n-part
	}
	return ops
}

func (p *packFile) id(i int) ID {
	o := p.objects[i]
	if !o.claim.IsZero() {
		return o.claim
	}
	return idOf(p.size, o.kind, o.data)
}

func idOf(size int, kind Kind, data string) ID {
	digest := newDigest(size)
	digest.Write([]byte(kind.String() + " " + strconv.Itoa(len(data)) + "\x00" + data))
	return RawID(digest.Sum(nil))
}

// files returns the pack and its index.
func (p *packFile) files() (pack, index []byte) {
	binary.BigEndian.PutUint32(p.data[8:], uint32(len(p.objects)))
	pack = p.sealed(p.data)
	order, known := make([]int, len(p.objects)), make([]ID, len(p.objects))
	for i := range order {
		order[i], known[i] = i, p.id(i)
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(known[a].Compare(known[b]), a-b) })
	var fan [256]uint32
	var ids, crcs, offsets []byte
	for _, i := range order {
		end := len(p.data)
		if i+1 < len(p.objects) {
			end = p.objects[i+1].offset
		}
		raw := known[i].AppendRaw(nil)
		for b := int(raw[0]); b < 256; b++ {
			fan[b]++
		}
		ids = append(ids, raw...)
		crcs = binary.BigEndian.AppendUint32(crcs, crc32.ChecksumIEEE(p.data[p.objects[i].offset:end]))
		offsets = binary.BigEndian.AppendUint32(offsets, uint32(p.objects[i].offset))
	}
	index = []byte("\xfftOc\x00\x00\x00\x02")
	for _, n := range fan {
		index = binary.BigEndian.AppendUint32(index, n)
	}
	index = slices.Concat(index, ids, crcs, offsets, pack[len(pack)-p.size:])
	return pack, p.sealed(index)
}

func (p *packFile) sealed(data []byte) []byte {
	digest := newDigest(p.size)
	digest.Write(data)
	return digest.Sum(slices.Clone(data))
}

// database writes the pack into an object directory.
func (p *packFile) database(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	p.writeTo(t, dir, "pack-made")
	return dir
}

func (p *packFile) writeTo(t testing.TB, dir, name string) {
	t.Helper()
	pack, index := p.files()
	if err := os.MkdirAll(filepath.Join(dir, "pack"), 0o700); err != nil {
		t.Fatal(err)
	}
	for ext, data := range map[string][]byte{".pack": pack, ".idx": index} {
		if err := os.WriteFile(filepath.Join(dir, "pack", name+ext), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
