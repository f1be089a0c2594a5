package odb

import "testing"

// TestBuffersFollowTheSizes checks that memory of sizes that are no longer needed makes room for that of those that are.
func TestBuffersFollowTheSizes(t *testing.T) {
	var b buffers
	for range 2 * keep >> 20 {
		b.put(make([]byte, 1<<20))
	}
	if b.kept != keep {
		t.Fatalf("%d bytes are kept", b.kept)
	}
	data := make([]byte, 5<<20)
	b.put(data)
	if b.kept > keep {
		t.Errorf("%d bytes are kept", b.kept)
	}
	if got := b.get(4<<20 + 1); &got[0] != &data[0] || len(got) != 4<<20+1 {
		t.Errorf("%d bytes of other memory", len(got))
	}
	if got := b.get(1<<20 - 5); cap(got) != 1<<20 || b.kept%(1<<20) != 0 {
		t.Errorf("for less than 1 MiB there is memory of %d bytes", cap(got))
	}
	for b.kept > 0 {
		before := b.kept
		if b.get(1 << 20); b.kept == before {
			t.Fatalf("%d bytes are kept that nobody gets", b.kept)
		}
	}
}
