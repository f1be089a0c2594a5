package bundle

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"keysweep/host/tree"
)

// Write writes the bundle as a gzipped tar archive. The same bundle gives the same bytes.
func (b *Bundle) Write(w io.Writer) error {
	zip := gzip.NewWriter(w)
	if err := errors.Join(b.archive(zip), zip.Close()); err != nil {
		return fmt.Errorf("write the bundle: %w", err)
	}
	return nil
}

func (b *Bundle) archive(w io.Writer) error {
	m := manifest{Schema: Schema, Host: b.Host, Collected: b.Collected.UTC().Truncate(time.Second), Collector: b.Collector, UID: b.UID,
		Files: []fileEntry{}, Programs: []programSaid{}}
	var content []*tree.Node
	for _, name := range b.files.Paths() {
		n := b.files.Node(name)
		e := describe(n)
		m.Files = append(m.Files, e)
		if e.Content {
			content = append(content, n)
		}
	}
	commands := slices.Sorted(maps.Keys(b.programs))
	for _, c := range commands {
		p := b.programs[c]
		m.Programs = append(m.Programs, programSaid{Argv: p.output.Argv, Error: word(p.err), Exit: p.output.Exit, CPU: int64(p.output.CPU), Elapsed: int64(p.output.Elapsed)})
	}
	head, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return err
	}
	t := tar.NewWriter(w)
	out := member{tar: t, at: m.Collected}
	out.add(&tar.Header{Name: "manifest.json", Mode: 0o600}, head)
	for _, n := range content {
		out.add(&tar.Header{Name: "files" + n.Path, Mode: int64(n.Mode.Perm()), Uid: max(n.UID, 0), Gid: max(n.GID, 0), ModTime: n.Time.Truncate(time.Second)}, n.Data)
	}
	for i, c := range commands {
		p := b.programs[c]
		out.add(&tar.Header{Name: fmt.Sprintf("programs/%d.out", i), Mode: 0o600}, p.output.Stdout)
		out.add(&tar.Header{Name: fmt.Sprintf("programs/%d.err", i), Mode: 0o600}, p.output.Stderr)
	}
	return errors.Join(out.err, t.Close())
}

// member writes members until one fails.
type member struct {
	tar *tar.Writer
	at  time.Time
	err error
}

func (m *member) add(h *tar.Header, data []byte) {
	if m.err != nil {
		return
	}
	h.Size, h.Typeflag, h.Format = int64(len(data)), tar.TypeReg, tar.FormatPAX
	if h.ModTime.IsZero() {
		h.ModTime = m.at
	}
	if m.err = m.tar.WriteHeader(h); m.err == nil {
		_, m.err = m.tar.Write(data)
	}
}
