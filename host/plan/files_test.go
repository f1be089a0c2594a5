package plan

import "testing"

func TestFilesAreFit(t *testing.T) {
	seen := map[string]bool{}
	for _, i := range Files() {
		if err := i.check(); err != nil {
			t.Error(err)
		}
		if seen[i.Path] {
			t.Errorf("%s stands in the table twice", i.Path)
		}
		seen[i.Path] = true
	}
	for _, bad := range []Item{{Content, "etc"}, {Content, "/etc/$x"}, {Content, "/a b"}, {Content, "/a/../b"}, {Content, "/a;b"}, {"odd", "/a"}, {Content, "/a'b"}} {
		if bad.check() == nil {
			t.Errorf("%v is fit", bad)
		}
	}
	for _, c := range Commands() {
		if len(c.Argv) == 0 || c.Argv[0] == "*" || c.Seconds <= 0 {
			t.Errorf("%v is no command", c)
		}
	}
}
