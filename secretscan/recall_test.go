package secretscan_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"reflect"
	"strings"
	"testing"

	"keysweep/secretscan"
)

// A candidate that looks like one of another content is that one, elsewhere.
func TestLook(t *testing.T) {
	engine, mac := keyEngine(t), hmac.New(sha256.New, []byte("user"))
	var buf []byte
	allow := " # keysweep:" + "allow -- "
	base := engine.Scan([]byte("a " + key + " b\nbegin x\n" + key + " end.\n" + key + allow + "test\n"))
	if len(base) < 3 {
		t.Fatalf("found %d candidates", len(base))
	}
	looks := map[[16]byte]secretscan.Candidate{}
	for _, c := range base {
		looks[c.Look(mac, &buf)] = c
	}
	if len(looks) != len(base) {
		t.Fatalf("%d candidates have %d looks", len(base), len(looks))
	}
	moved := engine.Scan([]byte("one\ntwo\na " + key + " b\nthree\nbegin x\n" + key + " end.\n\n" + key + allow + "test\n"))
	for _, c := range moved {
		other, known := looks[c.Look(mac, &buf)]
		if !known {
			t.Errorf("the candidate in line %d looks new", c.Span.Start.Line)
		} else if got := other.At(c.Spot()); !reflect.DeepEqual(got, c) {
			t.Errorf("put together %+v, not %+v", got, c)
		}
	}
	if !reflect.DeepEqual(base, engine.Scan([]byte("a "+key+" b\nbegin x\n"+key+" end.\n"+key+allow+"test\n"))) {
		t.Error("At changed what it was made from")
	}
	for name, text := range map[string]string{
		"another secret":         "a " + key + "6 b",
		"another line":           "a " + key + " c",
		"another column":         "a  " + key + " b",
		"another secret near it": "a " + key + " b" + strings.ToLower(" KEY77"),
		"another reason":         key + allow + "tost",
		"no comment":             key,
	} {
		for _, c := range engine.Scan([]byte(text)) {
			if _, known := looks[c.Look(mac, &buf)]; known {
				t.Errorf("%s: looks known", name)
			}
		}
	}
	c := base[0]
	if mine := c.Look(mac, &buf); mine == c.Look(hmac.New(sha256.New, []byte("other")), &buf) {
		t.Error("the key plays no part")
	}
}
