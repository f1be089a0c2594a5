package inflate

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
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
	var d Decoder
	for _, pack := range append(packs(t), madePacks(t)...) {
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

// madePacks lets git make packs, compressed more and less, of several versions of this package's files.
func madePacks(t *testing.T) (packs []string) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	dir := filepath.Join(t.TempDir(), "repo")
	git(t, "", "init", "-q", dir)
	for _, version := range []string{"one", "another", "a third"} {
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			data = bytes.ReplaceAll(data, []byte("return"), []byte(version))
			if err := os.WriteFile(filepath.Join(dir, file), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		git(t, dir, "add", ".")
		git(t, dir, "-c", "user.name=N", "-c", "user.email=n@example.com", "commit", "-q", "-m", version)
	}
	for _, level := range []string{"0", "1", "9"} {
		git(t, dir, "-c", "pack.compression="+level, "repack", "-q", "-a", "-d", "-f")
		list, err := filepath.Glob(filepath.Join(dir, ".git/objects/pack/*.pack"))
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		base := filepath.Join(t.TempDir(), "pack")
		for _, ext := range []string{".pack", ".idx"} {
			if err := os.Link(strings.TrimSuffix(list[0], ".pack")+ext, base+ext); err != nil {
				t.Fatal(err)
			}
		}
		packs = append(packs, base+".pack")
	}
	return packs
}

func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %s: %v\n%s", args[0], err, out)
	}
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
		at := uint64(binary.BigEndian.Uint32(narrow[4*i:]))
		if at >= 1<<31 {
			at = binary.BigEndian.Uint64(wide[8*(at-1<<31):])
		}
		list = append(list, int(at))
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
