package keys

import (
	"fmt"
	"strings"
)

// key makes a key of the private half, which may have padding after it, and of the public half without its certificate. Both
// are as the algorithm has them in appendix C.3 of PuTTY's manual.
func (p *ppk) key(public Public, text []byte) (*Private, error) {
	n, err := p.numbers(public, text)
	if err != nil {
		return nil, err
	}
	defer n.wipe()
	key, err := n.private()
	if err != nil {
		return nil, err
	}
	key.Comment = p.comment
	return key, nil
}

func (p *ppk) numbers(public Public, text []byte) (numbers, error) {
	out, in := &wire{rest: public.Blob}, &wire{rest: text}
	out.string() // the algorithm
	var n numbers
	var err error
	switch {
	case public.Type == typeRSA:
		e, modulus := out.mpint(), out.mpint()
		d, p, q := in.mpint(), in.mpint(), in.mpint()
		if in.err == nil {
			n, err = newRSANumbers(modulus, e, d, p, q)
		}
	case public.Type == typeDSA:
		p, q, g, y := out.mpint(), out.mpint(), out.mpint(), out.mpint()
		x := in.mpint()
		if in.err == nil {
			n, err = newDSANumbers(p, q, g, y, x)
		}
	case public.Type == typeEd25519:
		stated, seed := out.string(), in.string()
		if in.err == nil {
			n, err = newEdNumbers(seed, stated)
		}
	case public.Curve != "" && strings.HasPrefix(public.Type, typeECDSA):
		out.string() // the curve
		stated, scalar := out.string(), in.string()
		if in.err == nil {
			n, err = newECNumbers(public.Curve, scalar, stated)
		}
	default:
		return nil, &unsupported{"keys of type " + public.Type + " are not supported", ""}
	}
	if in.err != nil {
		err = in.err
	}
	if err != nil {
		return nil, fmt.Errorf("read PuTTY key: private half: %w", err)
	}
	return n, nil
}
