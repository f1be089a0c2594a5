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
