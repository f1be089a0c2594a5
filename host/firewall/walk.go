package firewall

import (
	"slices"

	"keysweep/host"
)

// maxSteps is how many rules are looked at for one question, and maxDepth how deep jumps go: rules that a kernel took are far below
// (nftables allows 16 jumps), those of a made-up bundle need not be.
const (
	maxSteps = 200_000
	maxDepth = 64
)

// walk follows packets through chains.
type walk struct {
	*packet
	steps int
	over  bool          // there were too many steps: nothing is known
	via   []host.Origin // the jumps that lead to the chain
	by    []host.Origin
}

// flow is what became of packets in a chain: those that were accepted, and those that came to its end. The others were dropped.
type flow struct{ accepted, fell tri }

// base sends packets through a base chain and returns those that may go on.
func (w *walk) base(t *table, b base, in tri) tri {
	if in.maybe.Empty() {
		return tri{}
	}
	if len(b.device) > 0 && !slices.Contains(b.device, w.in) {
		return in
	}
	f := w.chain(t, b.chain, in, 0)
	if b.policy == accept || b.nat {
		if !f.fell.maybe.Empty() && !b.nat {
			w.note(b.origin)
		}
		f.accepted = join(f.accepted, f.fell)
	}
	switch {
	case t.unclear != "":
		return tri{Set{}, in.maybe}
	case b.anyDevice:
		return tri{f.accepted.sure, in.maybe}
	}
	return f.accepted
}

// chain sends packets through a chain.
func (w *walk) chain(t *table, name string, in tri, depth int) (f flow) {
	c := t.chains[name]
	if depth > maxDepth || c == nil {
		w.over = w.over || c != nil
		return flow{accepted: tri{Set{}, in.maybe}, fell: tri{Set{}, in.maybe}}
	}
	for i := range c.rules {
		if in.maybe.Empty() {
			break
		}
		if w.steps++; w.steps > maxSteps {
			w.over = true
			break
		}
		in = w.rule(t, &c.rules[i], in, &f, depth)
	}
	f.fell = join(f.fell, in)
	return f
}

// rule applies a rule and returns the packets that go on to the next one.
func (w *walk) rule(t *table, r *rule, in tri, f *flow, depth int) tri {
	met := tri{in.maybe, in.maybe}
	for _, c := range r.when {
		m := c(w.packet)
		met = tri{met.sure.Intersect(m.sure), met.maybe.Intersect(m.maybe)}
		if met.maybe.Empty() {
			return in
		}
	}
	hit := tri{in.sure.Intersect(met.sure), met.maybe}
	rest := tri{in.sure.Minus(met.maybe), in.maybe.Minus(met.sure)}
	switch r.do {
	case next:
		return in
	case accept:
		w.note(w.telling(r))
		f.accepted = join(f.accepted, hit)
	case jump, leap:
		w.via = append(w.via, w.telling(r))
		g := w.chain(t, r.target, hit, depth+1)
		w.via = w.via[:len(w.via)-1]
		f.accepted = join(f.accepted, g.accepted)
		if r.do == jump {
			return join(rest, g.fell)
		}
		f.fell = join(f.fell, g.fell)
	case back:
		f.fell = join(f.fell, hit)
	case opaque:
		w.note(r.origin)
		f.accepted = join(f.accepted, tri{Set{}, hit.maybe})
		return tri{rest.sure, in.maybe}
	case moved:
		return w.moved(r, in, rest)
	}
	return rest
}

// moved takes away what is sent to another port. What is sent to another address may still be one of the machine's own.
func (w *walk) moved(r *rule, in, rest tri) tri {
	switch elsewhere := r.newTo.IsValid(); {
	case r.port != 0 && r.port != w.port:
		return rest
	case !elsewhere:
		return in
	}
	return tri{rest.sure, in.maybe}
}

// telling is where a rule stands, or, if it is for all packets of its chain, the jump that brought them there.
func (w *walk) telling(r *rule) host.Origin {
	if len(r.when) == 0 && len(w.via) > 0 {
		return w.via[len(w.via)-1]
	}
	return r.origin
}

// note remembers what let packets in, for people.
func (w *walk) note(o host.Origin) {
	const enough = 8
	for _, have := range w.by {
		if have == o {
			return
		}
	}
	if len(w.by) < enough {
		w.by = append(w.by, o)
	}
}

func join(a, b tri) tri { return tri{a.sure.Union(b.sure), a.maybe.Union(b.maybe)} }
