package unpack_test

import (
	"bytes"
	"strings"
	"testing"

	"keysweep/internal/testneed"
	"keysweep/internal/unpack"
)

// sample is what most archives in the tests hold: text, something in a folder, something that takes several blocks, nothing.
func sample() []file {
	return []file{
		{"a.txt", "alpha\n"}, {"dir/b.txt", "beta\n"}, {"dir/large.txt", strings.Repeat("one line of many, ", 20_000)}, {"empty", ""},
	}
}

func wanted(prefix string, list []file, empty bool) map[string]string {
	want := map[string]string{}
	for _, f := range list {
		if f.content != "" || empty {
			want[prefix+f.name] = f.content
		}
	}
	return want
}

// TestRealTools reads what real programs wrote.
func TestRealTools(t *testing.T) {
	const all = "a.txt dir/b.txt dir/large.txt empty"
	tests := []struct {
		name, script string
		out          string
		prefix       string
		empty        bool // empty members are handed over
		stream       bool // the same comes of it without random access
	}{
		{name: "zip", script: "zip -q out.zip " + all, out: "out.zip", empty: true, stream: true},
		{name: "zip with directories", script: "zip -q -r out.zip a.txt dir empty", out: "out.zip", empty: true, stream: true},
		{name: "zip written to a pipe", script: "zip -q - " + all + " | cat > out.zip", out: "out.zip", empty: true, stream: true},
		{name: "zip stored", script: "zip -q -0 out.zip " + all, out: "out.zip", empty: true, stream: true},
		{name: "zip with bzip2", script: "zip -q -Z bzip2 out.zip " + all, out: "out.zip", empty: true, stream: true},
		{name: "zip behind a script", script: "zip -q in.zip " + all + "; (printf '#!/bin/sh\\nexec java -jar $0\\n'; cat in.zip) > out.jar", out: "out.jar", empty: true},
		{name: "zip with a comment", script: "zip -q out.zip " + all + "; echo 'PK\005\006 a comment' | zip -q -z out.zip", out: "out.zip", empty: true, stream: true},
		{name: "zip of 7zip with lzma", script: "7zz a -tzip -mm=LZMA out.zip " + all, out: "out.zip", empty: true, stream: true},
		{name: "zip of 7zip with xz", script: "7zz a -tzip -mm=XZ out.zip " + all, out: "out.zip", empty: true, stream: true},
		{name: "tar", script: "tar cf out.tar " + all, out: "out.tar", stream: true},
		{name: "tar of version 7", script: "tar --format=v7 -cf out.tar " + all, out: "out.tar", stream: true},
		{name: "tar pax", script: "tar --format=pax -cf out.tar " + all, out: "out.tar", stream: true},
		{name: "tar ustar", script: "tar --format=ustar -cf out.tar " + all, out: "out.tar", stream: true},
		{name: "tar.gz", script: "tar czf out.tar.gz " + all, out: "out.tar.gz", stream: true},
		{name: "tgz without its name", script: "tar czf out.bin " + all, out: "out.bin", stream: true},
		{name: "tar.bz2", script: "tar cjf out.tar.bz2 " + all, out: "out.tar.bz2", stream: true},
		{name: "tar.xz", script: "tar cJf out.tar.xz " + all, out: "out.tar.xz", stream: true},
		{name: "tar.xz with an executables' filter", script: "tar cf - " + all + " | xz --x86 --lzma2 > out.tar.xz", out: "out.tar.xz", stream: true},
		{name: "tar.xz with many blocks", script: "tar cf - " + all + " | xz --block-size=4096 -T2 --check=sha256 > out.tar.xz", out: "out.tar.xz", stream: true},
		{name: "tar.xz of several streams", script: "tar cf in.tar " + all + "; (head -c 5000 in.tar | xz; printf '\\0\\0\\0\\0'; tail -c +5001 in.tar | xz -Ccrc32) > out.tar.xz", out: "out.tar.xz", stream: true},
		{name: "tar.lzma", script: "tar --lzma -cf out.tar.lzma " + all, out: "out.tar.lzma", stream: true},
		{name: "tar.zst", script: "tar cf - " + all + " | zstd -q -19 > out.tar.zst", out: "out.tar.zst", stream: true},
		{name: "7z", script: "7zz a out.7z " + all, out: "out.7z", stream: true},
		{name: "7z of LZMA", script: "7zz a -m0=LZMA out.7z " + all, out: "out.7z", stream: true},
		{name: "7z stored", script: "7zz a -mx=0 out.7z " + all, out: "out.7z", stream: true},
		{name: "7z deflate", script: "7zz a -m0=Deflate out.7z " + all, out: "out.7z", stream: true},
		{name: "7z bzip2", script: "7zz a -m0=BZip2 out.7z " + all, out: "out.7z", stream: true},
		{name: "7z of many folders", script: "7zz a -ms=off -mhc=off out.7z " + all, out: "out.7z", stream: true},
		{name: "7z with an executables' filter", script: "7zz a -m0=BCJ -m1=LZMA out.7z " + all, out: "out.7z", stream: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, program := range []string{"zip", "7zz", "xz", "zstd", "bzip2"} {
				if strings.Contains(tt.script, program) {
					testneed.Program(t, program)
				}
			}
			dir := files(t, sample()...)
			tool(t, dir, "sh", "-ec", tt.script)
			data := read(t, dir, tt.out)
			want := wanted(tt.prefix, sample(), tt.empty)
			if tt.name == "zip behind a script" {
				want[""] = "..."
			}
			walk(t, tt.out, data, unpack.DefaultLimits()).want(t, want, nil)
			if tt.stream {
				walkStream(t, tt.out, data, unpack.DefaultLimits()).want(t, want, nil)
			}
		})
	}
}

// TestCompressedFiles reads single compressed files. What they hold has a name of its own, or theirs without the ending.
func TestCompressedFiles(t *testing.T) {
	dir := files(t, file{"app.log", "a log\n"})
	tool(t, dir, "sh", "-ec", "gzip -k app.log; gzip -nc app.log > x.gz; bzip2 -k app.log; xz -k app.log; zstd -q -k app.log; xz --format=lzma -k app.log; (cat app.log.gz app.log.gz) > twice.gz")
	for name, want := range map[string]map[string]string{
		"app.log.gz": {"app.log": "a log\n"}, "x.gz": {"x": "a log\n"}, "app.log.bz2": {"app.log": "a log\n"}, "app.log.xz": {"app.log": "a log\n"},
		"app.log.zst": {"app.log": "a log\n"}, "app.log.lzma": {"app.log": "a log\n"}, "twice.gz": {"app.log": "a log\na log\n"},
	} {
		walk(t, name, read(t, dir, name), unpack.DefaultLimits()).want(t, want, nil)
		walkStream(t, name, read(t, dir, name), unpack.DefaultLimits()).want(t, want, nil)
	}
}

// TestNested goes through containers in containers.
func TestNested(t *testing.T) {
	text := file{"config/db.env", "user=x\n"}
	jar := string(zipOf(t, text))
	layer := string(tarOf(t, file{"app/lib.jar", jar}, file{"etc/passwd", "root\n"}))
	image := tarOf(t, file{"blobs/1", string(gzipOf(t, []byte(layer)))}, file{"blobs/2", layer}, file{"index.json", "{}"})
	want := map[string]string{
		"blobs/1!app/lib.jar!config/db.env": "user=x\n", "blobs/1!etc/passwd": "root\n",
		"blobs/2!app/lib.jar!config/db.env": "user=x\n", "blobs/2!etc/passwd": "root\n", "index.json": "{}",
	}
	walk(t, "image.tar", image, unpack.DefaultLimits()).want(t, want, nil)
	walkStream(t, "", image, unpack.DefaultLimits()).want(t, want, nil)
	fat := storedZip(t, file{"BOOT-INF/lib/a.jar", jar}, file{"big.jar", string(zipOf(t, file{"x", strings.Repeat("0123456789abcdef", 1<<16)}))})
	walk(t, "fat.jar", fat, unpack.DefaultLimits()).want(t, map[string]string{
		"BOOT-INF/lib/a.jar!config/db.env": "user=x\n", "big.jar!x": strings.Repeat("0123456789abcdef", 1<<16),
	}, nil)
	limits := unpack.DefaultLimits()
	limits.Depth = 2
	walk(t, "image.tar", image, limits).want(t, map[string]string{"blobs/1!etc/passwd": "root\n", "blobs/2!etc/passwd": "root\n", "index.json": "{}"},
		map[string]string{"blobs/1!app/lib.jar": "container in 2 containers", "blobs/2!app/lib.jar": "container in 2 containers"})
}

// TestPlain hands over what is no container, whatever it is called.
func TestPlain(t *testing.T) {
	for name, content := range map[string]string{
		"a.txt": "text", "note.gz": "BZh is how bzip2 starts", "x.zip": "PK is how a zip starts" + strings.Repeat(".", 100), "empty.tar": "", "short": "\x1f\x8b",
		"bz.txt": "BZh91AY&S is nearly bzip2", "zeros": string(make([]byte, 2000)),
	} {
		for _, s := range []*seen{walk(t, name, []byte(content), unpack.DefaultLimits()), walkStream(t, name, []byte(content), unpack.DefaultLimits())} {
			s.want(t, map[string]string{"": content}, nil)
		}
	}
}

// TestEncrypted names what needs a password.
func TestEncrypted(t *testing.T) {
	dir := files(t, sample()...)
	tool(t, dir, "sh", "-ec", "zip -q -P x out.zip a.txt; zip -q out.zip dir/b.txt; 7zz a -px out.7z a.txt; 7zz a -px -mhe=on names.7z a.txt; 7zz a -tzip -mem=AES256 -px aes.zip a.txt")
	encrypted := map[string]string{"a.txt": "encrypted"}
	for _, s := range []*seen{walk(t, "out.zip", read(t, dir, "out.zip"), unpack.DefaultLimits()), walkStream(t, "", read(t, dir, "out.zip"), unpack.DefaultLimits())} {
		s.want(t, map[string]string{"dir/b.txt": "beta\n"}, encrypted)
	}
	walk(t, "out.7z", read(t, dir, "out.7z"), unpack.DefaultLimits()).want(t, nil, encrypted)
	walk(t, "aes.zip", read(t, dir, "aes.zip"), unpack.DefaultLimits()).want(t, nil, encrypted)
	walk(t, "names.7z", read(t, dir, "names.7z"), unpack.DefaultLimits()).want(t, nil, map[string]string{"": "encrypted"})
}

// TestCutOff reads archives that end early: what there is comes out, and what is missing is told.
func TestCutOff(t *testing.T) {
	dir := files(t, sample()...)
	tool(t, dir, "sh", "-ec", "tar cf out.tar a.txt dir/b.txt dir/large.txt; gzip -k out.tar; xz -k out.tar; zstd -q -k out.tar; bzip2 -k out.tar; zip -q out.zip a.txt dir/large.txt; 7zz a out.7z a.txt")
	for name, keep := range map[string]int{"out.tar": 5000, "out.tar.gz": -50, "out.tar.xz": -100, "out.tar.zst": -40, "out.tar.bz2": -100} {
		data := read(t, dir, name)
		if keep < 0 {
			keep += len(data)
		}
		for _, s := range []*seen{walk(t, name, data[:keep], unpack.DefaultLimits()), walkStream(t, name, data[:keep], unpack.DefaultLimits())} {
			if len(s.left)+len(s.errs) != 1 {
				t.Errorf("%s: left %q, errors %q", name, s.left, s.errs)
			}
			for path, text := range s.errs {
				if path != "dir/large.txt" && path != "out.tar" || !strings.HasPrefix(text, "damaged: ") {
					t.Errorf("%s: %s: %s", name, path, text)
				}
			}
		}
	}
	data := read(t, dir, "out.zip")
	s := walk(t, "out.zip", data[:len(data)-60], unpack.DefaultLimits())
	if s.members["a.txt"] != "alpha\n" || !strings.Contains(s.left[""], "no directory") {
		t.Errorf("out.zip: %q", s)
	}
	data = read(t, dir, "out.7z")
	walk(t, "out.7z", data[:len(data)-5], unpack.DefaultLimits()).want(t, nil, map[string]string{"": "ends early"})
}

// TestDamaged flips bytes in content: the checksums of the formats tell.
func TestDamaged(t *testing.T) {
	dir := files(t, sample()...)
	tool(t, dir, "sh", "-ec", "zip -q -0 s.zip a.txt; zip -q d.zip dir/large.txt; gzip -k dir/large.txt; xz -k dir/large.txt; 7zz a -mx=0 x.7z dir/large.txt")
	for name, at := range map[string]int{"d.zip": 200, "dir/large.txt.gz": 150, "dir/large.txt.xz": 60, "x.7z": 1000} {
		data := bytes.Clone(read(t, dir, name))
		data[at] ^= 0x10
		s := walk(t, name, data, unpack.DefaultLimits())
		if len(s.left)+len(s.errs) == 0 {
			t.Errorf("%s: nothing is said: %v", name, s.order)
		}
	}
}

// TestWrongDirectory reads zips whose directory lacks members: they are found without it.
func TestWrongDirectory(t *testing.T) {
	data := zipOf(t, file{"a", "alpha"}, file{"b", "beta"})
	at := bytes.LastIndex(data, []byte("PK\x01\x02"))
	broken := bytes.Clone(data)
	copy(broken[at:], "XX")
	s := walk(t, "x.zip", broken, unpack.DefaultLimits())
	if s.members["a"] != "alpha" || s.members["b"] != "beta" || !strings.Contains(s.left[""], "announces 2 members and has 1") {
		t.Errorf("%+v", s)
	}
}
