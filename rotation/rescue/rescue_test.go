package rescue

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"keysweep/internal/testneed"
)

func label(request string) Label {
	return Label{Record: "aa11", Request: request, Ref: "prod/TOKEN", At: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestPlace(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state", "rescue")
	if found, err := List(dir); err != nil || found != nil {
		t.Fatalf("nothing there: %v, %v", found, err)
	}
	p, l := &Place{Dir: dir}, label("bb22")
	if _, err := p.Load(l); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("load: %v", err)
	}
	if err := p.Seal(l, []byte("x")); err == nil {
		t.Fatal("sealed without having been made ready")
	}
	must(t, p.Ready(l))
	must(t, p.Ready(l)) // again, by the next process
	if sealed, err := p.Load(l); sealed != nil || err != nil {
		t.Fatalf("empty: %q, %v", sealed, err)
	}
	want := bytes.Repeat([]byte("sealed\x00"), MaxSealed/7)
	must(t, p.Seal(l, want))
	if got, err := (&Place{Dir: dir}).Load(l); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	if err := p.Ready(l); !errors.Is(err, fs.ErrExist) {
		t.Fatalf("ready over what is there: %v", err)
	}
	if found, err := List(dir); err != nil || len(found) != 1 || !found[0].Sealed || found[0].Err != nil || found[0].Label != l {
		t.Fatalf("%+v, %v", found, err)
	}
	info, err := os.Stat(p.Path(l))
	must(t, err)
	if info.Size() != Size || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%d bytes, %v", info.Size(), info.Mode())
	}
	must(t, p.Remove(l))
	must(t, p.Remove(l))
	if found, err := List(dir); err != nil || len(found) != 0 {
		t.Errorf("%+v, %v", found, err)
	}
}

// TestReadyCleans wants what killed processes left to go, and only that.
func TestReadyCleans(t *testing.T) {
	p := &Place{Dir: t.TempDir()}
	must(t, p.Ready(label("left1")))
	must(t, p.Ready(label("left2")))
	other := Label{Record: "cc33", Request: "left3", Ref: "x"}
	must(t, p.Ready(other))
	must(t, p.Ready(label("full")))
	must(t, p.Seal(label("full"), []byte("value")))
	temp := filepath.Join(p.Dir, ".aa11-left4.rescue.123.tmp")
	must(t, os.WriteFile(temp, nil, 0o600))
	must(t, p.Ready(label("new")))
	for path, want := range map[string]bool{p.Path(label("left1")): false, p.Path(label("left2")): false, temp: false,
		p.Path(other): true, p.Path(label("full")): true, p.Path(label("new")): true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
	}
}

func TestDamaged(t *testing.T) {
	p, l := &Place{Dir: t.TempDir()}, label("bb22")
	must(t, p.Ready(l))
	must(t, p.Seal(l, []byte("value")))
	whole, err := os.ReadFile(p.Path(l))
	must(t, err)
	for what, change := range map[string]func([]byte) []byte{
		"cut":            func(d []byte) []byte { return d[:len(d)-1] },
		"longer":         func(d []byte) []byte { return append(d, 0) },
		"another magic":  func(d []byte) []byte { d[0]++; return d },
		"another label":  func(d []byte) []byte { return bytes.Replace(d, []byte("bb22"), []byte("bb23"), 1) },
		"no label":       func(d []byte) []byte { return bytes.Replace(d, []byte(`{"`), []byte(`["`), 1) },
		"head":           func(d []byte) []byte { d[headSize-1] = 1; return d },
		"torn":           func(d []byte) []byte { clear(d[headSize+4 : headSize+8]); return d },
		"length":         func(d []byte) []byte { d[headSize+8] = 0xff; return d },
		"value":          func(d []byte) []byte { d[headSize+sealSize]++; return d },
		"behind":         func(d []byte) []byte { d[Size-1] = 1; return d },
		"bad identifier": func(d []byte) []byte { return bytes.Replace(d, []byte("aa11"), []byte("a/11"), 1) },
	} {
		must(t, os.WriteFile(p.Path(l), change(bytes.Clone(whole)), 0o600))
		if sealed, err := p.Load(l); !errors.Is(err, ErrDamaged) || sealed != nil {
			t.Errorf("%s: %q, %v", what, sealed, err)
		}
		found, err := List(p.Dir)
		if err != nil || len(found) != 1 || !errors.Is(found[0].Err, ErrDamaged) || found[0].Label != (Label{Record: l.Record, Request: l.Request}) {
			t.Errorf("%s: %+v, %v", what, found, err)
		}
	}
	must(t, p.Ready(l)) // what cannot be read is in nobody's way
	must(t, p.Seal(l, []byte("value")))
}

func TestNotRegular(t *testing.T) {
	p, l := &Place{Dir: t.TempDir()}, label("bb22")
	must(t, os.Mkdir(p.Path(l), 0o700))
	if _, err := p.Load(l); !errors.Is(err, ErrDamaged) {
		t.Errorf("a directory: %v", err)
	}
}

// TestTakenAway wants a file that is no longer there not to be taken for a safe place.
func TestTakenAway(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a file that is open cannot be removed there")
	}
	p, l := &Place{Dir: t.TempDir()}, label("bb22")
	must(t, p.Ready(l))
	must(t, os.Remove(p.Path(l)))
	if err := p.Seal(l, []byte("value")); err == nil {
		t.Error("sealed into a file that has no name any more")
	}
	must(t, os.WriteFile(p.Path(l), nil, 0o600))
	if err := p.Seal(l, []byte("value")); err == nil {
		t.Error("sealed into a file that is not the one")
	}
}

// TestFullDisk fills a disk after the file was made ready: what is sealed finds its room.
func TestFullDisk(t *testing.T) {
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		t.Skip("needs root on Linux, to mount a small file system")
	}
	mount := testneed.Program(t, "mount")
	disk := t.TempDir()
	if out, err := exec.Command(mount, "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk).CombinedOutput(); err != nil {
		testneed.Missing(t, "to mount a file system, which cannot be done here: %v: %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", disk).Run() })
	p, l := &Place{Dir: filepath.Join(disk, "rescue")}, label("bb22")
	must(t, p.Ready(l))
	if err := os.WriteFile(filepath.Join(disk, "filler"), make([]byte, 1<<20), 0o600); err == nil {
		t.Fatal("the disk is not full")
	}
	want := bytes.Repeat([]byte{1}, MaxSealed)
	must(t, p.Seal(l, want))
	if got, err := p.Load(l); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if err := p.Ready(label("cc33")); err == nil {
		t.Error("another one is ready, and there is no room")
	}
	if found, err := List(p.Dir); err != nil || len(found) != 1 {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestSeal(t *testing.T) {
	key, err := NewKey()
	must(t, err)
	other, err := NewKey()
	must(t, err)
	value := []byte(strings.Repeat("nEw7", 500))
	to, err := Recipient(key)
	must(t, err)
	sealed, err := Seal(to, value)
	must(t, err)
	if bytes.Contains(sealed, value[:16]) || len(sealed) > MaxSealed {
		t.Errorf("%d bytes, in plain: %v", len(sealed), bytes.Contains(sealed, value[:16]))
	}
	if got, err := Open(key, sealed); err != nil || !bytes.Equal(got, value) {
		t.Errorf("open: %v", err)
	}
	if _, err := Open(other, sealed); err == nil {
		t.Error("opened with another key")
	}
	sealed[len(sealed)-1]++
	if _, err := Open(key, sealed); err == nil {
		t.Error("opened what was changed")
	}
	if _, err := Recipient([]byte("AGE-SECRET-KEY-nonsense")); err == nil || strings.Contains(err.Error(), "nonsense") {
		t.Errorf("%v", err)
	}
}

// FuzzParse wants no panic, and what is read to be written the same.
func FuzzParse(f *testing.F) {
	l := label("bb22")
	data, err := l.empty()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data[:300], []byte{})
	sealed, err := body([]byte("value"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data[:300], sealed)
	f.Add([]byte(magic+"{}\n"), []byte(sealMagic))
	f.Add([]byte(magic), []byte{1})
	f.Fuzz(func(t *testing.T, head, tail []byte) {
		data := make([]byte, Size)
		copy(data[:headSize], head)
		copy(data[headSize:], tail)
		l, sealed, err := parse(data)
		if err != nil {
			if !errors.Is(err, ErrDamaged) || sealed != nil {
				t.Fatalf("%q, %v", sealed, err)
			}
			return
		}
		if _, err := l.empty(); err != nil && !strings.Contains(err.Error(), "too long") {
			t.Fatal(err)
		}
		if sealed == nil {
			return
		}
		again, err := body(sealed)
		if err != nil || !bytes.Equal(again, bytes.TrimRight(data[headSize:], "\x00")) && !bytes.HasPrefix(data[headSize:], again) {
			t.Fatalf("%v", err)
		}
		if _, _, err := parse(data[:Size-1]); err == nil {
			t.Fatal("a part is taken for the whole")
		}
	})
}
