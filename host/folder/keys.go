package folder

import (
	"bytes"
	"crypto/sha256"
	"io/fs"
	"math/big"
	"path"
	"regexp"
	"strings"
	"sync"

	"keysweep/host"
)

// Keys are the files of a directory that hold private keys.
type Keys struct {
	Found []KeyFile // the first of them
	Count int
	Cut   bool  // there is more than was read: files, or bytes of one
	Err   error // why some were not read
}

// KeyFile is a file with a private key in it.
type KeyFile struct {
	Path string
	Kind string // "PEM", "OpenSSH", "PuTTY", "age", "extended key (BIP 32)", "wallet import format"
	Line int    // from 1
}

// Limits of what is read.
const (
	maxRead = 256 << 20 // bytes of all files together
	maxFile = 8 << 20   // bytes of one; a larger one is read up to here
)

// LookInside does what Look does, and reads the files: nothing of them is kept but where a key stands.
func LookInside(s host.Source, dir string) *Facts {
	f := Look(s, dir)
	f.Keys = &Keys{}
	if f.Err == nil || f.Info.Mode != 0 {
		r := reader{f.Keys, s, 0, 0}
		r.entry(f.Path, f.Info, 0)
	}
	return f
}

type reader struct {
	*Keys
	source  host.Source
	bytes   int64
	entries int
}

func (r *reader) entry(name string, info host.Info, depth int) {
	if r.entries++; r.entries > maxEntries || depth > maxDepth || r.bytes > maxRead {
		r.Cut = true
		return
	}
	switch {
	case info.Mode.IsRegular():
		r.file(name, info)
	case info.Mode&fs.ModeSymlink == 0 && info.Mode.IsDir():
		list, err := r.source.List(name)
		if err != nil {
			if !host.Missing(err) && r.Err == nil {
				r.Err = err
			}
			return
		}
		for _, e := range list {
			r.entry(path.Join(name, e.Name), e, depth+1)
		}
	}
}

func (r *reader) file(name string, info host.Info) {
	if info.Size > host.MaxFile {
		r.Cut = true
		return
	}
	f, err := r.source.Read(name)
	if err != nil {
		if !host.Missing(err) && r.Err == nil {
			r.Err = err
		}
		return
	}
	data := f.Data
	r.bytes += int64(len(data))
	if len(data) > maxFile {
		data, r.Cut = data[:maxFile], true
	}
	kind, at := privateKey(data)
	if kind == "" {
		return
	}
	if r.Count++; len(r.Found) < examples {
		r.Found = append(r.Found, KeyFile{name, kind, 1 + bytes.Count(data[:at], []byte("\n"))})
	}
}

// marks are what private keys begin with: RFC 7468, OpenSSH's PROTOCOL.key in base64, PuTTY, age.
func marks() [][2]string {
	return [][2]string{{"PRIVATE KEY-----", "PEM"}, {"PRIVATE KEY BLOCK-----", "OpenPGP"}, {"b3BlbnNzaC1rZXktdjE", "OpenSSH"}, {"PuTTY-User-Key-File-", "PuTTY"}, {"AGE-SECRET-KEY-1", "age"}}
}

// words are runs of base58 that may be keys of wallets: 51 or 52 characters of the wallet import format, 111 of BIP 32.
var words = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\b(?:[1-9A-HJ-NP-Za-km-z]{51,52}|[xyzt]prv[1-9A-HJ-NP-Za-km-z]{107})\b`)
})

// privateKey returns the kind of the first private key in data, and where it stands; "" if there is none.
func privateKey(data []byte) (kind string, at int) {
	for _, m := range marks() {
		i := bytes.Index(data, []byte(m[0]))
		if i < 0 {
			continue
		}
		if strings.HasSuffix(m[0], "-----") && !bytes.Contains(data[max(0, i-40):i], []byte("-----BEGIN ")) {
			continue // it is only spoken of, or ends here
		}
		return m[1], i
	}
	for _, m := range words().FindAllIndex(data, 10_000) {
		switch version, size := base58Check(string(data[m[0]:m[1]])); {
		case size == 78 && m[1]-m[0] == 111:
			return "extended key (BIP 32)", m[0]
		case version >= 0x80 && (size == 33 || size == 34): // a version of 0x80 and more: Bitcoin's, and those that descend from it
			return "wallet import format", m[0]
		}
	}
	return "", 0
}

// base58Check decodes a word whose last four bytes are a check sum (https://en.bitcoin.it/wiki/Base58Check_encoding). It returns the first byte, and
// how many there are without the sum; 0 if the sum is wrong.
func base58Check(word string) (version byte, size int) {
	const digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	n, base := new(big.Int), big.NewInt(58)
	for i := range len(word) {
		n.Mul(n, base).Add(n, big.NewInt(int64(strings.IndexByte(digits, word[i]))))
	}
	b := n.Bytes()
	if len(b) < 5 {
		return 0, 0
	}
	body := b[:len(b)-4]
	first := sha256.Sum256(body)
	sum := sha256.Sum256(first[:])
	if !bytes.Equal(sum[:4], b[len(b)-4:]) {
		return 0, 0
	}
	return body[0], len(body)
}
