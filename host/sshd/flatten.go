package sshd

import (
	"errors"
	"fmt"
	"net/netip"

	"keysweep/host"
)

// frame is where the reading of a file stands.
type frame struct {
	base  []*condition // the Match lines that the file is included under
	block *Block       // of the last of them
	depth int
}

// flatten goes through a file and those that it includes, in sshd's order, and notes each setting with the Match lines that it stands
// under. What a Match line of an included file opens ends with that file.
func (r *reading) flatten(path string, f frame) {
	chain, block := f.base, f.block
	for _, e := range r.parsed[path] {
		if r.full || len(r.steps) > maxLines {
			r.full = true
			return
		}
		switch {
		case e.match != nil:
			chain = append(chain[:len(f.base):len(f.base)], e.match)
			block = r.open(chain, e.origin)
		case e.includes != nil:
			for _, pattern := range e.includes {
				r.enter(e.origin, pattern, frame{chain, block, f.depth + 1})
			}
		default:
			r.add(e, chain, block)
		}
	}
}

// open starts a block.
func (r *reading) open(chain []*condition, o host.Origin) *Block {
	b := &Block{Origin: o, chain: chain, exact: true}
	for _, c := range chain {
		b.Criteria = append(b.Criteria, c.criteria...)
		b.exact = b.exact && !c.broken
	}
	r.blocks = append(r.blocks, b)
	if len(r.blocks) > maxLines {
		r.full = true
	}
	return b
}

func (r *reading) add(e entry, chain []*condition, block *Block) {
	if block != nil && !e.allowed && meetAll(chain, nil, r.Version) != yes {
		r.problem(e.origin, true, "%s may not stand under Match", e.name)
	}
	if e.setting == nil || r.portsFixed && e.setting.Keyword == "port" {
		return
	}
	r.steps = append(r.steps, step{chain: chain, setting: e.setting})
	if block != nil {
		block.Settings = append(block.Settings, *e.setting)
	}
}

// enter goes through the files of an Include.
func (r *reading) enter(o host.Origin, pattern string, f frame) {
	g, seen := r.globs[pattern]
	if !seen {
		g.paths, g.err = expand(r.src, pattern)
		r.globs[pattern] = g
	}
	if g.err != nil {
		r.gap(o, pattern, g.err, f.base)
	}
	for _, path := range g.paths {
		if f.depth > maxDepth {
			r.problem(o, true, "Include goes deeper than %d files", maxDepth)
			return
		}
		if _, read := r.parsed[path]; !read && !r.load(o, path, f.base) {
			continue
		}
		r.flatten(path, f)
		if r.full {
			return
		}
	}
}

// load reads an included file.
func (r *reading) load(o host.Origin, path string, chain []*condition) bool {
	if len(r.parsed) >= maxFiles {
		r.full = true
		return false
	}
	info, err := r.src.Stat(path)
	if err == nil && info.Mode.IsDir() { // sshd reads a directory as an empty file
		r.parsed[path] = nil
		return true
	}
	f, err := r.src.Read(path)
	if err != nil {
		if host.Missing(err) {
			r.problem(o, true, "Include %s: a link that leads nowhere", path)
		} else {
			r.gap(o, path, err, chain)
		}
		return false
	}
	r.parsed[path] = nil // a file that includes itself finds it, and ends at the depth
	r.parsed[path] = r.parse(path, f.Data)
	r.Files = append(r.Files, path)
	return true
}

func (r *reading) gap(o host.Origin, path string, err error, chain []*condition) {
	switch {
	case path == CommandLine:
		err = fmt.Errorf("%s is not known: %w", path, err)
	default:
		err = fmt.Errorf("%s, which is included at %s, could not be read: %w", path, o, err)
	}
	r.Gaps = append(r.Gaps, Gap{o, path, err})
	r.steps = append(r.steps, step{chain: chain, gap: err})
}

// errBound says that a configuration is larger than any that people write.
var errBound = errors.New("the configuration is larger than what is read of it")

// finish notes what only the whole shows.
func (r *reading) finish() {
	if r.full {
		r.gap(host.Origin{Path: r.Path}, r.Path, errBound, nil)
	}
	r.once()
	v := r.Resolve(Connection{})
	for _, who := range []string{"authorizedkeys", "authorizedprincipals"} {
		run, as := v.global(who+"command"), v.global(who+"commanduser")
		if run.is("none") || !as.is("none") {
			continue
		}
		r.problem(run.Origin, true, "%s needs a user to run it as", who+"command")
	}
	r.satisfiable(v)
	r.families(v)
}

// families reports addresses to listen on that are not of the family that is asked for.
func (r *reading) families(v Values) {
	family := v.global("addressfamily")
	for _, h := range v.start["listenaddress"] {
		if h.setting == nil {
			continue
		}
		addr, err := netip.ParseAddr(h.setting.Words[0])
		if err == nil && (family.is("inet") && !addr.Is4() || family.is("inet6") && addr.Is4()) {
			r.problem(h.setting.Origin, true, "%s is not an address of AddressFamily %s", addr, family)
		}
	}
}

// once reports subsystems that are defined twice.
func (r *reading) once() {
	seen := map[string]bool{}
	for _, s := range r.steps {
		if s.setting == nil || s.setting.Keyword != "subsystem" || meetAll(s.chain, nil, r.Version) != yes {
			continue
		}
		name, _, _ := cutName(s.setting.Words[0])
		if seen[name] {
			r.problem(s.setting.Origin, true, "the subsystem %s is defined twice", name)
		}
		seen[name] = true
	}
}
