//go:build linux

package acceptance

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// damaged is a copy of a repository that is to be damaged.
type damaged struct {
	*testing.T
	dir  string
	rand *rand.Rand
	h    *history
	// after makes of the damage what git cannot be asked about: it would wait for ever at a FIFO.
	after   func()
	endless bool     // git would fill the memory
	hit     []string // files
}

// damage is a kind of damage: what is done to which layout of a repository.
type damage struct {
	name   string
	layout string
	times  int // how often of 100
	do     func(d *damaged)
}

const (
	thePack  = "objects/pack/*.pack"
	theIndex = "objects/pack/*.idx"
	theMulti = "objects/pack/multi-pack-index"
	aLoose   = "objects/??/*"
)

var damages = []damage{
	{"bits of a pack", "offsets", 12, func(d *damaged) { d.flip(thePack) }},
	{"bits of a pack", "ids", 8, func(d *damaged) { d.flip(thePack) }},
	{"bits of one of several packs", "several packs", 4, func(d *damaged) { d.flip(thePack) }},
	{"bits of an index", "offsets", 8, func(d *damaged) { d.flip(theIndex) }},
	{"bits of a multi-pack-index", "several packs", 8, func(d *damaged) { d.flip(theMulti) }},
	{"bits of loose objects", "loose", 8, func(d *damaged) { d.flip(aLoose) }},
	{"a stretch of a pack", "offsets", 3, func(d *damaged) { d.edit(thePack, d.zeros) }},
	{"a stretch of an index", "offsets", 2, func(d *damaged) { d.edit(theIndex, d.zeros) }},
	{"truncated pack", "offsets", 4, func(d *damaged) { d.edit(thePack, d.truncate) }},
	{"truncated index", "ids", 3, func(d *damaged) { d.edit(theIndex, d.truncate) }},
	{"truncated multi-pack-index", "several packs", 3, func(d *damaged) { d.edit(theMulti, d.truncate) }},
	{"truncated loose object", "loose", 3, func(d *damaged) { d.edit(aLoose, d.truncate) }},
	{"garbage behind a pack", "offsets", 1, func(d *damaged) { d.edit(thePack, d.longer) }},
	{"garbage behind an index", "offsets", 1, func(d *damaged) { d.edit(theIndex, d.longer) }},
	{"garbage behind a multi-pack-index", "several packs", 1, func(d *damaged) { d.edit(theMulti, d.longer) }},
	{"garbage behind a loose object", "loose", 1, func(d *damaged) { d.edit(aLoose, d.longer) }},
	{"magic of a pack", "offsets", 1, func(d *damaged) { d.edit(thePack, func(b []byte) []byte { b[0]++; return b }) }},
	{"version of a pack", "offsets", 1, func(d *damaged) { d.edit(thePack, func(b []byte) []byte { b[7] = 9; return b }) }},
	{"version of an index", "ids", 1, func(d *damaged) { d.edit(theIndex, func(b []byte) []byte { b[7] = 9; return b }) }},
	{"magic of an index", "ids", 1, func(d *damaged) { d.edit(theIndex, func(b []byte) []byte { b[1]++; return b }) }},
	{"magic of a multi-pack-index", "several packs", 1, func(d *damaged) { d.edit(theMulti, func(b []byte) []byte { b[0]++; return b }) }},
	{"empty pack", "offsets", 1, func(d *damaged) { d.edit(thePack, empty) }},
	{"empty index", "offsets", 1, func(d *damaged) { d.edit(theIndex, empty) }},
	{"empty multi-pack-index", "several packs", 1, func(d *damaged) { d.edit(theMulti, empty) }},
	{"empty loose object", "loose", 1, func(d *damaged) { d.edit(aLoose, empty) }},
	{"missing pack", "several packs", 1, func(d *damaged) { d.remove(thePack) }},
	{"missing index", "several packs", 1, func(d *damaged) { d.remove(theIndex) }},
	{"missing loose object", "loose", 1, func(d *damaged) { d.remove(aLoose) }},
	{"index of another pack", "several packs", 2, (*damaged).swap},
	{"directory for a pack", "several packs", 1, func(d *damaged) { d.replace(thePack) }},
	{"directory for an index", "several packs", 1, func(d *damaged) { d.replace(theIndex) }},
	{"directory for a multi-pack-index", "several packs", 1, func(d *damaged) { d.replace(theMulti) }},
	{"directory for a loose object", "loose", 1, func(d *damaged) { d.replace(aLoose) }},
	{"FIFO for a pack", "several packs", 1, func(d *damaged) { d.fifo(thePack) }},
	{"FIFO for an index", "several packs", 1, func(d *damaged) { d.fifo(theIndex) }},
	{"FIFO for a multi-pack-index", "several packs", 1, func(d *damaged) { d.fifo(theMulti) }},
	{"FIFO for a loose object", "loose", 1, func(d *damaged) { d.fifo(aLoose) }},
	{"unreadable pack", "several packs", 1, func(d *damaged) { d.forbid(thePack) }},
	{"unreadable index", "several packs", 1, func(d *damaged) { d.forbid(theIndex) }},
	{"unreadable loose object", "loose", 1, func(d *damaged) { d.forbid(aLoose) }},
	{"size of ten gigabytes", "loose", 1, func(d *damaged) { d.lie(liar{size: 10 << 30}) }},
	{"size that is too small", "loose", 1, func(d *damaged) { d.lie(liar{size: 3}) }},
	{"size that is too large", "loose", 1, func(d *damaged) { d.lie(liar{size: 5000}) }},
	{"zip bomb", "loose", 1, func(d *damaged) { d.lie(liar{size: 100 << 20, data: make([]byte, 100<<20)}) }},
	{"zip bomb of little size", "loose", 1, func(d *damaged) { d.lie(liar{size: 100, data: make([]byte, 100<<20)}) }},
	{"delta of itself", "loose", 1, func(d *damaged) { d.lie(liar{loop: 1}) }},
	{"deltas in a circle", "loose", 1, func(d *damaged) { d.lie(liar{loop: 3}) }},
	{"delta of nothing", "loose", 1, func(d *damaged) { d.lie(liar{base: strings.Repeat("ab", 20)}) }},
}

// edit changes one of the files.
func (d *damaged) edit(pattern string, change func([]byte) []byte) {
	path := d.pick(pattern)
	data, err := os.ReadFile(path)
	must(d, err)
	d.write(path, change(data))
}

func (d *damaged) pick(pattern string) string {
	list := files(d.T, d.dir, pattern)
	path := list[d.rand.IntN(len(list))]
	d.hit = append(d.hit, path)
	return path
}

func (d *damaged) write(path string, data []byte) {
	_ = os.Remove(path) // git makes them read-only
	must(d, os.WriteFile(path, data, 0o600))
}

// flip flips a few bits. Of loose objects it does so in several files.
func (d *damaged) flip(pattern string) {
	for range 1 + d.rand.IntN(3) {
		d.edit(pattern, func(b []byte) []byte {
			b[d.rand.IntN(len(b))] ^= 1 << d.rand.IntN(8)
			return b
		})
	}
}

func (d *damaged) zeros(b []byte) []byte {
	at := d.rand.IntN(len(b))
	clear(b[at:min(len(b), at+1+d.rand.IntN(200))])
	return b
}

func (d *damaged) truncate(b []byte) []byte { return b[:d.rand.IntN(len(b))] }
func (d *damaged) longer(b []byte) []byte   { return append(b, make([]byte, 1+d.rand.IntN(3000))...) }
func empty([]byte) []byte                   { return nil }

func (d *damaged) remove(pattern string) { must(d, os.Remove(d.pick(pattern))) }

func (d *damaged) replace(pattern string) {
	path := d.pick(pattern)
	must(d, os.Remove(path))
	must(d, os.Mkdir(path, 0o700))
}

// fifo takes a file away, and puts a FIFO in its place when git has been asked.
func (d *damaged) fifo(pattern string) {
	path := d.pick(pattern)
	must(d, os.Remove(path))
	d.after = func() { must(d, syscall.Mkfifo(path, 0o600)) }
}

func (d *damaged) forbid(pattern string) {
	path := d.pick(pattern)
	must(d, os.Chmod(path, 0))
}

// swap gives a pack the index of another.
func (d *damaged) swap() {
	must(d, os.Remove(files(d.T, d.dir, theMulti)[0]))
	list := files(d.T, d.dir, theIndex)
	from := d.rand.IntN(len(list))
	data, err := os.ReadFile(list[from])
	must(d, err)
	path := list[(from+1)%len(list)]
	d.hit = append(d.hit, path)
	d.write(path, data)
}

// A liar says what is wrong with an entry of a pack that git would not write.
type liar struct {
	size int    // that the entry's header claims
	data []byte // what is in it; nil: a few bytes
	loop int    // how many deltas are each other's bases
	base string // id of the base of a delta
}

// lie takes away a loose blob, or some, and puts a pack in their place that lies about them.
func (d *damaged) lie(l liar) {
	var blobs []string
	for _, id := range sortedIDs(d.h.objects) {
		if d.h.objects[id].kind == "blob" {
			blobs = append(blobs, id)
		}
	}
	d.rand.Shuffle(len(blobs), func(i, j int) { blobs[i], blobs[j] = blobs[j], blobs[i] })
	blobs = blobs[:max(1, l.loop)]
	d.endless = l.loop > 0
	entries := map[string][]byte{}
	for i, id := range blobs {
		must(d, os.Remove(filepath.Join(d.dir, "objects", id[:2], id[2:])))
		delta := append(binary.AppendUvarint(nil, 5), 5, 5, 'w', 'r', 'o', 'n', 'g')
		switch {
		case l.loop > 0:
			entries[id] = entryOf(refDelta, len(delta), blobs[(i+1)%len(blobs)], delta)
		case l.base != "":
			entries[id] = entryOf(refDelta, len(delta), l.base, delta)
		default:
			entries[id] = entryOf(blobEntry, l.size, "", slices.Concat([]byte("short"), l.data))
		}
	}
	pack, index := packOf(entries)
	path := filepath.Join(d.dir, "objects/pack/pack-"+strings.Repeat("12", 20))
	d.hit = append(d.hit, path+".pack")
	write := func() {
		d.write(path+".pack", pack)
		d.write(path+".idx", index)
	}
	if d.endless {
		d.after = write
	} else {
		write()
	}
}

const blobEntry, refDelta = 3, 7

// entryOf returns an entry of a pack (gitformat-pack(5)).
func entryOf(kind, size int, base string, data []byte) []byte {
	first := byte(kind<<4 | size&15)
	var b bytes.Buffer
	for size >>= 4; size > 0; size >>= 7 {
		b.WriteByte(first | 0x80)
		first = byte(size & 0x7f)
	}
	b.WriteByte(first)
	raw, _ := hex.DecodeString(base)
	b.Write(raw)
	w := zlib.NewWriter(&b)
	_, _ = w.Write(data)
	_ = w.Close()
	return b.Bytes()
}

// packOf returns a pack and its index of version 2.
func packOf(entries map[string][]byte) (pack, index []byte) {
	ids := make([]string, 0, len(entries))
	for id := range entries {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	pack = binary.BigEndian.AppendUint32([]byte("PACK\x00\x00\x00\x02"), uint32(len(ids)))
	var fanout [256]uint32
	var names, sums, offsets []byte
	for _, id := range ids {
		raw, _ := hex.DecodeString(id)
		for b := int(raw[0]); b < 256; b++ {
			fanout[b]++
		}
		names = append(names, raw...)
		sums = binary.BigEndian.AppendUint32(sums, crc32.ChecksumIEEE(entries[id]))
		offsets = binary.BigEndian.AppendUint32(offsets, uint32(len(pack)))
		pack = append(pack, entries[id]...)
	}
	sum := sha1.Sum(pack)
	pack = append(pack, sum[:]...)
	index = []byte("\xfftOc\x00\x00\x00\x02")
	for _, n := range fanout {
		index = binary.BigEndian.AppendUint32(index, n)
	}
	index = slices.Concat(index, names, sums, offsets, sum[:])
	sum = sha1.Sum(index)
	return pack, append(index, sum[:]...)
}
