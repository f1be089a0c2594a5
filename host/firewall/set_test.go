package firewall_test

import (
	"math/rand/v2"
	"net/netip"
	"testing"

	"keysweep/host/firewall"
)

// member is a set that lists what it holds, of the 256 addresses of 10.0.0.0/24 or of 2001:db8::/120.
type member [256]bool

// prefixAt returns a random prefix of a family within those, and its members.
func prefixAt(r *rand.Rand, six bool) (netip.Prefix, member) {
	bits := 24 + r.IntN(9)
	last := byte(r.IntN(256))
	a := netip.AddrFrom4([4]byte{10, 0, 0, last})
	if six {
		a, bits = netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 15: last}), bits+96
	}
	p := netip.PrefixFrom(a, bits).Masked()
	var m member
	for i := range m {
		m[i] = p.Contains(addressAt(i, six))
	}
	return p, m
}

func addressAt(i int, six bool) netip.Addr {
	if six {
		return netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 15: byte(i)})
	}
	return netip.AddrFrom4([4]byte{10, 0, 0, byte(i)})
}

// TestSets compares sets with lists of their members.
func TestSets(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 2000 {
		six := round%2 == 0
		var s firewall.Set
		var m member
		for range 1 + r.IntN(8) {
			p, in := prefixAt(r, six)
			o := firewall.Of(p)
			op := r.IntN(4)
			switch op {
			case 0, 1:
				s = s.Union(o)
			case 2:
				s = s.Minus(o)
			case 3:
				s = o.Union(firewall.Of(p)).Minus(o.Minus(s.Union(s)))
			}
			for i := range m {
				m[i] = [4]bool{m[i] || in[i], m[i] || in[i], m[i] && !in[i], m[i] && in[i]}[op]
			}
			again := firewall.Set{}
			list, more := s.Prefixes(1000)
			for _, p := range list {
				again = again.Union(firewall.Of(p))
			}
			if more || !again.Equal(s) || !s.Intersect(s).Equal(s) || !s.Minus(s).Empty() {
				t.Fatalf("%v does not come back from its prefixes %v", s, list)
			}
			for i := range m {
				if s.Contains(addressAt(i, six)) != m[i] {
					t.Fatalf("round %d: %v: %v", round, s, addressAt(i, six))
				}
			}
		}
	}
}

func TestShareAndNames(t *testing.T) {
	for _, tt := range []struct {
		prefixes []string
		share    float64
		name     string
	}{
		{nil, 0, "nobody"},
		{[]string{"0.0.0.0/0"}, 1, "any address"},
		{[]string{"0.0.0.0/1", "128.0.0.0/1"}, 1, "any address"},
		{[]string{"10.0.0.0/8"}, 1.0 / 256, "10.0.0.0/8"},
		{[]string{"192.0.2.1/32", "192.0.2.2/32", "192.0.2.3/32"}, 3.0 / (1 << 32), "192.0.2.1, 192.0.2.2/31"},
		{[]string{"::/0"}, 1, "any address"},
		{[]string{"2000::/4"}, 0.5, "2000::/4"},
		{[]string{"fe80::/10", "::1/128"}, 0, "::1, fe80::/10"},
		{[]string{"10.0.0.1/32", "10.0.0.3/32", "10.0.0.5/32", "10.0.0.7/32", "10.0.0.9/32"}, 5.0 / (1 << 32), "10.0.0.1, 10.0.0.3, 10.0.0.5, 10.0.0.7 and others"},
	} {
		var s firewall.Set
		for _, p := range tt.prefixes {
			s = s.Union(firewall.Of(netip.MustParsePrefix(p)))
		}
		if s.Share() != tt.share || s.String() != tt.name {
			t.Errorf("%v: %v, %q; want %v, %q", tt.prefixes, s.Share(), s, tt.share, tt.name)
		}
	}
}
