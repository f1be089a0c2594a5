package bundle

import (
	"cmp"
	"context"
	"io/fs"
	"path"
	"slices"
	"strings"

	"keysweep/host"
	"keysweep/host/plan"
	"keysweep/host/tree"
)

// Collect takes what package plan lists from a source. What could not be had is said in the bundle; the error is that there was too much, or
// that the context ended.
func Collect(ctx context.Context, s host.Source, about About) (*Bundle, error) {
	c := collector{source: s, bundle: New(about), listed: map[string]int{}}
	for _, item := range plan.Files() {
		for _, name := range c.expand(item.Path) {
			c.take(item.Kind, c.straight(name))
		}
		if err := cmp.Or(c.err, context.Cause(ctx)); err != nil {
			return nil, err
		}
	}
	for _, command := range plan.Commands() {
		if command.Fixed() {
			c.run(ctx, command)
		}
		if err := cmp.Or(c.err, context.Cause(ctx)); err != nil {
			return nil, err
		}
	}
	return c.bundle, nil
}

type collector struct {
	source host.Source
	bundle *Bundle
	homes  []string
	listed map[string]int // directories whose files were read, by how many levels down, and two
	err    error
}

func (c *collector) add(name string, n tree.Node) {
	if err := c.bundle.Add(name, n); err != nil && c.err == nil {
		c.err = err
	}
}

// expand finds what a path with wildcards stands for. One without is itself, whether it is there or not.
func (c *collector) expand(name string) []string {
	if rest, ok := strings.CutPrefix(name, "~"); ok {
		var list []string
		for _, home := range c.users() {
			list = append(list, path.Join(home, rest))
		}
		return list
	}
	if !plan.Pattern(name) {
		return []string{name}
	}
	found := []string{"/"}
	for part := range strings.SplitSeq(strings.Trim(name, "/"), "/") {
		var next []string
		for _, dir := range found {
			next = append(next, c.matches(dir, part)...)
		}
		found = next
	}
	return found
}

func (c *collector) matches(dir, pattern string) (list []string) {
	if !plan.Pattern(pattern) {
		return []string{path.Join(dir, pattern)}
	}
	entries, _ := c.source.List(dir) // what cannot be listed has no matches; asked for by name, it is said why
	for _, e := range entries {
		if ok, _ := path.Match(pattern, e.Name); ok {
			list = append(list, path.Join(dir, e.Name))
		}
	}
	return list
}

// users returns the home directories of /etc/passwd, but for those that are no user's own.
func (c *collector) users() []string {
	if c.homes == nil {
		c.homes = []string{}
		if f, err := c.source.Read("/etc/passwd"); err == nil {
			c.homes = Homes(f.Data)
		}
	}
	return c.homes
}

// Homes returns the home directories that a passwd file names, once each, of at most 4,096 users.
func Homes(passwd []byte) (list []string) {
	for line := range strings.Lines(string(passwd)) {
		fields := strings.Split(strings.TrimSpace(line), ":")
		if len(fields) < 7 || !strings.HasPrefix(fields[5], "/") || path.Clean(fields[5]) == "/" || len(list) >= 4096 {
			continue
		}
		if home := path.Clean(fields[5]); !slices.Contains(list, home) {
			list = append(list, home)
		}
	}
	return list
}

// straight is a path without links before its last part. Links on the way are collected: by them it is found again.
func (c *collector) straight(name string) string {
	linked := false
	for up := path.Dir(name); up != "/"; up = path.Dir(up) {
		if info, err := c.source.Lstat(up); err == nil && info.Mode&fs.ModeSymlink != 0 {
			c.outside(up)
			linked = true
		}
	}
	if linked {
		if info, err := c.source.Stat(path.Dir(name)); err == nil {
			return path.Join(info.Real, path.Base(name))
		}
	}
	return name
}

// take collects a path.
func (c *collector) take(kind plan.Kind, name string) {
	switch kind {
	case plan.Content, plan.Lines:
		c.file(name)
	case plan.Entries:
		c.dir(name, 0, false)
	case plan.All:
		c.dir(name, 0, true)
	case plan.Deep:
		c.dir(name, plan.Levels, true)
	case plan.Outside:
		c.outside(name)
	case plan.Sockets:
		c.sockets(name)
	}
}

// outside adds what is known of a path without reading it, and returns where it leads; "" if nowhere.
func (c *collector) outside(name string) (real string) {
	info, err := c.source.Lstat(name)
	if err != nil {
		if c.bundle.Node(name) == nil {
			c.add(name, tree.Node{Gone: cause(err)})
		}
		return ""
	}
	if info.Mode&fs.ModeSymlink == 0 {
		c.meta(name, info)
		return name
	}
	led, err := c.source.Stat(name)
	info.Real = led.Real
	c.meta(name, info)
	if err != nil {
		return ""
	}
	c.meta(led.Real, led)
	return led.Real
}

// meta adds a path without its content, unless more is known of it.
func (c *collector) meta(name string, info host.Info) {
	if n := c.bundle.Node(name); n != nil && n.Gone == nil && (c.bundle.Known(name) && !n.Partial || n.Link != "") {
		return
	}
	n := tree.Node{Info: info, Partial: info.Mode.IsDir()}
	if info.Mode.IsRegular() {
		n.Err = host.ErrNotCollected
	}
	c.add(name, n)
}

// file adds a file with its content.
func (c *collector) file(name string) {
	real := c.outside(name)
	if real == "" || c.bundle.Known(real) {
		return
	}
	n := c.bundle.Node(real)
	if n == nil || !n.Mode.IsRegular() {
		return
	}
	f, err := c.source.Read(real)
	if err != nil {
		c.add(real, tree.Node{Info: n.Info, Err: cause(err)})
		return
	}
	c.add(real, tree.Node{Info: f.Info, Data: f.Data})
}

// dir adds a directory with its entries, with what they hold if content is asked for, and directories in it further levels down.
func (c *collector) dir(name string, levels int, content bool) {
	real := c.outside(name)
	if real == "" {
		return
	}
	n := c.bundle.Node(real)
	if n == nil || !n.Mode.IsDir() || c.listed[real] > levels+1 {
		return
	}
	if content {
		c.listed[real] = levels + 2
	}
	entries, err := c.source.List(real)
	if err != nil {
		c.add(real, tree.Node{Info: n.Info, Err: cause(err), Partial: true})
		return
	}
	c.add(real, tree.Node{Info: n.Info})
	for _, e := range entries {
		at := path.Join(real, e.Name)
		switch {
		case c.err != nil:
			return
		case e.Mode.IsDir() && levels > 0:
			c.dir(at, levels-1, content)
		case content && !e.Mode.IsDir():
			c.file(at)
		case e.Mode&fs.ModeSymlink != 0:
			led, _ := c.source.Stat(at) // a link that leads nowhere is one all the same
			e.Real = led.Real
			c.meta(at, e)
		default:
			c.meta(at, e)
		}
	}
}

// sockets adds the links of a directory that lead to sockets.
func (c *collector) sockets(dir string) {
	entries, err := c.source.List(dir)
	if err != nil {
		c.add(dir, tree.Node{Info: host.Info{Mode: fs.ModeDir | 0o500}, Err: cause(err)})
		return
	}
	c.add(dir, tree.Node{Info: host.Info{Mode: fs.ModeDir | 0o500}})
	for _, e := range entries {
		if strings.HasPrefix(e.Link, "socket:") {
			c.add(path.Join(dir, e.Name), tree.Node{Info: e})
		}
	}
}

func (c *collector) run(ctx context.Context, command plan.Command) {
	out, err := c.source.Run(ctx, command.Argv...)
	if err != nil {
		out, err = &host.Output{Argv: command.Argv}, cause(err)
	}
	if err := c.bundle.Ran(*out, err); err != nil && c.err == nil {
		c.err = err
	}
}
