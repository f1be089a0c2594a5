package plugin

import (
	"bytes"
	"strings"
	"testing"
)

func TestKeeperAsked(t *testing.T) {
	if !KeeperAsked([]string{keeperArgument}, []string{"PATH=/bin", keeperMarker}) {
		t.Error("asked, and not seen")
	}
	for _, args := range [][]string{nil, {keeperArgument, "x"}, {"scan"}} {
		if KeeperAsked(args, []string{keeperMarker}) {
			t.Errorf("%q", args)
		}
	}
	if KeeperAsked([]string{keeperArgument}, nil) {
		t.Error("without the marker")
	}
}

// FuzzErrand wants a part of an errand never to be carried out.
func FuzzErrand(f *testing.F) {
	f.Add([]byte(`{"program":"/p","name":"acme","timeout":1000,"note":"eA==","size":3}`+"\n"+"{}\n"), 2)
	f.Add([]byte(`{"program":"/p","timeout":-1,"size":0}`+"\n"), 0)
	f.Add([]byte("\n"), 0)
	f.Fuzz(func(t *testing.T, data []byte, cut int) {
		e, request, err := readErrand(bytes.NewReader(bytes.Clone(data)))
		if err != nil {
			if strings.Contains(err.Error(), "secret") {
				t.Fatal(err)
			}
			return
		}
		if e.Size != len(request) || e.Program == "" || e.Timeout <= 0 {
			t.Fatalf("%+v", e)
		}
		if cut > 0 && cut <= len(request) {
			if _, _, err := readErrand(bytes.NewReader(data[:len(data)-cut])); err == nil {
				t.Fatal("a part is taken for the whole")
			}
		}
	})
}
