package unpack

import (
	"bytes"
	"path"
	"strings"
)

// Format is a kind of container. The zero value is none.
type Format int

// The formats.
const (
	None Format = iota
	Zip
	ZipInside // a zip behind something else, such as a start script
	Tar
	Gzip
	Bzip2
	Xz
	Lzma
	Zstd
	SevenZip
	SQLite
	PDF
	Bundle // of git
)

// Shows reports whether a container of this format is also worth looking at as it is.
func (f Format) Shows() bool { return f == None || f == ZipInside || f == SQLite }

// HeadSize is how many of a content's first bytes Detect needs to know everything that it can know.
const HeadSize = 512

// Detect says what a content is by its first bytes; where those say nothing, by its name.
func Detect(head []byte, name string) Format {
	if f := byContent(head); f != None {
		return f
	}
	ext := strings.ToLower(path.Ext(name))
	switch {
	case ext == ".lzma" && isLzma(head):
		return Lzma
	case zipName(ext) && len(head) >= directoryEndSize:
		return ZipInside
	}
	return None
}

func byContent(head []byte) Format {
	if len(head) < 6 {
		return None
	}
	switch head[0] { // nearly everything is text
	case 'P':
		if s := string(head[:4]); s == localMagic || s == directoryEndMagic || s == "PK\x07\x08" {
			return Zip
		}
	case '\x1f':
		if head[1] == '\x8b' && head[2] == 8 {
			return Gzip
		}
	case 'B':
		if isBzip2(head) {
			return Bzip2
		}
	case '\xfd':
		if string(head[:6]) == xzMagic {
			return Xz
		}
	case '\x28':
		if string(head[:4]) == "\x28\xb5\x2f\xfd" {
			return Zstd
		}
	case 'S':
		if bytes.HasPrefix(head, []byte(sqliteMagic)) {
			return SQLite
		}
	case '%':
		if string(head[:5]) == pdfMagic {
			return PDF
		}
	case '#':
		if isBundle(head) {
			return Bundle
		}
	case '7':
		if string(head[:6]) == sevenZipMagic {
			return SevenZip
		}
	}
	if len(head) >= tarBlock && head[tarBlock-1] == 0 && isTar(head) {
		return Tar
	}
	return None
}

// isBzip2 looks for the magic of the first block, or that of the end of a stream without any: "BZh9" alone could be text.
func isBzip2(head []byte) bool {
	return len(head) >= 10 && bytes.HasPrefix(head, []byte("BZh")) && head[3] >= '1' && head[3] <= '9' &&
		(string(head[4:10]) == "1AY&SY" || string(head[4:10]) == "\x17\x72\x45\x38\x50\x90")
}

// zipName reports whether files with this ending are zips that may have something in front: jars that start themselves, and
// Python's zipapps.
func zipName(ext string) bool {
	switch ext {
	case ".zip", ".jar", ".war", ".ear", ".pyz", ".pex", ".whl", ".apk", ".aar", ".ipa", ".xpi", ".crx", ".nupkg", ".vsix", ".phar":
		return true
	}
	return false
}

// unpackedName names what a compressed stream holds: its file's name without the ending that says that it is compressed.
func unpackedName(name string) string {
	name = path.Base(name)
	ext := path.Ext(name)
	switch strings.ToLower(ext) {
	case ".gz", ".bz2", ".xz", ".zst", ".lzma", ".z":
		name = strings.TrimSuffix(name, ext)
	case ".tgz", ".tbz", ".tbz2", ".txz", ".tzst":
		name = strings.TrimSuffix(name, ext) + ".tar"
	case ".svgz":
		name = strings.TrimSuffix(name, ext) + ".svg"
	default:
		name = "content"
	}
	if name == "" {
		return "content"
	}
	return name
}
