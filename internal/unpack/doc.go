// Package unpack reads what is in containers: archives, compressed streams, documents and databases.
//
// Start at Walk. It goes through a container and what lies in it, containers in containers too, and hands each member's content
// to a Visitor as a stream. Nothing is written anywhere, and no member's name is ever used as a path.
//
// A container is taken to be hostile: it may be a bomb, contain itself, lie about sizes and names, overlap or end early. What
// is promised: time goes with the bytes that come in and those that Limits let come out; memory is bounded by Limits.Memory for
// each level of nesting; nothing panics; and whatever was not handed over is told to Visitor.Left, by name and reason.
//
// The formats: zip (APPNOTE.TXT 6.3.10), tar (POSIX.1-2017 pax, and GNU's and older ones), gzip (RFC 1952), bzip2, xz (version
// 1.2.1 of its specification), zstd (RFC 8878), 7z (7zFormat.txt of the LZMA SDK), LZMA (its specification in the SDK), git's bundles (gitformat-bundle(5)).
package unpack
