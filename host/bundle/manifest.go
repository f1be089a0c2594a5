package bundle

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"keysweep/host"
	"keysweep/host/tree"
)

// Schema is the manifest's schema and version.
const Schema = "keysweep.host-bundle/v1"

// manifest is the first member of a bundle.
type manifest struct {
	Schema    string        `json:"schema"`
	Host      string        `json:"host"`
	Collected time.Time     `json:"collected_at"`
	Collector string        `json:"collector"`
	UID       int           `json:"uid"`
	Files     []fileEntry   `json:"files"`
	Programs  []programSaid `json:"programs"`
}

// fileEntry is what is known of a path.
type fileEntry struct {
	Path    string `json:"path"`
	Gone    string `json:"gone,omitempty"` // why nothing is known; the other fields are empty then
	Mode    uint32 `json:"mode,omitempty"` // st_mode of inode(7)
	UID     int    `json:"uid"`
	GID     int    `json:"gid"`
	Size    int64  `json:"size,omitempty"`
	Time    int64  `json:"mtime,omitempty"` // Unix time, in seconds
	Link    string `json:"link,omitempty"`
	Real    string `json:"real,omitempty"`
	Error   string `json:"error,omitempty"`   // why the content is not known
	Partial bool   `json:"partial,omitempty"` // a directory that may have other entries
	Content bool   `json:"content,omitempty"` // a member files/PATH holds the content
}

// programSaid is what came of a command. Its members are programs/N.out and programs/N.err, where N is its place in the list, from 0.
type programSaid struct {
	Argv    []string `json:"argv"`
	Error   string   `json:"error,omitempty"`
	Exit    int      `json:"exit"`
	CPU     int64    `json:"cpu_ns,omitempty"`
	Elapsed int64    `json:"elapsed_ns,omitempty"`
}

func describe(n *tree.Node) fileEntry {
	if n.Gone != nil {
		return fileEntry{Path: n.Path, Gone: word(n.Gone)}
	}
	e := fileEntry{Path: n.Path, Mode: stMode(n.Mode), UID: n.UID, GID: n.GID, Size: n.Size, Link: n.Link, Real: n.Real,
		Error: word(n.Err), Partial: n.Partial, Content: n.Err == nil && n.Mode.IsRegular()}
	if !n.Time.IsZero() {
		e.Time = n.Time.Unix()
	}
	return e
}

// node is what an entry says, without the content.
func (e *fileEntry) node() (tree.Node, error) {
	if err := fit(e.Path); err != nil {
		return tree.Node{}, err
	}
	if len(e.Link) > maxPath || e.Real != "" && fit(e.Real) != nil {
		return tree.Node{}, fmt.Errorf("%q leads to no path", e.Path)
	}
	if e.Gone != "" {
		return tree.Node{Gone: caused(e.Gone)}, nil
	}
	n := tree.Node{Info: host.Info{Mode: Mode(e.Mode), UID: e.UID, GID: e.GID, Size: e.Size, Link: e.Link, Real: e.Real}, Err: caused(e.Error), Partial: e.Partial}
	if e.Time != 0 {
		n.Time = time.Unix(e.Time, 0).UTC()
	}
	if n.Mode.IsRegular() && !e.Content && n.Err == nil {
		n.Err = host.ErrNotCollected
	}
	return n, nil
}

// fit refuses what is no clean absolute path.
func fit(name string) error {
	if !strings.HasPrefix(name, "/") || path.Clean(name) != name || len(name) > maxPath || strings.ContainsRune(name, 0) {
		return fmt.Errorf("%q is no path of a machine", Printable(name, 80))
	}
	return nil
}

// check refuses manifests of other kinds, and more than there may be.
func (m *manifest) check() error {
	switch {
	case m.Schema != Schema:
		return fmt.Errorf("its schema is %q, not %s", Printable(m.Schema, 40), Schema)
	case len(m.Files) > MaxNodes || len(m.Programs) > maxPrograms:
		return errors.New("its manifest lists too much")
	}
	return nil
}
