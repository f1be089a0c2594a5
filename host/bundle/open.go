package bundle

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"keysweep/host"
	"keysweep/host/tree"
)

// Open reads a bundle, gzipped or not, into memory. Whatever is not as Write makes it is an error: what somebody else put together is not
// guessed at. Errors hold nothing that could harm a terminal.
func Open(r io.Reader) (*Bundle, error) {
	b, err := open(r)
	if err != nil {
		return nil, fmt.Errorf("read the bundle: %w", err)
	}
	return b, nil
}

func open(r io.Reader) (*Bundle, error) {
	in := bufio.NewReader(r)
	plain := io.Reader(in)
	if start, _ := in.Peek(2); string(start) == "\x1f\x8b" {
		zip, err := gzip.NewReader(in)
		if err != nil {
			return nil, err
		}
		plain = zip
	}
	// One bound for all that is unpacked: headers of members take less than the manifest's entries, and no more is ever looked at.
	t := tar.NewReader(&bounded{r: plain, left: MaxBytes + 2*maxManifest})
	o := opener{nodes: map[string]tree.Node{}}
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, text(err)
		}
		if err := o.member(h, t); err != nil {
			return nil, err
		}
	}
	if o.bundle == nil {
		return nil, errors.New("it is empty: there is no manifest.json")
	}
	return o.finish()
}

// text makes an error of a reader fit for a terminal.
func text(err error) error { return errors.New(Printable(err.Error(), 200)) }

// opener puts a bundle together.
type opener struct {
	bundle   *Bundle
	manifest manifest
	nodes    map[string]tree.Node // of files whose content has not come yet
	said     [][2][]byte          // what programs said
	bytes    int64
}

func (o *opener) member(h *tar.Header, r io.Reader) error {
	switch {
	case h.Typeflag != tar.TypeReg:
		return fmt.Errorf("member %q is no file", Printable(h.Name, 80))
	case o.bundle == nil && h.Name == "manifest.json":
		return o.head(h, r)
	case o.bundle == nil:
		return fmt.Errorf("its first member is %q, not manifest.json", Printable(h.Name, 80))
	}
	if h.Size > host.MaxFile {
		return fmt.Errorf("member %q holds more than %d bytes", Printable(h.Name, 80), host.MaxFile)
	}
	if o.bytes += h.Size; o.bytes > MaxBytes {
		return fmt.Errorf("it holds more than %d bytes", MaxBytes)
	}
	if name, ok := strings.CutPrefix(h.Name, "files"); ok {
		return o.file(name, h, r)
	}
	return o.program(h, r)
}

func (o *opener) head(h *tar.Header, r io.Reader) error {
	if h.Size > maxManifest {
		return fmt.Errorf("its manifest holds more than %d bytes", maxManifest)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return text(err)
	}
	if err := json.Unmarshal(data, &o.manifest); err != nil {
		return fmt.Errorf("its manifest: %w", text(err))
	}
	m := &o.manifest
	if err := m.check(); err != nil {
		return err
	}
	o.bundle = New(About{Host: Printable(m.Host, 255), Collected: m.Collected, Collector: Printable(m.Collector, 80), UID: m.UID})
	o.said = make([][2][]byte, len(m.Programs))
	seen := map[string]bool{}
	for i := range m.Files {
		e := &m.Files[i]
		n, err := e.node()
		if err != nil {
			return err
		}
		if seen[e.Path] {
			return fmt.Errorf("its manifest lists %q twice", Printable(e.Path, 80))
		}
		seen[e.Path] = true
		if e.Content {
			o.nodes[e.Path] = n
			continue
		}
		if err := o.bundle.put(e.Path, n); err != nil {
			return err
		}
	}
	return nil
}

func (o *opener) file(name string, h *tar.Header, r io.Reader) error {
	n, ok := o.nodes[name]
	if !ok {
		return fmt.Errorf("member %q comes twice, or is not in the manifest", Printable(h.Name, 80))
	}
	delete(o.nodes, name)
	data, err := io.ReadAll(r)
	if err != nil {
		return text(err)
	}
	n.Data = data
	return o.bundle.put(name, n)
}

func (o *opener) program(h *tar.Header, r io.Reader) error {
	number, stream, ok := strings.Cut(strings.TrimPrefix(h.Name, "programs/"), ".")
	i, err := strconv.Atoi(number)
	which := map[string]int{"out": 0, "err": 1}
	at, known := which[stream]
	if !ok || err != nil || i < 0 || i >= len(o.said) || !known || o.said[i][at] != nil {
		return fmt.Errorf("member %q comes twice, or is not in the manifest", Printable(h.Name, 80))
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return text(err)
	}
	o.said[i][at] = append([]byte{}, data...)
	return nil
}

// finish adds what programs said, and sees that nothing is missing.
func (o *opener) finish() (*Bundle, error) {
	for name := range o.nodes {
		return nil, fmt.Errorf("the content of %q is missing", Printable(name, 80))
	}
	for i, said := range o.manifest.Programs {
		if o.said[i][0] == nil || o.said[i][1] == nil {
			return nil, fmt.Errorf("what program %d said is missing", i)
		}
		p := &program{err: caused(said.Error), output: host.Output{Argv: said.Argv, Exit: said.Exit, Stdout: o.said[i][0], Stderr: o.said[i][1],
			CPU: time.Duration(said.CPU), Elapsed: time.Duration(said.Elapsed)}}
		if err := o.bundle.putProgram(p); err != nil {
			return nil, err
		}
	}
	return o.bundle, nil
}

// bounded fails where a reader holds more than it may.
type bounded struct {
	r    io.Reader
	left int64
}

// Read fails with what is left used up.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errors.New("it unpacks to more than a bundle may hold")
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}
