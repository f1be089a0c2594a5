package inflate

import (
	"math/bits"
	"math/rand/v2"
	"testing"
)

func TestTableSizes(t *testing.T) {
	if got := mostEntries(mostLits, litlenBits); got > litlenSize {
		t.Errorf("a code of %d symbols can need %d entries, there are %d", mostLits, got, litlenSize)
	}
	if got := mostEntries(mostDists, distBits); got > distSize {
		t.Errorf("a code of %d symbols can need %d entries, there are %d", mostDists, got, distSize)
	}
}

// mostEntries looks at all complete codes of at most so many symbols and returns the most entries that a table needs whose
// first part is indexed by root bits.
func mostEntries(symbols, root int) int {
	s := &search{root: root, known: map[[4]int]int{}}
	most := 0
	for links := 0; links <= min(symbols/2, 1<<root-1); links++ {
		short := bits.OnesCount(uint(1<<root - links)) // fewest codes that take up the rest of the first table
		if left := symbols - short; left >= 2*links {
			most = max(most, s.most(root+1, 2*links, 0, left))
		}
	}
	return 1<<root + most
}

type search struct {
	root  int
	known map[[4]int]int
}

// most returns the most entries of second tables for codes from length on: free places are left at that length, room of
// which are in the table that was begun last, and for which there are so many symbols.
func (s *search) most(length, free, room, symbols int) int {
	if free == 0 {
		return 0
	}
	state := [4]int{length, free, room, symbols}
	if most, ok := s.known[state]; ok {
		return most
	}
	most := 0
	for codes := range min(free, symbols) + 1 {
		if length == longest && codes != free || symbols-codes < 2*(free-codes) {
			continue
		}
		width := 1 << (length - s.root)
		begun := max(0, codes-room+width-1) / width
		rest := room + begun*width - codes
		entries := begun * width
		if rest > 0 {
			entries += width // the last table has to be indexed by another bit
		}
		most = max(most, entries+s.most(length+1, 2*(free-codes), 2*rest, symbols-codes))
	}
	s.known[state] = most
	return most
}

// TestTables decodes every code of random complete codes by a table, and compares with the definition.
func TestTables(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	var b builder
	var tab tables
	for range 500 {
		var lengths [litlenRoom]uint8
		var count [longest + 1]uint16
		randomCode(r, lengths[:mostLits], &count)
		counted := count
		if e := b.litlen(&tab, &lengths, &counted); e != 0 {
			t.Fatal(e)
		}
		code := 0
		for length := 1; length <= longest; length++ {
			for symbol, l := range lengths {
				if int(l) == length {
					checkEntry(t, &tab, symbol, code, length, r.Uint32())
					code++
				}
			}
			code <<= 1
		}
	}
}

// randomCode divides codes until there are enough of them, and gives them to random symbols.
func randomCode(r *rand.Rand, lengths []uint8, count *[longest + 1]uint16) {
	leaves := []uint8{1, 1}
	for want := 2 + r.IntN(len(lengths)-2); len(leaves) < want; {
		at := r.IntN(len(leaves))
		if r.IntN(3) > 0 {
			at = len(leaves) - 1 - r.IntN(2) // deep
		}
		if leaves[at] == longest {
			at = r.IntN(len(leaves))
		}
		if leaves[at] < longest {
			leaves[at]++
			leaves = append(leaves, leaves[at])
		}
	}
	for i, symbol := range r.Perm(len(lengths))[:len(leaves)] {
		lengths[symbol] = leaves[i]
		count[leaves[i]]++
	}
}

func checkEntry(t *testing.T, tab *tables, symbol, code, length int, noise uint32) {
	t.Helper()
	next := bits.Reverse32(uint32(code))>>(32-length) | noise<<length
	entry, before := tab.litlen[next&litlenMask], 0
	if entry&link != 0 {
		before = int(entry & 255)
		entry = tab.litlen[entry>>16+next>>before&(1<<(entry>>8&15)-1)]
	}
	if got := before + int(entry>>8&15); got != length {
		t.Fatalf("symbol %d has a code of %d bits, found one of %d", symbol, length, got)
	}
	if symbol < endSymbol && (entry&literal == 0 || entry>>16&255 != uint32(symbol)) ||
		symbol >= endSymbol && entry&^0xfff != lengthEntries[symbol-endSymbol]&^0xfff {
		t.Fatalf("symbol %d: entry %08x", symbol, entry)
	}
}
