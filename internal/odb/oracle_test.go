package odb

import (
	"testing"
)

// shapes are ways to store the same objects.
var shapes = map[string]func(r *repo){
	"empty":         func(*repo) {},
	"loose":         func(r *repo) { r.fill(1, 30); r.unpack() },
	"one pack":      func(r *repo) { r.fill(1, 200); r.git("repack", "-adfq", "--depth=250", "--window=50") },
	"shallow delta": func(r *repo) { r.fill(1, 100); r.git("repack", "-adfq", "--depth=1") },
	"ref deltas": func(r *repo) {
		r.fill(1, 100)
		r.git("-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq", "--depth=50")
	},
	"several packs": func(r *repo) { r.fill(1, 40); r.fill(2, 40); r.fill(3, 40) },
	"packs and loose": func(r *repo) {
		r.fill(1, 40)
		r.git("repack", "-adq")
		r.fill(2, 5)
		r.unpack()
		r.fill(3, 40)
	},
	"the same in several packs": func(r *repo) {
		r.fill(1, 40)
		r.git("repack", "-aq")
		r.git("repack", "-afq", "--depth=3")
		r.unpack()
		r.git("-c", "pack.compression=0", "repack", "-aFq", "--depth=7")
	},
	"old index": func(r *repo) { r.fill(1, 50); r.git("repack", "-adq"); r.reindex("--index-version=1") },
	"far offsets": func(r *repo) {
		r.fill(1, 50)
		r.git("repack", "-adq")
		r.reindex("--index-version=2,0x40")
	},
	"unreachable": func(r *repo) {
		r.fill(1, 30)
		r.fill(2, 30)
		r.git("update-ref", "-d", "refs/heads/side2")
		r.git("repack", "-adkq")
	},
	"multi-pack-index": func(r *repo) {
		r.fill(1, 40)
		r.fill(2, 40)
		r.git("multi-pack-index", "write")
	},
	"multi-pack-index of some": func(r *repo) {
		r.fill(1, 40)
		r.fill(2, 40)
		r.git("multi-pack-index", "write")
		r.fill(3, 40)
		r.fill(4, 3)
	},
	"multi-pack-index of what is gone": func(r *repo) {
		r.fill(1, 40)
		r.fill(2, 40)
		r.git("multi-pack-index", "write")
		midx := r.read("pack/multi-pack-index")
		r.git("repack", "-adq")
		r.write("pack/multi-pack-index", midx)
	},
}

// compareReads reads every object and compares it with what git says.
func compareReads(t *testing.T, db *DB, want map[string]stored) {
	t.Helper()
	if db.Len() != len(want) {
		t.Errorf("Len is %d, git knows %d objects", db.Len(), len(want))
	}
	var buf []byte
	seen := map[uint32]bool{}
	for digits, object := range want {
		id := parseID(t, digits)
		kind, data, err := db.Read(id, buf)
		if err != nil || kind.String() != object.kind || string(data) != object.data {
			t.Fatalf("Read %s: %s of %d bytes, %v; git says %s of %d bytes", digits, kind, len(data), err, object.kind, len(object.data))
		}
		buf = data
		kind, size, err := db.Stat(id)
		if err != nil || kind.String() != object.kind || size != int64(len(object.data)) {
			t.Fatalf("Stat %s: %s of %d bytes, %v; git says %s of %d bytes", digits, kind, size, err, object.kind, len(object.data))
		}
		index, ok := db.Index(id)
		if !ok || db.ID(index) != id || seen[index] {
			t.Fatalf("Index %s: %d, %t, which is %s", digits, index, ok, db.ID(index))
		}
		seen[index] = true
	}
}
