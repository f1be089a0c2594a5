package bundle_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"

	"keysweep/host/bundle"
)

func unzip(t *testing.T, data []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(data))
	must(t, err)
	plain, err := io.ReadAll(r)
	must(t, err)
	return plain
}

type entry struct {
	name, data string
	kind       byte
}

// archive makes a tar archive of whatever it is told.
func archive(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Size: int64(len(e.data)), Typeflag: tar.TypeReg, Mode: 0o644, Format: tar.FormatPAX}
		if e.kind != 0 {
			h.Typeflag, h.Size, h.Linkname = e.kind, 0, "/etc/passwd"
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if e.kind == 0 {
			if _, err := io.WriteString(w, e.data); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func head(files, programs string) entry {
	return entry{name: "manifest.json", data: fmt.Sprintf(`{"schema":%q,"host":"h\u001b[31m","uid":0,"files":[%s],"programs":[%s]}`, bundle.Schema, files, programs)}
}

const reg = `"mode":33188,"content":true`

func TestHostile(t *testing.T) {
	file := `{"path":"/a",` + reg + `}`
	for name, c := range map[string][]entry{
		"nothing":            {},
		"no manifest":        {{name: "files/a"}},
		"manifest last":      {{name: "files/a"}, head(file, "")},
		"two manifests":      {head("", ""), head("", "")},
		"no JSON":            {{name: "manifest.json", data: "{"}},
		"other JSON":         {{name: "manifest.json", data: `[1,"\u001b]0;x"]`}},
		"other schema":       {{name: "manifest.json", data: `{"schema":"x\u001b[2J"}`}},
		"climbs":             {head(`{"path":"/../a",`+reg+`}`, ""), {name: "files/../a"}},
		"relative":           {head(`{"path":"a",`+reg+`}`, "")},
		"NUL":                {head(`{"path":"/a\u0000",`+reg+`}`, "")},
		"twice in manifest":  {head(file+","+file, "")},
		"twice":              {head(file, ""), {name: "files/a"}, {name: "files/a"}},
		"not in manifest":    {head(file, ""), {name: "files/a"}, {name: "files/\x1b[2Jb"}},
		"missing":            {head(file, "")},
		"a link":             {head(file, ""), {name: "files/a", kind: tar.TypeSymlink}},
		"a hard link":        {head(file, ""), {name: "files/a", kind: tar.TypeLink}},
		"a device":           {head(file, ""), {name: "files/a", kind: tar.TypeChar}},
		"a directory":        {head(file, ""), {name: "files/a", kind: tar.TypeDir}},
		"program missing":    {head("", `{"argv":["x"]}`)},
		"program not there":  {head("", ""), {name: "programs/0.out"}},
		"program odd":        {head("", `{"argv":["x"]}`), {name: "programs/0.exe"}},
		"program negative":   {head("", `{"argv":["x"]}`), {name: "programs/-1.out"}},
		"a path without end": {head(`{"path":"/`+strings.Repeat("a", 5000)+`",`+reg+`}`, "")},
		"a link without end": {head(`{"path":"/a","mode":41471,"link":"`+strings.Repeat("a", 5000)+`"}`, "")},
		"too large":          {head(file, ""), {name: "files/a", data: strings.Repeat("a", 16<<20+1)}},
	} {
		b, err := bundle.Open(bytes.NewReader(archive(t, c...)))
		if err == nil {
			t.Errorf("%s: it was opened: %+v", name, b.About)
		} else if strings.ContainsAny(err.Error(), "\x1b\x00\n") {
			t.Errorf("%s: the error holds control characters: %q", name, err)
		}
	}
	b, err := bundle.Open(bytes.NewReader(archive(t, head(file, ""), entry{name: "files/a", data: "x"})))
	must(t, err)
	if b.Name() != "h?[31m" {
		t.Errorf("its name is %q", b.Name())
	}
	if f, err := b.Read("/a"); err != nil || string(f.Data) != "x" {
		t.Errorf("Read = %v, %v", f, err)
	}
}

// TestBombs has archives that unpack to very much end early.
func TestBombs(t *testing.T) {
	var files []string
	parts := []io.Reader{nil}
	for i := range 9 {
		files = append(files, fmt.Sprintf(`{"path":"/%d",`+reg+`}`, i))
		var header bytes.Buffer
		must(t, tar.NewWriter(&header).WriteHeader(&tar.Header{Name: fmt.Sprintf("files/%d", i), Size: 16 << 20, Typeflag: tar.TypeReg, Format: tar.FormatPAX}))
		parts = append(parts, &header, io.LimitReader(zero{}, 16<<20))
	}
	start := archive(t, head(strings.Join(files, ","), ""))
	parts[0] = bytes.NewReader(start[:len(start)-1024]) // without its end
	if _, err := bundle.Open(io.MultiReader(parts...)); err == nil || !strings.Contains(err.Error(), "holds more than") {
		t.Errorf("zeros: %v", err)
	}
	var many strings.Builder
	for i := range 200 { // each path has directories of its own
		fmt.Fprintf(&many, `{"path":"/%d%s","mode":33188,"error":"permission"},`, i, strings.Repeat("/a", 1900))
	}
	for name, data := range map[string][]byte{
		"directories": archive(t, head(strings.TrimSuffix(many.String(), ","), "")), "garbage": bytes.Repeat([]byte("garbage\x1b"), 1000),
		"cut": archive(t, head("", ""))[:560],
	} {
		if _, err := bundle.Open(bytes.NewReader(data)); err == nil {
			t.Errorf("%s: it was opened", name)
		}
	}
}

type zero struct{}

func (zero) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func FuzzOpen(f *testing.F) {
	f.Add(archive(f, head(`{"path":"/a",`+reg+`}`, `{"argv":["x"]}`), entry{name: "files/a", data: "x"}, entry{name: "programs/0.out"}, entry{name: "programs/0.err"}))
	f.Add(archive(f, head(`{"path":"/a","mode":41471,"link":"b"},{"path":"/b","mode":41471,"link":"/a"}`, "")))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := bundle.Open(bytes.NewReader(data))
		if err != nil {
			return
		}
		_, _ = b.Read("/a")
		_, _ = b.List("/")
		if err := b.Write(io.Discard); err != nil {
			t.Logf("it cannot be written again: %v", err)
		}
	})
}
