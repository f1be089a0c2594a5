package source

import (
	"bytes"
	"unicode/utf8"
)

// magic is how a format's files start: want at offset at. The figures are from file(1)'s magic database and the formats'
// specifications.
type magic struct {
	at   int
	want string
}

// packedFormats returns the starts of formats whose content is compressed: containers, compressed streams, media, fonts.
func packedFormats() []magic {
	return []magic{
		{0, "PK\x03\x04"}, {0, "PK\x05\x06"}, {0, "PK\x07\x08"}, // zip: jar, docx, apk, wheel
		{0, "\x1f\x8b"}, {0, "\x1f\x9d"}, {0, "\x1f\xa0"}, // gzip, compress, compress -H
		{0, "BZh"}, {0, "\xfd7zXZ\x00"}, {0, "\x28\xb5\x2f\xfd"}, // bzip2, xz, zstd
		{0, "\x04\x22\x4d\x18"}, {0, "LZIP\x01"}, {0, "\x89LZO\x00"}, // lz4, lzip, lzop
		{0, "\xff\x06\x00\x00sNaPpY"}, {0, "7z\xbc\xaf\x27\x1c"}, {0, "Rar!\x1a\x07"}, // snappy, 7z, rar
		{0, "MSCF\x00\x00\x00\x00"}, {0, "hsqs"}, {0, "PACK\x00\x00\x00\x02"}, // cab, squashfs, git pack
		{0, "\x89PNG\r\n\x1a\n"}, {0, "\xff\xd8\xff"}, {0, "GIF87a"}, {0, "GIF89a"}, {8, "WEBP"}, // images
		{0, "ID3"}, {0, "OggS"}, {0, "fLaC"}, {4, "ftyp"}, {0, "\x1a\x45\xdf\xa3"}, {8, "AVI "}, // mp3, ogg, flac, mp4 and heic, webm, avi
		{0, "wOFF"}, {0, "wOF2"}, {0, "%PDF-"},
	}
}

// hidden returns why a file that starts with head is left out, or "".
func hidden(head []byte) string {
	switch {
	case packed(head):
		return skipPacked
	case bytes.HasPrefix(head, []byte("# v2 git bundle\n")), bytes.HasPrefix(head, []byte("# v3 git bundle\n")): // gitformat-bundle(5)
		return skipBundle
	}
	return ""
}

// packed reports whether a file that starts with head holds compressed content, in which nothing can be seen without
// unpacking. Several formats start with plain letters, so a head that is text is not taken for any: a note that begins with
// "ID3" is scanned.
func packed(head []byte) bool {
	if len(head) < 4 || !unusual(head) {
		return false
	}
	for _, m := range packedFormats() {
		if m.at < len(head) && bytes.HasPrefix(head[m.at:], []byte(m.want)) {
			return !isText(head)
		}
	}
	return false
}

// unusual reports whether head may start with one of packedFormats. Nearly all files do not.
func unusual(head []byte) bool {
	switch head[0] {
	case 'P', '\x1f', 'B', '\xfd', '\x28', '\x04', 'L', '\x89', '\xff', '7', 'R', 'M', 'h', 'G', 'I', 'O', 'f', '\x1a', 'w', '%':
		return true
	}
	return len(head) > 4 && head[4] == 'f' || len(head) > 8 && (head[8] == 'W' || head[8] == 'A')
}

// isText reports whether head is UTF-8, but for a character cut in two at its end, without control characters other than
// white space, backspace and escape.
func isText(head []byte) bool {
	for len(head) > 0 {
		if b := head[0]; b < utf8.RuneSelf {
			if b < ' ' && (b < '\b' || b > '\r') && b != 0x1b || b == 0x7f {
				return false
			}
			head = head[1:]
			continue
		}
		r, n := utf8.DecodeRune(head)
		if r == utf8.RuneError && n == 1 {
			return !utf8.FullRune(head)
		}
		head = head[n:]
	}
	return true
}
