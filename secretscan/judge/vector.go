package judge

// vectorLeast is how many hexadecimal digits in a row are a value of a test vector, and no accident: 64 bits.
const vectorLeast = 16

// computed are words by which test vectors and tests of ciphers name what is computed with a key. What only comes with keys that are in use, too,
// is not among them: iv, salt, public.
var computed = set(`plaintext plain plaintexts ciphertext cipher ciphertexts pt ct aad nonce nonces digest mac tag expected want wanted sig signature message msg
	output out result suite schedule exporter encapsulation psk`)

// isVector reports whether a key is one of a test vector: in hexadecimal digits, and the line below gives, in such digits too, what comes out of it.
//
//	"key": "1c70cc9e7fd0247c168ca60a571b94bd",
//	"base_nonce": "388be5ab975de38b6b63492e",
func (f *finder) isVector(c *Claim) bool {
	if c.Lane != Token || c.End > f.end || !isVectorHex(f.text[c.Start:c.End]) {
		return false
	}
	p := f.below(f.end)
	if p == f.end {
		return false
	}
	for contains("/#*;", f.peek(p)) { // both lines are a remark
		p++
	}
	p = f.closers(f.spaces(p))
	end := p
	for isWord(f.peek(end)) {
		end++
	}
	for _, w := range words(string(f.text[p:end])) {
		if computed(w) {
			return f.hexWithin(end, gapMost)
		}
	}
	return false
}

// hexWithin reports whether hexadecimal digits begin less than gap bytes behind p.
func (f *finder) hexWithin(p, gap int) bool {
	run := 0
	for q := p; q < f.to && q-run < p+gap; q++ {
		if run++; !isHex(f.text[q]) {
			run = 0
		}
		if run == vectorLeast {
			return true
		}
	}
	return false
}

// isHexDigits reports whether a text is nothing but hexadecimal digits.
func isHexDigits(s string) bool {
	for i := range len(s) {
		if !isHex(s[i]) {
			return false
		}
	}
	return s != ""
}

// isVectorHex reports whether a value is nothing but hexadecimal digits, so many that it could be one of a test vector.
func isVectorHex(v []byte) bool {
	for _, b := range v {
		if !isHex(b) {
			return false
		}
	}
	return len(v) >= vectorLeast
}
