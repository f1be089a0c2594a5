package unpack_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"keysweep/internal/unpack"
)

// zstdSamples are contents that ask for each part of the format.
func zstdSamples(t testing.TB) map[string]string {
	t.Helper()
	own, err := os.ReadFile("zstd.go")
	must(t, err)
	random := make([]byte, 300_000)
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range random {
		random[i] = byte(rnd.Uint32())
	}
	few := make([]byte, 200_000)
	for i := range few {
		few[i] = "abcdefgh"[rnd.IntN(8)*rnd.IntN(2)]
	}
	return map[string]string{
		"empty": "", "one": "x", "zeros": string(make([]byte, 500_000)), "random": string(random), "few": string(few), "code": string(own),
		"codes": strings.Repeat(string(own), 40), "mixed": string(own) + string(random) + string(own) + string(few) + string(random[:1000]),
	}
}

// TestZstd reads what the real program packs, at all kinds of levels.
func TestZstd(t *testing.T) {
	for name, content := range zstdSamples(t) {
		dir := files(t, file{"x", content})
		for _, args := range []string{"-1", "-3", "-19", "--ultra -22", "--fast=5", "--no-check", "--long=27 -9", "-1 --no-content-size", "-5 --format=zstd --rsyncable"} {
			tool(t, dir, "sh", "-ec", "zstd -q -f "+args+" < x > x.zst")
			s := walk(t, "x.zst", read(t, dir, "x.zst"), unpack.DefaultLimits())
			if got := s.members["x"]; got != content[:min(len(content), len(got))] || len(got) < min(len(content), 1<<20) || len(s.errs)+len(s.left) > 0 {
				t.Errorf("%s, zstd %s: %d bytes, want %d; %v %v", name, args, len(got), len(content), s.errs, s.left)
			}
		}
	}
}

// FuzzZstd compares with the library that people use: what one reads the other reads the same, but for the frames that one of them
// refuses because of what no packer writes.
func FuzzZstd(f *testing.F) {
	for _, content := range zstdSamples(f) {
		for _, level := range []zstd.EncoderLevel{zstd.SpeedFastest, zstd.SpeedBestCompression} {
			w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(level), zstd.WithEncoderCRC(false))
			must(f, err)
			f.Add(w.EncodeAll([]byte(content[:min(len(content), 20_000)]), nil))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if unpack.Detect(data, "") != unpack.Zstd {
			return
		}
		theirs, err := zstd.NewReader(bytes.NewReader(data), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(1<<20), zstd.WithDecoderMaxMemory(1<<20))
		if err != nil {
			t.Fatal(err)
		}
		defer theirs.Close()
		want, theirErr := io.ReadAll(io.LimitReader(theirs, 1<<20))
		s := newSeen()
		limits := unpack.Limits{Depth: 1, Size: 8 << 20, Ratio: 1 << 20, Members: 10, Memory: 64 << 20}
		if err := unpack.Walk(context.Background(), unpack.Input{Name: "x.zst", Stream: bytes.NewReader(data)}, limits, s); err != nil {
			t.Fatal(err)
		}
		got, read := s.members["x"]
		if theirErr == nil && len(s.errs)+len(s.left) == 0 && read && got != string(want) {
			t.Errorf("%d bytes, want %d", len(got), len(want))
		}
		if theirErr != nil && !errors.Is(theirErr, zstd.ErrWindowSizeExceeded) && !errors.Is(theirErr, zstd.ErrDecoderSizeExceeded) && len(s.errs)+len(s.left) == 0 {
			t.Logf("they say %v", theirErr)
		}
	})
}
