package domain

import (
	"errors"
	"math"
	"strings"
	"unicode/utf8"
)

// The figures of RFC 3492, section 5.
const (
	puny      = "xn--"
	base      = 36
	tMin      = 1
	tMax      = 26
	skew      = 38
	damp      = 700
	firstBias = 72
	firstN    = 128
)

var errPunycode = errors.New("it is no Punycode")

// toUnicode turns the labels of a host that are Punycode into what people see. What is none stays as it is.
func toUnicode(host string) string {
	labels := strings.Split(host, ".")
	for i, l := range labels {
		if rest, ok := strings.CutPrefix(l, puny); ok {
			if plain, err := decodePunycode(rest); err == nil {
				labels[i] = plain
			}
		}
	}
	return strings.Join(labels, ".")
}

// toASCII turns the labels of a host that are not ASCII into Punycode.
func toASCII(host string) string {
	labels := strings.Split(host, ".")
	for i, l := range labels {
		if strings.IndexFunc(l, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
			labels[i] = puny + encodePunycode([]rune(l))
		}
	}
	return strings.Join(labels, ".")
}

// decodePunycode is RFC 3492, section 6.2.
func decodePunycode(text string) (string, error) {
	var out []rune
	if i := strings.LastIndexByte(text, '-'); i > 0 {
		out, text = []rune(text[:i]), text[i+1:]
	}
	n, i, bias := firstN, 0, firstBias
	for len(text) > 0 {
		before, w := i, 1
		for k := base; ; k += base {
			if text == "" {
				return "", errPunycode
			}
			digit := digitOf(text[0])
			text = text[1:]
			if digit < 0 || digit > (math.MaxInt32-i)/w {
				return "", errPunycode
			}
			i += digit * w
			t := min(max(k-bias, tMin), tMax)
			if digit < t {
				break
			}
			if w > math.MaxInt32/(base-t) {
				return "", errPunycode
			}
			w *= base - t
		}
		size := len(out) + 1
		bias = adapt(i-before, size, before == 0)
		n += i / size
		i %= size
		if n > utf8.MaxRune || n >= 0xd800 && n < 0xe000 {
			return "", errPunycode
		}
		out = append(out, 0)
		copy(out[i+1:], out[i:])
		out[i] = rune(n)
		i++
	}
	return string(out), nil
}

// encodePunycode is RFC 3492, section 6.3.
func encodePunycode(text []rune) string {
	var out []byte
	for _, r := range text {
		if r < firstN {
			out = append(out, byte(r))
		}
	}
	basic := len(out)
	if basic > 0 {
		out = append(out, '-')
	}
	n, delta, bias := firstN, 0, firstBias
	for done := basic; done < len(text); {
		next := math.MaxInt32
		for _, r := range text {
			if int(r) >= n && int(r) < next {
				next = int(r)
			}
		}
		delta += (next - n) * (done + 1)
		n = next
		for _, r := range text {
			if int(r) < n {
				delta++
			}
			if int(r) != n {
				continue
			}
			out = appendDelta(out, delta, bias)
			bias = adapt(delta, done+1, done == basic)
			delta = 0
			done++
		}
		delta++
		n++
	}
	return string(out)
}

func appendDelta(out []byte, delta, bias int) []byte {
	const digits = "abcdefghijklmnopqrstuvwxyz0123456789"
	for k := base; ; k += base {
		t := min(max(k-bias, tMin), tMax)
		if delta < t {
			return append(out, digits[delta])
		}
		out = append(out, digits[t+(delta-t)%(base-t)])
		delta = (delta - t) / (base - t)
	}
}

func digitOf(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c-'0') + 26
	case c >= 'a' && c <= 'z':
		return int(c - 'a')
	}
	return -1
}

// adapt is RFC 3492, section 6.1.
func adapt(delta, size int, first bool) int {
	if first {
		delta /= damp
	} else {
		delta /= 2
	}
	delta += delta / size
	k := 0
	for ; delta > (base-tMin)*tMax/2; k += base {
		delta /= base - tMin
	}
	return k + (base-tMin+1)*delta/(delta+skew)
}
