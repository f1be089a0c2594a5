package inflate

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"testing"
)

// FuzzZlib compares with compress/zlib on whatever bytes.
func FuzzZlib(f *testing.F) {
	r := rand.New(rand.NewPCG(5, 1))
	for _, kind := range kinds {
		for _, size := range []int{0, 5, 100, 700} {
			f.Add(compressed(f, kind(r, size), r.IntN(10)), uint16(size))
		}
	}
	var d Decoder
	f.Fuzz(func(t *testing.T, src []byte, size uint16) {
		if len(src) > 1 && src[1]&presetDictionary != 0 {
			if _, _, err := d.Zlib(make([]byte, size), src); err == nil {
				t.Fatal("a stream with a preset dictionary was taken")
			}
			return
		}
		_ = agree(t, &d, src, int(size))
	})
}

// FuzzDeflate puts a header before blocks and the right checksum behind them, so that wrong blocks are not told by these.
func FuzzDeflate(f *testing.F) {
	r := rand.New(rand.NewPCG(5, 2))
	for _, kind := range kinds {
		for _, level := range []int{0, 1, 6, zlib.HuffmanOnly} {
			src := compressed(f, kind(r, 300), level)
			f.Add(src[2:len(src)-4], uint8(r.IntN(20)))
		}
	}
	var d Decoder
	f.Fuzz(func(t *testing.T, blocks []byte, behind uint8) {
		const most = 1 << 16
		source := bytes.NewReader(blocks)
		want, err := io.ReadAll(io.LimitReader(flate.NewReader(source), most+1))
		if len(want) > most {
			return
		}
		blocks = blocks[:len(blocks)-source.Len()]
		src := append([]byte{0x78, 0x9c}, blocks...)
		src = binary.BigEndian.AppendUint32(src, adler32(want))
		src = append(src, make([]byte, behind)...)
		if got := agree(t, &d, src, len(want)); err == nil && got != nil {
			t.Fatal(got)
		}
	})
}

// FuzzRoundTrip compresses contents and wants them back.
func FuzzRoundTrip(f *testing.F) {
	r := rand.New(rand.NewPCG(5, 3))
	for _, kind := range kinds {
		f.Add(kind(r, 400), uint8(r.IntN(12)), uint16(50), uint8(3))
	}
	var d Decoder
	f.Fuzz(func(t *testing.T, data []byte, level uint8, at uint16, wrong uint8) {
		src := compressed(t, data, int(level)%12-2)
		if err := agree(t, &d, src, len(data)); err != nil {
			t.Fatal(err)
		}
		if where := int(at) % len(src); where != 1 {
			src[where] ^= wrong
			_ = agree(t, &d, src, len(data))
		}
	})
}
