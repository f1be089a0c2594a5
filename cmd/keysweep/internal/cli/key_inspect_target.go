package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"keysweep/finding"
	"keysweep/keys/agent"
	"keysweep/keys/inventory"
)

const (
	// maxInspected is the most that is read of one file, in bytes: known_hosts of large sites have some megabytes.
	maxInspected = 32 << 20
	// maxEntries is how many files of directories are looked at in one run.
	maxEntries = 100_000
)

// hinted is an error that says what to do.
type hinted struct {
	error
	hint string
}

// Hint says what to do.
func (h *hinted) Hint() string { return h.hint }

// Unwrap returns the error alone.
func (h *hinted) Unwrap() error { return h.error }

// target inspects one argument.
func (in *inspection) target(ctx context.Context, target string) {
	switch target {
	case "-":
		in.sources = append(in.sources, "standard input")
		in.stdin()
		return
	case "agent":
		in.sources = append(in.sources, "ssh-agent")
		in.agent(ctx)
		return
	}
	in.sources = append(in.sources, target)
	path := absolute(in.env, target)
	info, err := os.Stat(path)
	switch {
	case err != nil:
		in.problem(target, "read", missing(err))
	case info.IsDir():
		in.directory(ctx, path)
	case !info.Mode().IsRegular():
		in.problem(target, "read", &hinted{errors.New("it is neither a file nor a directory"), "give its content on standard input: keysweep key inspect - < " + shellWord(target)})
	default:
		in.file(ctx, path, true)
	}
}

// missing adds what helps where a file is not there.
func missing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &hinted{errors.New("there is no such file or directory"), "keysweep key list shows every key that is known"}
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

func (in *inspection) stdin() {
	data, err := io.ReadAll(io.LimitReader(in.env.Stdin, maxInspected+1))
	defer clear(data)
	switch {
	case err != nil:
		in.problem("standard input", "read", err)
	case len(data) > maxInspected:
		in.problem("standard input", "read", fmt.Errorf("larger than %d bytes", maxInspected))
	default:
		in.files++
		c := content{where: "standard input", data: data}
		in.found(&c, c.understand(), true)
	}
}

// file inspects a regular file. named: it was named by the user, so holding no key is a problem.
func (in *inspection) file(ctx context.Context, path string, named bool) {
	shown := shownPath(in.env, path)
	data, err := readBounded(path)
	defer clear(data)
	if err != nil {
		in.problem(shown, "read", missing(err))
		return
	}
	in.files++
	c := content{where: shown, path: path, data: data}
	if err := c.understand(); err != nil {
		in.found(&c, err, named)
		return
	}
	if c.single() {
		key, err := lookAt(ctx, in.env, path)
		if err != nil {
			in.problem(shown, "look at", err)
			return
		}
		c.sights[0].look(&key)
		for _, p := range key.Problems {
			in.problem(shownPath(in.env, p.Where), p.Op, p.Err)
		}
	}
	in.found(&c, nil, named)
}

// found takes over what a file or standard input holds.
func (in *inspection) found(c *content, err error, named bool) {
	in.sights = append(in.sights, c.sights...)
	in.problems = append(in.problems, c.problems...)
	in.notices = append(in.notices, c.notices...)
	var nothing *noKeyError
	switch {
	case errors.As(err, &nothing) && !named && !nothing.damaged:
		in.others++
	case err != nil:
		in.problem(c.where, "understand", err)
	}
}

func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxInspected+1))
	if err == nil && len(data) > maxInspected {
		return nil, fmt.Errorf("larger than %d bytes: not a file of keys", maxInspected)
	}
	return data, err
}

// directory inspects the key files of a directory and, if asked to, of those below it. A .pub that belongs to the private key
// beside it is part of that one.
func (in *inspection) directory(ctx context.Context, dir string) {
	before := len(in.sights)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			in.problem(shownPath(in.env, path), "read", missing(err))
			return skipDir(d)
		case d.IsDir():
			if path != dir && !in.opts.recursive {
				return fs.SkipDir
			}
		case in.files+in.others >= maxEntries:
			in.problem(shownPath(in.env, path), "look further", fmt.Errorf("there are more than %d files", maxEntries))
			return fs.SkipAll
		case in.readable(path, d):
			in.file(ctx, path, false)
		}
		return nil
	})
	if err != nil && ctx.Err() == nil {
		in.problem(shownPath(in.env, dir), "read", err)
	}
	in.sights = append(in.sights[:before], withoutTwins(in.sights[before:])...)
}

func skipDir(d fs.DirEntry) error {
	if d != nil && d.IsDir() {
		return fs.SkipDir
	}
	return nil
}

// readable reports whether an entry of a directory is a regular file, or a link to one, of a size that keys may have.
func (in *inspection) readable(path string, d fs.DirEntry) bool {
	info, err := os.Stat(path)
	if err != nil {
		if d.Type().IsRegular() || !errors.Is(err, fs.ErrNotExist) { // a link that leads nowhere is no problem
			in.problem(shownPath(in.env, path), "read", missing(err))
		}
		return false
	}
	if !info.Mode().IsRegular() || info.Size() > maxInspected {
		in.others++
		return false
	}
	return true
}

// withoutTwins leaves out the .pub files that belong to private keys among the sights.
func withoutTwins(sights []*sight) (kept []*sight) {
	private := map[string]bool{}
	for _, s := range sights {
		for _, f := range s.key.Files {
			private[f.PubPath] = f.Pub == inventory.PubMatches || f.Pub == inventory.PubUnproven
		}
	}
	for _, s := range sights {
		if s.what != whatPublic || !strings.HasSuffix(s.path, ".pub") || !private[s.path] {
			kept = append(kept, s)
		}
	}
	return kept
}

// agent inspects what ssh-agent holds.
func (in *inspection) agent(ctx context.Context) {
	client, err := agent.Dial(ctx, in.env.Getenv("SSH_AUTH_SOCK"))
	if err != nil {
		in.problem("ssh-agent", "ask", err)
		return
	}
	defer func() { _ = client.Close() }()
	held, err := client.List(ctx)
	if err != nil {
		in.problem("ssh-agent", "ask", err)
		return
	}
	if len(held) == 0 {
		in.notices = append(in.notices, finding.Notice{Kind: "empty", Where: "ssh-agent", Text: "it holds no keys (or is locked, and does not say so)"})
	}
	for _, k := range held {
		s := newSight("ssh-agent", whatAgent, k.Public, k.Comment)
		s.key.Agent = []inventory.AgentKey{{Comment: k.Comment, Certificate: k.Public.IsCertificate()}}
		in.sights = append(in.sights, s)
		in.problems = append(in.problems, s.problems...)
	}
}
