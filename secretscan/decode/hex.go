package decode

// hexLeast is how many digits a run of hex has at least; 16 bytes, as many as an MD5 sum.
const hexLeast = 32

// isHexText reports whether text in hex begins here.
func isHexText(text []byte) bool {
	if len(text) < hexLeast {
		return false
	}
	b := text
	if b[0] == '0' && b[1]|0x20 == 'x' {
		b = b[2:]
	}
	for i := 0; i+1 < hexLeast-2; i += 2 {
		if classes[b[i]]&classes[b[i+1]]&digitClass == 0 || !isText(nibble(b[i])<<4|nibble(b[i+1])) {
			return false // nearly always at once
		}
	}
	return endOfWord(text[:hexLeast], 0) == hexLeast
}

// endOfWord returns where the letters and digits end that start at data[at].
func endOfWord(data []byte, at int) int {
	for at < len(data) && classes[data[at]]&wordClass != 0 {
		at++
	}
	return at
}

// hex hands over the text in hex that begins at data[at]; the letters and digits go to end.
func (f *Finder) hex(at, end int) {
	if f.data[at+1]|0x20 == 'x' {
		at += 2
	}
	to, text := at, 0
	var chunk [512]byte
	n := 0
	for to+1 < end && classes[f.data[to]]&classes[f.data[to+1]]&digitClass != 0 {
		chunk[n] = nibble(f.data[to])<<4 | nibble(f.data[to+1])
		n++
		if to += 2; n == len(chunk) {
			k, whole := textLength(chunk[:])
			if text += whole; k < n {
				n = 0
				break
			}
			n = copy(chunk[:], chunk[whole:])
		}
	}
	_, whole := textLength(chunk[:n])
	text += whole
	if 2*text < hexLeast {
		return
	}
	f.pieces(at, at+2*text)
}

// pieces hands over the run of hex data[from:to].
func (f *Finder) pieces(from, to int) {
	first := 0
	for {
		run := Run{Kind: Hex, From: from, First: first, Next: never, To: min(to, from+2*Most)}
		if run.To == to {
			f.found(run)
			return
		}
		from = run.To - 2*pieceTail
		first = from + 2*pieceLead
		run.Next = first
		f.found(run)
	}
}

func appendHex(dst, src []byte) []byte {
	for i := 0; i+1 < len(src); i += 2 {
		dst = append(dst, nibble(src[i])<<4|nibble(src[i+1]))
	}
	return dst
}
