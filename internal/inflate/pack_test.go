package inflate_test

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"keysweep/internal/inflate"
)

// packsVariable names directories, divided as in PATH, below which the entries of all packs are decompressed, too.
const packsVariable = "KEYSWEEP_TEST_PACKS"

// entry is a stream of a pack: src begins with it, and goes on to the end of the pack.
type entry struct {
	kind int
	size int
	src  []byte
}

const ofsDelta, refDelta = 6, 7

func TestRealPacks(t *testing.T) {
	var d inflate.Decoder
	for _, pack := range packs(t) {
		entries := entries(t, pack)
		t.Logf("%s: %d streams", pack, len(entries))
		for _, e := range entries {
			if err := agree(t, &d, e.src, e.size); err != nil {
				t.Fatalf("%s: %v", pack, err)
			}
		}
	}
}

func packs(t testing.TB) (packs []string) {
	t.Helper()
	for _, dir := range filepath.SplitList(os.Getenv(packsVariable)) {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() && strings.HasSuffix(path, ".pack") {
				packs = append(packs, path)
			}
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return packs
}

// entries finds the streams of a pack with its version 2 index.
func entries(t testing.TB, pack string) (list []entry) {
	t.Helper()
	data, err := os.ReadFile(pack)
	if err != nil {
		t.Fatal(err)
	}
	index, err := os.ReadFile(strings.TrimSuffix(pack, ".pack") + ".idx")
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range offsets(index) {
		list = append(list, parseEntry(data[at:]))
	}
	return list
}

func offsets(index []byte) (list []int) {
	const header, fanout, id = 8, 4 * 256, 20
	n := int(binary.BigEndian.Uint32(index[header+fanout-4:]))
	narrow := index[header+fanout+n*(id+4):]
	wide := narrow[4*n:]
	for i := range n {
		at := int(binary.BigEndian.Uint32(narrow[4*i:]))
		if at >= 1<<31 {
			at = int(binary.BigEndian.Uint64(wide[8*(at-1<<31):]))
		}
		list = append(list, at)
	}
	slices.Sort(list)
	return list
}

func parseEntry(b []byte) entry {
	e := entry{kind: int(b[0] >> 4 & 7), size: int(b[0] & 15)}
	i := 0
	for shift := 4; b[i]&0x80 != 0; shift += 7 {
		i++
		e.size |= int(b[i]&0x7f) << shift
	}
	i++
	switch e.kind {
	case ofsDelta:
		for b[i]&0x80 != 0 {
			i++
		}
		i++
	case refDelta:
		i += 20
	}
	e.src = b[i:]
	return e
}
