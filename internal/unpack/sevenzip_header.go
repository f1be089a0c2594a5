package unpack

import (
	"encoding/binary"
	"unicode/utf16"
)

// The ids of the parts of a 7z header (7zFormat.txt).
const (
	sevenEnd          = 0x00
	sevenHeaderID     = 0x01
	sevenProperties   = 0x02
	sevenExtraStreams = 0x03
	sevenMainStreams  = 0x04
	sevenFiles        = 0x05
	sevenPackInfo     = 0x06
	sevenUnpackInfo   = 0x07
	sevenSubStreams   = 0x08
	sevenSize         = 0x09
	sevenCRC          = 0x0a
	sevenFolders      = 0x0b
	sevenUnpackSize   = 0x0c
	sevenNumStreams   = 0x0d
	sevenEmptyStream  = 0x0e
	sevenNames        = 0x11
	sevenPackedHeader = 0x17
)

// sevenArchive is what the header of a 7z archive says.
type sevenArchive struct {
	packStart int64
	packed    []int64 // the sizes of the packed streams
	starts    []int64 // where these start, from packStart on
	folders   []sevenFolder
	names     []string
	empty     []bool // which files have no content
}

// sevenFolder is a stream that holds members one after the other.
type sevenFolder struct {
	coders  []sevenCoder
	binds   [][2]int // which input comes from which output
	inputs  []int    // the inputs that are packed streams
	sizes   []int64  // of the outputs
	sum     uint32
	summed  bool
	first   int // the first of its packed streams
	members []sevenMember
}

// sevenCoder is one step of unpacking.
type sevenCoder struct {
	id      string
	ins     int
	outs    int
	props   []byte
	firstIn int
}

// sevenMember is a part of a folder's stream.
type sevenMember struct {
	file   int
	size   int64
	sum    uint32
	summed bool
}

// size returns how many bytes come out of a folder: those of the output that is no input.
func (f *sevenFolder) size() int64 {
	if main := f.main(); main >= 0 && main < len(f.sizes) {
		return f.sizes[main]
	}
	return 0
}

func (f *sevenFolder) main() int {
	for out := len(f.sizes) - 1; out >= 0; out-- {
		bound := false
		for _, b := range f.binds {
			bound = bound || b[1] == out
		}
		if !bound {
			return out
		}
	}
	return -1
}

// name returns the name of a file.
func (a *sevenArchive) name(file int) string {
	if file >= 0 && file < len(a.names) {
		return a.names[file]
	}
	return "content"
}

// sevenParser reads a header. After something that makes no sense every read gives nothing.
type sevenParser struct {
	b    []byte
	most int // members that there can be: each has a name
	bad  bool
}

func (p *sevenParser) take(n int) []byte {
	if n < 0 || n > len(p.b) {
		p.bad, p.b = true, nil
		return nil
	}
	part := p.b[:n]
	p.b = p.b[n:]
	return part
}

func (p *sevenParser) byte() byte {
	if b := p.take(1); b != nil {
		return b[0]
	}
	return 0
}

// number reads a number: the bits that lead the first byte say how many bytes follow.
func (p *sevenParser) number() int64 {
	first := p.byte()
	var n uint64
	for i := range 8 {
		mask := byte(0x80) >> i
		if first&mask == 0 {
			n |= uint64(first&(mask-1)) << (8 * i)
			break
		}
		n |= uint64(p.byte()) << (8 * i)
	}
	if n > 1<<62 {
		p.bad, p.b = true, nil
		return 0
	}
	return int64(n)
}

// count reads how many of something follow. Each takes some part of a byte of what is there, so that a number that lies does not cost
// memory.
func (p *sevenParser) count() int {
	n := p.number()
	if n > 8*int64(len(p.b))+64 {
		p.bad, p.b = true, nil
		return 0
	}
	return int(n)
}

// bits reads n bits.
func (p *sevenParser) bits(n int) []bool {
	raw := p.take((n + 7) / 8)
	if p.bad {
		return nil
	}
	list := make([]bool, n)
	for i := range list {
		list[i] = raw[i/8]&(0x80>>(i%8)) != 0
	}
	return list
}

// sums reads checksums: which of n there are, and then these.
func (p *sevenParser) sums(n int) (have []bool, sums []uint32) {
	if p.byte() == 0 {
		have = p.bits(n)
	} else if n <= len(p.b)/4 {
		have = make([]bool, n)
		for i := range have {
			have[i] = true
		}
	} else {
		p.bad = true
	}
	sums = make([]uint32, len(have))
	for i := range have {
		if b := []byte(nil); have[i] {
			if b = p.take(4); b != nil {
				sums[i] = binary.LittleEndian.Uint32(b)
			}
		}
	}
	return have, sums
}

// readSeven reads a header. packed: what it says is where the real one is.
func readSeven(header []byte) (a *sevenArchive, packed bool, err error) {
	p := &sevenParser{b: header, most: len(header)}
	a = new(sevenArchive)
	switch p.byte() {
	case sevenPackedHeader:
		p.streams(a)
		packed = true
	case sevenHeaderID:
		p.header(a)
	default:
		p.bad = true
	}
	if p.bad {
		return nil, false, damagedf("the header of a 7z archive makes no sense")
	}
	return a, packed, nil
}

func (p *sevenParser) header(a *sevenArchive) {
	for !p.bad {
		switch p.byte() {
		case sevenEnd:
			a.assign()
			return
		case sevenProperties:
			for !p.bad && p.byte() != sevenEnd {
				p.take(p.count())
			}
		case sevenExtraStreams:
			p.streams(new(sevenArchive))
		case sevenMainStreams:
			p.streams(a)
		case sevenFiles:
			p.files(a)
		default:
			p.bad = true
		}
	}
}

// streams reads where the packed streams are and what comes out of them.
func (p *sevenParser) streams(a *sevenArchive) {
	parted := false
	for !p.bad {
		switch p.byte() {
		case sevenEnd:
			if !parted {
				a.whole()
			}
			return
		case sevenPackInfo:
			p.packInfo(a)
		case sevenUnpackInfo:
			p.unpackInfo(a)
		case sevenSubStreams:
			p.subStreams(a)
			parted = true
		default:
			p.bad = true
		}
	}
}

func (p *sevenParser) packInfo(a *sevenArchive) {
	a.packStart = p.number()
	n := p.count()
	for !p.bad {
		switch p.byte() {
		case sevenEnd:
			return
		case sevenSize:
			at := int64(0)
			for range n {
				size := p.number()
				a.packed, a.starts = append(a.packed, size), append(a.starts, at)
				if at += size; at < 0 {
					p.bad = true
					return
				}
			}
		case sevenCRC:
			p.sums(n)
		default:
			p.bad = true
		}
	}
}

func (p *sevenParser) unpackInfo(a *sevenArchive) {
	for !p.bad {
		switch p.byte() {
		case sevenEnd:
			return
		case sevenFolders:
			n := p.count()
			if p.byte() != 0 { // they are elsewhere: no program writes that
				p.bad = true
			}
			for i := 0; i < n && !p.bad; i++ {
				a.folders = append(a.folders, p.folder())
			}
		case sevenUnpackSize:
			for i := range a.folders {
				for range a.folders[i].outs() {
					a.folders[i].sizes = append(a.folders[i].sizes, p.number())
				}
			}
		case sevenCRC:
			have, sums := p.sums(len(a.folders))
			for i := range have {
				a.folders[i].summed, a.folders[i].sum = have[i], sums[i]
			}
		default:
			p.bad = true
		}
	}
}

func (f *sevenFolder) outs() (n int) {
	for _, c := range f.coders {
		n += c.outs
	}
	return n
}

// folder reads how a folder is packed.
func (p *sevenParser) folder() (f sevenFolder) {
	const most = 32 // 7-Zip's own limit
	n := p.count()
	ins, outs := 0, 0
	if n < 1 || n > most {
		p.bad = true
	}
	for i := 0; i < n && !p.bad; i++ {
		flags := p.byte()
		c := sevenCoder{id: string(p.take(int(flags & 0x0f))), ins: 1, outs: 1, firstIn: ins}
		if flags&0x10 != 0 {
			c.ins, c.outs = p.count(), p.count()
		}
		if flags&0x20 != 0 {
			c.props = p.take(p.count())
		}
		if c.ins > most || c.outs != 1 || flags&0x80 != 0 {
			p.bad = true
		}
		ins, outs = ins+c.ins, outs+c.outs
		f.coders = append(f.coders, c)
	}
	for i := 0; i < outs-1 && !p.bad; i++ {
		f.binds = append(f.binds, [2]int{int(p.number()), int(p.number())})
	}
	switch packed := ins - (outs - 1); {
	case packed == 1:
		f.inputs = []int{f.freeInput(ins)}
	default:
		for i := 0; i < packed && !p.bad; i++ {
			f.inputs = append(f.inputs, int(p.number()))
		}
	}
	return f
}

// freeInput returns the input that no output goes into.
func (f *sevenFolder) freeInput(ins int) int {
	for in := range ins {
		bound := false
		for _, b := range f.binds {
			bound = bound || b[0] == in
		}
		if !bound {
			return in
		}
	}
	return 0
}

// whole makes each folder one member.
func (a *sevenArchive) whole() {
	for i := range a.folders {
		f := &a.folders[i]
		f.members = []sevenMember{{size: f.size(), sum: f.sum, summed: f.summed}}
	}
}

// subStreams reads how the folders' streams are cut into members.
func (p *sevenParser) subStreams(a *sevenArchive) {
	a.whole()
	id := p.byte()
	if id == sevenNumStreams {
		total := 0
		for i := range a.folders {
			f, n := &a.folders[i], p.count()
			if total += n; total > p.most {
				p.bad = true
			}
			if n != 1 && !p.bad {
				f.members = make([]sevenMember, n)
			}
		}
		id = p.byte()
	}
	if id == sevenSize {
		for i := range a.folders {
			p.parts(&a.folders[i])
		}
		id = p.byte()
	}
	if id == sevenCRC {
		var unknown []*sevenMember
		for i := range a.folders {
			f := &a.folders[i]
			for k := range f.members {
				if m := &f.members[k]; !m.summed {
					unknown = append(unknown, m)
				}
			}
		}
		have, sums := p.sums(len(unknown))
		for i := range have {
			unknown[i].summed, unknown[i].sum = have[i], sums[i]
		}
		id = p.byte()
	}
	p.bad = p.bad || id != sevenEnd
}

// parts reads the sizes of a folder's members; the last one has the rest.
func (p *sevenParser) parts(f *sevenFolder) {
	left := f.size()
	for k := range f.members {
		if k < len(f.members)-1 {
			f.members[k].size = p.number()
		} else {
			f.members[k].size = left
		}
		if left -= f.members[k].size; left < 0 {
			p.bad = true
		}
	}
}

// files reads names, and which files have no content.
func (p *sevenParser) files(a *sevenArchive) {
	n := p.count()
	for !p.bad {
		id := p.byte()
		if id == sevenEnd {
			return
		}
		part := &sevenParser{b: p.take(int(min(p.number(), int64(len(p.b))+1)))}
		switch id {
		case sevenEmptyStream:
			a.empty = part.bits(n)
		case sevenNames:
			if part.byte() == 0 {
				a.names = utf16Names(part.b)
			}
		}
		p.bad = p.bad || part.bad
	}
}

// utf16Names reads names in UTF-16, each with a zero behind it.
func utf16Names(b []byte) (names []string) {
	var name []uint16
	for ; len(b) >= 2; b = b[2:] {
		if c := binary.LittleEndian.Uint16(b); c != 0 {
			name = append(name, c)
			continue
		}
		names = append(names, string(utf16.Decode(name)))
		name = name[:0]
	}
	return names
}

// assign gives each member its file: the next one that has content.
func (a *sevenArchive) assign() {
	file, stream := 0, 0
	for i := range a.folders {
		f := &a.folders[i]
		f.first = stream
		stream += len(f.inputs)
		for k := range f.members {
			for file < len(a.empty) && a.empty[file] {
				file++
			}
			f.members[k].file = file
			file++
		}
	}
}
