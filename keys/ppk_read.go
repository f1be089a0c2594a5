package keys

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ppkReader reads the lines of a file in PuTTY's format. They come in one order only. The first error stays.
type ppkReader struct {
	rest []byte
	line int
	err  error
}

func (r *ppkReader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("line %d: "+format, append([]any{r.line}, args...)...)
	}
}

// next returns the next line without its end, which is LF, CR LF or CR as the system of PuTTY had it.
func (r *ppkReader) next() string {
	r.line++
	if len(r.rest) == 0 {
		r.fail("the file ends too early")
		return ""
	}
	end := bytes.IndexAny(r.rest, "\r\n")
	if end < 0 {
		line := r.rest
		r.rest = nil
		return string(line)
	}
	line, rest := r.rest[:end], r.rest[end+1:]
	if r.rest[end] == '\r' && len(rest) > 0 && rest[0] == '\n' {
		rest = rest[1:]
	}
	r.rest = rest
	return string(line)
}

// header returns the value of the next line, which must have that name.
func (r *ppkReader) header(name string) string {
	line := r.next()
	value, ok := strings.CutPrefix(line, name+": ")
	if !ok && line != name+":" {
		r.fail("%q should be here", name+":")
		return ""
	}
	return value
}

// number returns the value of the next line, which must be in digits.
func (r *ppkReader) number(name string) int {
	n, err := strconv.ParseUint(r.header(name), 10, 31)
	if err != nil {
		r.fail("%s is not a number", name)
	}
	return int(n)
}

func (r *ppkReader) hex(name string) []byte {
	b, err := hex.DecodeString(r.header(name))
	if err != nil {
		r.fail("%s is not hexadecimal", name)
	}
	return b
}

// block returns what the following lines hold in base64. The header says how many.
func (r *ppkReader) block(name string) []byte {
	var text strings.Builder
	for range r.number(name) {
		if r.err != nil {
			return nil
		}
		text.WriteString(r.next())
	}
	b, err := base64.StdEncoding.DecodeString(text.String())
	if err != nil {
		r.fail("what follows %s is not base64", name)
	}
	return b
}

func readPPK(data []byte) (*ppk, error) {
	r := &ppkReader{rest: data}
	p := &ppk{}
	name, algorithm, _ := strings.Cut(r.next(), ": ")
	switch strings.TrimPrefix(name, "PuTTY-User-Key-File-") {
	case "2":
		p.version = 2
	case "3":
		p.version = 3
	case "1":
		return nil, &unsupported{"version 1 of the format, from before 2002, is not supported", hintPuTTYgen}
	default:
		return nil, &unsupported{"a version of the format that is not known here", "puttygen FILE -O private-openssh-new -o NEWFILE converts it"}
	}
	p.algorithm = algorithm
	p.cipher = r.header("Encryption")
	p.comment = r.header("Comment")
	p.public = r.block("Public-Lines")
	if p.version == 3 && p.cipher != "none" {
		p.argon2 = r.argon2()
	}
	p.private = r.block("Private-Lines")
	p.mac = r.hex("Private-MAC")
	if r.err != nil {
		return nil, r.err
	}
	return p, p.check()
}

func (r *ppkReader) argon2() *argon2Params {
	return &argon2Params{
		flavour: r.header("Key-Derivation"), memoryKiB: r.number("Argon2-Memory"), passes: r.number("Argon2-Passes"),
		parallelism: r.number("Argon2-Parallelism"), salt: r.hex("Argon2-Salt"),
	}
}

func (p *ppk) check() error {
	switch {
	case p.cipher != "none" && p.cipher != "aes256-cbc":
		return fmt.Errorf("the encryption %q is not known", p.cipher)
	case p.argon2 != nil && (p.argon2.memoryKiB <= 0 || p.argon2.passes <= 0 || p.argon2.parallelism <= 0):
		return errors.New("a parameter of Argon2 is zero")
	}
	return nil
}
