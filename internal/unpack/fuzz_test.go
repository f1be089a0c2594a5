package unpack_test

import (
	"bytes"
	"context"
	"io"
	"testing"

	"keysweep/internal/unpack"
)

// drain reads everything, and checks that what is read stays within limits.
type drain struct {
	t     *testing.T
	bytes int64
}

func (d *drain) Member(m *unpack.Member) error {
	n, _ := io.Copy(io.Discard, struct{ io.Reader }{m}) // whatever the error is
	d.bytes += n
	return nil
}

func (d *drain) Left(path string, err *unpack.Error) {
	if err.Text == "" {
		d.t.Errorf("%q was left for no reason", path)
	}
}

// FuzzWalk walks through anything, both ways: it comes to an end, does not panic, and lets no more out than the limits allow. Names
// choose formats that have no magic.
func FuzzWalk(f *testing.F) {
	dir := files(f, file{"a", "alpha\n"}, file{"b/c", "beta beta beta beta beta beta\n"})
	tool(f, dir, "sh", "-ec", `tar cf x.tar a b; tar --format=pax -cf p.tar a b; zip -q -r x.zip a b; zip -q -r - a b | cat > s.zip
		gzip -k a; bzip2 -k a; xz -k a; xz -k --format=lzma a; zstd -q -k a; tar czf x.tgz a b
		7zz a x.7z a b; 7zz a -m0=LZMA -mhc=off l.7z a b; 7zz a -m0=BZip2 z.7z a; 7zz a -tzip -mm=LZMA l.zip a
		sqlite3 x.db "pragma page_size=512; create table t(a text, b int); insert into t values('x', 1), (hex(zeroblob(600)), 2);create table w(k primary key) without rowid; insert into w values('k')"`)
	for _, name := range []string{"x.tar", "p.tar", "x.zip", "s.zip", "a.gz", "a.bz2", "a.xz", "a.lzma", "a.zst", "x.tgz", "x.7z", "l.7z", "z.7z", "l.zip", "x.db"} {
		f.Add(name, read(f, dir, name))
	}
	f.Add("x.pdf", pdfOf("<< >>", "|BT /F1 1 Tf (a) Tj [(b) -300 <63>] TJ ET", "|begincmap <00> <ff> endcodespacerange <01> <02> <0041> endbfrange endcmap"))
	f.Add("x.jar", append([]byte("#!/bin/sh\n"), zipOf(f, file{"a", "x"})...))
	_, git := repository(f, "sha1")
	git("bundle", "create", "-q", "all.bundle", "HEAD~3..HEAD")
	f.Add("x", []byte(read(f, git("rev-parse", "--show-toplevel"), "all.bundle")))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		limits := unpack.Limits{Depth: 3, Size: 1 << 20, Ratio: 1 << 20, Members: 200, Memory: 1 << 20}
		for _, in := range []unpack.Input{{Name: name, At: bytes.NewReader(data), Size: int64(len(data))}, {Name: name, Stream: bytes.NewReader(data)}} {
			d := &drain{t: t}
			if err := unpack.Walk(context.Background(), in, limits, d); err != nil {
				t.Errorf("%v", err)
			}
			// What comes out of containers is bounded by Size and one piece more; a tar shows each of its bytes once at each level.
			if most := int64(limits.Depth+2) * (limits.Size + 2<<20 + int64(len(data))); d.bytes > most {
				t.Errorf("%d bytes came out", d.bytes)
			}
		}
	})
}
