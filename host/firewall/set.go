package firewall

import (
	"math/big"
	"net/netip"
	"slices"
	"strings"
)

// Set is a set of addresses of one family. The zero value is empty. It is never changed after it was made.
type Set struct {
	spans []span // in order, disjoint and not adjacent
}

// span is all addresses from one to another, both included.
type span struct{ from, to netip.Addr }

// Family is IPv4 or IPv6.
type Family int

// The families.
const (
	IPv4 Family = 4
	IPv6 Family = 6
)

// String returns "IPv4" or "IPv6".
func (f Family) String() string {
	if f == IPv6 {
		return "IPv6"
	}
	return "IPv4"
}

// familyOf returns the family of an address.
func familyOf(a netip.Addr) Family {
	if a.Is4() {
		return IPv4
	}
	return IPv6
}

// All returns the set of all addresses of a family.
func All(f Family) Set {
	if f == IPv4 {
		return Of(netip.PrefixFrom(netip.IPv4Unspecified(), 0))
	}
	return Of(netip.PrefixFrom(netip.IPv6Unspecified(), 0))
}

// Of returns the addresses of a prefix.
func Of(p netip.Prefix) Set {
	p = p.Masked()
	last := p.Addr().AsSlice()
	for bit := p.Bits(); bit < len(last)*8; bit++ {
		last[bit/8] |= 0x80 >> (bit % 8)
	}
	to, _ := netip.AddrFromSlice(last)
	return Set{[]span{{p.Addr(), to}}}
}

// setOf joins spans in any order.
func setOf(spans []span) Set {
	slices.SortFunc(spans, func(a, b span) int { return a.from.Compare(b.from) })
	var out []span
	for _, s := range spans {
		if s.to.Less(s.from) {
			continue
		}
		if n := len(out); n > 0 && !after(s.from, out[n-1].to) {
			if out[n-1].to.Less(s.to) {
				out[n-1].to = s.to
			}
			continue
		}
		out = append(out, s)
	}
	return Set{out}
}

// after reports whether an address is beyond the one that follows last.
func after(a, last netip.Addr) bool {
	next := last.Next()
	return next.IsValid() && next.Less(a)
}

// Empty reports whether a set holds nothing.
func (s Set) Empty() bool { return len(s.spans) == 0 }

// Contains reports whether a set holds an address.
func (s Set) Contains(a netip.Addr) bool {
	i, found := slices.BinarySearchFunc(s.spans, a, func(s span, a netip.Addr) int { return s.from.Compare(a) })
	return found || i > 0 && !s.spans[i-1].to.Less(a)
}

// Equal reports whether two sets hold the same.
func (s Set) Equal(o Set) bool { return slices.Equal(s.spans, o.spans) }

// Union returns what is in one of two sets.
func (s Set) Union(o Set) Set {
	switch {
	case s.Empty():
		return o
	case o.Empty():
		return s
	}
	return setOf(slices.Concat(s.spans, o.spans))
}

// Intersect returns what is in both of two sets.
func (s Set) Intersect(o Set) Set {
	var out []span
	for i, j := 0, 0; i < len(s.spans) && j < len(o.spans); {
		a, b := s.spans[i], o.spans[j]
		from, to := a.from, a.to
		if from.Less(b.from) {
			from = b.from
		}
		if b.to.Less(to) {
			to = b.to
		}
		if !to.Less(from) {
			out = append(out, span{from, to})
		}
		if a.to.Less(b.to) {
			i++
		} else {
			j++
		}
	}
	return Set{out}
}

// Minus returns what is in s and not in o.
func (s Set) Minus(o Set) Set {
	var out []span
	j := 0
	for _, a := range s.spans {
		for j < len(o.spans) && o.spans[j].to.Less(a.from) {
			j++
		}
		rest, left := a, true
		for k := j; k < len(o.spans) && !rest.to.Less(o.spans[k].from); k++ {
			b := o.spans[k]
			if rest.from.Less(b.from) {
				out = append(out, span{rest.from, b.from.Prev()})
			}
			if left = b.to.Less(rest.to); !left {
				break
			}
			if next := b.to.Next(); rest.from.Less(next) {
				rest.from = next
			}
		}
		if left {
			out = append(out, rest)
		}
	}
	return Set{out}
}

// Share returns how much of the addresses of the public internet a set holds, from 0 to 1: of all of IPv4, and of 2000::/3, the part
// of IPv6 that is given out (RFC 4291, section 2.4).
func (s Set) Share() float64 {
	if s.Empty() {
		return 0
	}
	whole := All(IPv4)
	if familyOf(s.spans[0].from) == IPv6 {
		whole = Of(netip.MustParsePrefix("2000::/3"))
	}
	part, _ := new(big.Float).Quo(s.Intersect(whole).size(), whole.size()).Float64()
	return part
}

func (s Set) size() *big.Float {
	sum := new(big.Int)
	for _, a := range s.spans {
		n := new(big.Int).SetBytes(a.to.AsSlice())
		sum.Add(sum, n.Sub(n, new(big.Int).SetBytes(a.from.AsSlice()))).Add(sum, big.NewInt(1))
	}
	return new(big.Float).SetInt(sum)
}

// Prefixes returns a set as prefixes, at most as many as limit; more reports whether there are others.
func (s Set) Prefixes(limit int) (list []netip.Prefix, more bool) {
	for _, a := range s.spans {
		for from := a.from; from.IsValid() && !a.to.Less(from); {
			if len(list) == limit {
				return list, true
			}
			p, last := widest(from, a.to)
			list = append(list, p)
			from = last.Next()
		}
	}
	return list, false
}

// widest returns the largest prefix that starts at an address and does not go beyond another one, and its last address.
func widest(from, to netip.Addr) (netip.Prefix, netip.Addr) {
	best, last := netip.PrefixFrom(from, from.BitLen()), from
	for bits := from.BitLen() - 1; bits >= 0; bits-- {
		p := netip.PrefixFrom(from, bits)
		end := Of(p).spans[0].to
		if p.Masked().Addr() != from || to.Less(end) {
			break
		}
		best, last = p, end
	}
	return best, last
}

// String names a set for people: "nobody", "any address", or some prefixes.
func (s Set) String() string {
	if s.Empty() {
		return "nobody"
	}
	if s.Equal(All(familyOf(s.spans[0].from))) {
		return "any address"
	}
	list, more := s.Prefixes(4)
	var b strings.Builder
	for i, p := range list {
		if i > 0 {
			b.WriteString(", ")
		}
		if p.IsSingleIP() {
			b.WriteString(p.Addr().String())
		} else {
			b.WriteString(p.String())
		}
	}
	if more {
		b.WriteString(" and others")
	}
	return b.String()
}
