package unpack_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
	"testing"

	"keysweep/internal/unpack"
)

// small are limits that tests reach in no time.
func small() unpack.Limits {
	return unpack.Limits{Depth: 5, Size: 4 << 20, Ratio: 1 << 20, Members: 1000, Memory: 1 << 20}
}

// one reports whether exactly one thing was left, and why.
func (s *seen) one(t *testing.T, text string) {
	t.Helper()
	all := []string{}
	for _, m := range []map[string]string{s.left, s.errs} {
		for path, why := range m {
			all = append(all, path+": "+why)
		}
	}
	if len(all) != 1 || !strings.Contains(all[0], text) {
		t.Errorf("left %q, want one because of %q", all, text)
	}
}

func TestZerosWithoutEnd(t *testing.T) {
	zeros := make([]byte, 8<<20)
	dir := files(t, file{"zeros", string(zeros)})
	tool(t, dir, "sh", "-ec", "gzip -k zeros; bzip2 -k zeros; xz -k zeros; zstd -q -k zeros; zip -q zeros.zip zeros; 7zz a zeros.7z zeros; tar cJf zeros.tar.xz zeros")
	limits := small()
	limits.Memory = 64 << 20
	for _, name := range []string{"zeros.gz", "zeros.bz2", "zeros.xz", "zeros.zst", "zeros.zip", "zeros.7z", "zeros.tar.xz"} {
		data := read(t, dir, name)
		walk(t, name, data, limits).one(t, "more than 4 MiB come out")
		walkStream(t, name, data, limits).one(t, "more than 4 MiB come out")
	}
	big := bytes.Repeat(zeros, 9)
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	must(t, write(z.Create("zeros"))(string(big)))
	must(t, z.Close())
	walk(t, "zeros.zip", b.Bytes(), unpack.DefaultLimits()).one(t, "more than 200 times its size")
}

// TestZipsInZips is a small copy of the well-known zip of zips.
func TestZipsInZips(t *testing.T) {
	data := strings.Repeat("\x00", 1<<20)
	for level := range 4 {
		var list []file
		for i := range 8 {
			list = append(list, file{fmt.Sprintf("%d-%d.zip", level, i), data})
		}
		data = string(zipOf(t, list...))
	}
	walk(t, "42.zip", []byte(data), small()).one(t, "more than 4 MiB come out")
}

// TestQuine goes through containers that hold themselves, as far as the limit lets it.
func TestQuine(t *testing.T) {
	data := []byte("the end")
	for range 20 {
		data = gzipOf(t, data)
	}
	s := walk(t, "r.gz", data, small())
	s.one(t, "container in 5 containers")
	deep := zipOf(t, file{"x", "the end"})
	for range 40 {
		deep = storedZip(t, file{"x.zip", string(deep)})
	}
	limits := small()
	limits.Depth = 1000
	walk(t, "deep.zip", deep, limits).one(t, "container in 32 containers")
}

// TestOverlapping reads a zip whose members are all the same bytes.
func TestOverlapping(t *testing.T) {
	var packed bytes.Buffer
	z, err := flate.NewWriter(&packed, 9)
	must(t, err)
	content := bytes.Repeat([]byte("0123456789"), 20_000)
	must(t, write(z, nil)(string(content)))
	must(t, z.Close())
	const n = 200
	le := binary.LittleEndian
	local := append([]byte("PK\x03\x04"), make([]byte, 26)...)
	le.PutUint16(local[8:], 8)
	le.PutUint32(local[14:], crc32.ChecksumIEEE(content))
	le.PutUint32(local[18:], uint32(packed.Len()))
	le.PutUint32(local[22:], uint32(len(content)))
	out := append(local, packed.Bytes()...)
	start := len(out)
	for range n {
		e := append([]byte("PK\x01\x02"), make([]byte, 42)...)
		copy(e[6:], local[4:28])
		out = append(out, e...)
	}
	end := append([]byte("PK\x05\x06"), make([]byte, 18)...)
	le.PutUint16(end[8:], n)
	le.PutUint16(end[10:], n)
	le.PutUint32(end[12:], uint32(len(out)-start))
	le.PutUint32(end[16:], uint32(start))
	s := walk(t, "overlap.zip", append(out, end...), small())
	if len(s.members) < 10 {
		t.Errorf("only %d members", len(s.members))
	}
	s.one(t, "more than 4 MiB come out")
}

// TestTooMany counts members, those in containers too.
func TestTooMany(t *testing.T) {
	var list []file
	for i := range 300 {
		list = append(list, file{fmt.Sprint(i), "x"})
	}
	inner := zipOf(t, list...)
	var outer []file
	for i := range 5 {
		outer = append(outer, file{fmt.Sprintf("%d.zip", i), string(inner)})
	}
	for _, data := range [][]byte{zipOf(t, outer...), tarOf(t, outer...)} {
		s := walk(t, "many", data, small())
		s.one(t, "more than 1000 members")
		if len(s.members) < 900 || len(s.members) > 1000 {
			t.Errorf("%d members", len(s.members))
		}
	}
}

// TestLyingTar has sizes that nothing stands behind, and holes as large as a disk.
func TestLyingTar(t *testing.T) {
	data := bytes.Clone(tarOf(t, file{"a", "alpha"}, file{"b", "beta"}))
	lie := func(at int, size string) []byte {
		out := bytes.Clone(data)
		copy(out[at+124:], size+"\x00")
		sum := 0
		copy(out[at+148:], "        ")
		for _, b := range out[at : at+512] {
			sum += int(b)
		}
		copy(out[at+148:], fmt.Sprintf("%06o\x00 ", sum))
		return out
	}
	s := walk(t, "x.tar", lie(1024, "77777777777"), small())
	if s.members["a"] != "alpha" || s.errs["b"] == "" && s.left[""] == "" {
		t.Errorf("%+v", s)
	}
	s = walk(t, "x.tar", lie(1024, "xyz"), small())
	s.one(t, "makes no sense")
	dir := t.TempDir()
	tool(t, dir, "sh", "-ec", "truncate -s 1T sparse; echo secret >> sparse; tar cSf gnu.tar sparse; tar cSf pax.tar --format=pax sparse")
	for _, name := range []string{"gnu.tar", "pax.tar"} {
		s := walk(t, name, read(t, dir, name), small())
		if len(s.left)+len(s.errs) != 0 || len(s.members) != 1 || !strings.Contains(s.members["sparse"], "secret") {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

// TestNamesAreOnlyNames hands over names as they are.
func TestNamesAreOnlyNames(t *testing.T) {
	names := []string{"../../etc/passwd", "/etc/shadow", `C:\Windows\x`, "a!b", "new\nline", "bad\xff\xfe", "..", "CON"}
	var list []file
	want := map[string]string{}
	for _, name := range names {
		list = append(list, file{name, name})
		want[name] = name
	}
	walk(t, "x.zip", zipOf(t, list...), small()).want(t, want, nil)
	walk(t, "x.tar", tarOf(t, list...), small()).want(t, want, nil)
	long := strings.Repeat("n", 60_000)
	walk(t, "x.zip", zipOf(t, file{long, "x"}), small()).want(t, map[string]string{long[:4096]: "x"}, nil)
}

// TestHeaderBombs have headers that ask for much memory.
func TestHeaderBombs(t *testing.T) {
	dir := files(t, file{"a", "alpha\n"})
	tool(t, dir, "sh", "-ec", "xz -k --lzma2=dict=1GiB a; zstd -q -k --ultra -22 --long=31 a; xz --format=lzma -k --lzma1=dict=1GiB a; 7zz a -m0=LZMA2:d=1g a.7z a")
	for _, name := range []string{"a.xz", "a.lzma", "a.7z", "a.zst"} {
		before := testing.Benchmark(func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s := walk(t, name, read(t, dir, name), small())
				if s.members["a"] != "alpha\n" && len(s.errs)+len(s.left) != 1 {
					t.Errorf("%s: %+v", name, s)
				}
			}
		})
		if got := before.AllocedBytesPerOp(); got > 16<<20 {
			t.Errorf("%s takes %d bytes", name, got)
		}
	}
}

// TestMemory leaves out what could only be read in more memory than there is.
func TestMemory(t *testing.T) {
	dir := files(t, file{"x", strings.Repeat("0123456789abcdef", 1<<17)})
	tool(t, dir, "sh", "-ec", "7zz a -mx=0 in.7z x; zip -0 -q in.zip x")
	limits := small()
	limits.Size = 1 << 30
	walk(t, "x.tar", tarOf(t, file{"in.7z", string(read(t, dir, "in.7z"))}), limits).one(t, "can only be read in memory")
	walk(t, "x.tar", tarOf(t, file{"in.zip", string(read(t, dir, "in.zip"))}), limits).want(t, map[string]string{"in.zip!x": "..."}, nil) // zips can be read as a stream
}

// TestTimeAndEnd: the deadline of a container is a limit; the end of the run is an error.
func TestTimeAndEnd(t *testing.T) {
	data := gzipOf(t, []byte("x"))
	in := unpack.Input{Name: "x.gz", At: bytes.NewReader(data), Size: int64(len(data))}
	late, cancel := context.WithCancelCause(context.Background())
	cancel(&unpack.Error{Reason: unpack.TimedOut, Text: "too late"})
	s := newSeen()
	if err := unpack.Walk(late, in, small(), s); err != nil {
		t.Error(err)
	}
	s.one(t, "too late")
	gone, stop := context.WithCancel(context.Background())
	stop()
	if err := unpack.Walk(gone, in, small(), newSeen()); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// refuser takes nothing.
type refuser struct{ err error }

func (r refuser) Member(*unpack.Member) error { return r.err }
func (r refuser) Left(string, *unpack.Error)  {}

func TestVisitorsErrorEndsTheWalk(t *testing.T) {
	refused := errors.New("no more")
	dir := files(t, sample()...)
	tool(t, dir, "sh", "-ec", "7zz a out.7z a.txt; tar cJf out.tar.xz a.txt; zip -q out.zip a.txt; gzip a.txt")
	for _, name := range []string{"out.7z", "out.tar.xz", "out.zip", "a.txt.gz"} {
		data := read(t, dir, name)
		if err := unpack.Walk(context.Background(), unpack.Input{Name: name, Stream: bytes.NewReader(data)}, small(), refuser{refused}); !errors.Is(err, refused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// broken fails after some bytes.
type broken struct {
	r   io.Reader
	err error
}

func (b *broken) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if errors.Is(err, io.EOF) {
		err = b.err
	}
	return n, err
}

func TestErrorOfReadingIsNoDamage(t *testing.T) {
	disk := errors.New("input/output error")
	data := tarOf(t, file{"a", strings.Repeat("x", 200_000)})
	s := newSeen()
	err := unpack.Walk(context.Background(), unpack.Input{Stream: &broken{bytes.NewReader(data[:100_000]), disk}}, small(), s)
	if err != nil || s.errs["a"] != disk.Error() || len(s.left) != 0 {
		t.Errorf("%v, %+v", err, s)
	}
}

func TestTarOfOtherKinds(t *testing.T) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range []*tar.Header{
		{Name: "dir/", Typeflag: tar.TypeDir, Mode: 0o755}, {Name: "link", Typeflag: tar.TypeSymlink, Linkname: "a"},
		{Name: "hard", Typeflag: tar.TypeLink, Linkname: "a"}, {Name: strings.Repeat("long/", 60) + "name", Typeflag: tar.TypeReg, Size: 1, Format: tar.FormatGNU},
		{Name: strings.Repeat("pax/", 100) + "näme", Typeflag: tar.TypeReg, Size: 1, Format: tar.FormatPAX},
	} {
		must(t, w.WriteHeader(h))
		if h.Size > 0 {
			must(t, write(w, nil)("x"))
		}
	}
	must(t, w.Close())
	walk(t, "x.tar", b.Bytes(), small()).want(t, map[string]string{strings.Repeat("long/", 60) + "name": "x", strings.Repeat("pax/", 100) + "näme": "x"}, nil)
}
