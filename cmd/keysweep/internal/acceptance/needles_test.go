//go:build linux

package acceptance

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// haystack looks for secrets in any of the forms in which a program may show them by mistake.
type haystack struct {
	t       *testing.T
	needles map[string]string   // what to look for, and whose it is
	starts  map[string][]string // the needles by how they start, so that one pass finds all
	known   map[[32]byte]bool   // files that hold nothing, by hash: looking takes its time
}

// secret adds one. Parts of it that are long enough to be no coincidence count too.
func (y *haystack) secret(name string, secret []byte) {
	if len(secret) < 16 {
		y.t.Fatalf("the secret %s is too short to look for its parts", name)
	}
	if y.needles == nil {
		y.needles, y.known = map[string]string{}, map[[32]byte]bool{}
	}
	y.starts = nil
	for i := 0; i+12 <= len(secret); i++ {
		part := secret[i : i+12]
		for how, form := range map[string]string{
			"": string(part), "in hex": hex.EncodeToString(part), "in capital hex": strings.ToUpper(hex.EncodeToString(part)),
			"as numbers":              strings.Trim(fmt.Sprint(part), "[]"), // as %v shows bytes
			"as numbers with commas":  strings.ReplaceAll(strings.Trim(fmt.Sprint(part), "[]"), " ", ", "),
			"as numbers of Go's %#v":  strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", part), "[]byte{"), "}"),
			"in a register":           fmt.Sprintf("%x", binary.LittleEndian.Uint64(part)),
			"in a big-endian machine": fmt.Sprintf("%x", binary.BigEndian.Uint64(part)),
		} {
			y.needles[form] = name + " " + how
		}
	}
	for shift := range 3 { // base64 looks different for each place in a group of three
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			text := encoding.EncodeToString(secret[shift:])
			for i := 0; i+16 < len(text)-3; i++ {
				y.needles[text[i:i+16]] = name + " in base64"
			}
		}
	}
}

// startLen is the length of the shortest needle, in bytes.
const startLen = 12

// index sorts the needles by how they start.
func (y *haystack) index() {
	y.starts = map[string][]string{}
	for needle := range y.needles {
		if len(needle) >= startLen { // a register may hold zeros; such a needle is too common to tell anything
			y.starts[needle[:startLen]] = append(y.starts[needle[:startLen]], needle)
		}
	}
}

// find returns the secrets that are in a text. Line ends do not hide them.
func (y *haystack) find(text []byte) (found []string) {
	if y.starts == nil {
		y.index()
	}
	folded := bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("\r"), nil), []byte("\n"), nil)
	for _, straw := range [][]byte{text, folded} {
		for i := range max(0, len(straw)-startLen+1) {
			for _, needle := range y.starts[string(straw[i:i+startLen])] {
				if bytes.HasPrefix(straw[i:], []byte(needle)) {
					found = append(found, y.needles[needle])
				}
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// files returns "file: secret" for every file below directories, but for secrets that a file must hold.
func (y *haystack) files(may map[string]string, dirs ...string) (found []string) {
	for _, dir := range dirs {
		must(y.t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			data = append(data, "\n"+d.Name()...)
			sum := sha256.Sum256(data)
			if y.known[sum] {
				return nil
			}
			names := y.find(data)
			y.known[sum] = len(names) == 0
			for _, name := range names {
				if allowed := may[filepath.Base(path)]; allowed == "" || !strings.HasPrefix(name, allowed) {
					found = append(found, path+": "+name)
				}
			}
			return nil
		}))
	}
	return found
}
