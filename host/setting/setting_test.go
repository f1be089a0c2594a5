package setting

import (
	"errors"
	"strings"
	"testing"

	"keysweep/host"
	"keysweep/host/hosttest"
)

func TestLookUp(t *testing.T) {
	const toml = "top = 1\n[p2p]\nmax_per_ip = 4\nlist = [\"a\", {b = true}]\n\"dotted.name\" = 'x'\n"
	const yaml = "top: 1\np2p: &p\n  max_per_ip: 4 # few\n  on: yes\n  list: [a, {b: true}]\nalso: *p\nnone:\n\"dotted.name\":\n  x: y\n"
	const json = `{"top": 1, "p2p": {"max_per_ip": 4, "big": 12345678901234567890, "list": ["a", {"b": true}], "none": null}}`
	const ini = "top = 1\n; no\n[p2p]\n max_per_ip=4\n#max_per_ip=9\n[other]\nmax_per_ip = 7\nname = a b # c\n"
	const plain = "MaxConn 4\nTimeout: 30\nname = \"a # b\" # c\nMaxConn = 5\nflag\n# MaxConn 9\n"
	tests := []struct {
		format, text, key, want string
		line                    int
	}{
		{"toml", toml, "top", "1", 0},
		{"toml", toml, "p2p.max_per_ip", "4", 0},
		{"toml", toml, "p2p.list.1.b", "true", 0},
		{"toml", toml, "p2p.dotted.name", "x", 0},
		{"yaml", yaml, "top", "1", 1},
		{"yaml", yaml, "p2p.max_per_ip", "4", 3},
		{"yaml", yaml, "p2p.on", "yes", 4},
		{"yaml", yaml, "p2p.list.0", "a", 5},
		{"yaml", yaml, "also.max_per_ip", "4", 3},
		{"yaml", yaml, "none", "", 7},
		{"yaml", yaml, "dotted.name.x", "y", 9},
		{"json", json, "p2p.max_per_ip", "4", 0},
		{"json", json, "p2p.big", "12345678901234567890", 0},
		{"json", json, "p2p.none", "", 0},
		{"ini", ini, "top", "1", 1},
		{"ini", ini, "p2p.max_per_ip", "4", 4},
		{"ini", ini, "other.max_per_ip", "7", 7},
		{"ini", ini, "other.name", "a b", 8},
		{"plain", plain, "MaxConn", "5", 4}, // the last counts
		{"plain", plain, "Timeout", "30", 2},
		{"plain", plain, "name", "a # b", 3},
		{"plain", plain, "flag", "", 5},
		{"properties", "a.b = c # d\n", "a.b", "c # d", 1},
	}
	for _, tt := range tests {
		value, line, err := lookUp([]byte(tt.text), Query{Format: tt.format, Key: tt.key})
		if err != nil || value != tt.want || line != tt.line {
			t.Errorf("%s %s: %q in line %d, %v; want %q in %d", tt.format, tt.key, value, line, err, tt.want, tt.line)
		}
	}
	for _, tt := range []struct {
		format, text, key string
		noKey             bool
	}{
		{"toml", toml, "p2p.other", true}, {"yaml", yaml, "p2p.list.7", true}, {"json", json, "top.x", true}, {"ini", ini, "max_per_ip", true}, {"plain", plain, "Max", true}, {"yaml", "", "x", true},
		{"toml", toml, "p2p", false}, {"yaml", yaml, "p2p", false}, {"json", json, "p2p.list", false},
		{"toml", "a = [", "a", false}, {"yaml", "a: [", "a", false}, {"json", "{} {}", "a", false}, {"json", "{", "a", false}, {"yaml", "a: &x [*x]\n", "a.0.0.0", false},
	} {
		if value, _, err := lookUp([]byte(tt.text), Query{Format: tt.format, Key: tt.key}); err == nil || errors.Is(err, ErrNoKey) != tt.noKey {
			t.Errorf("%s %.20q %s: %q, %v", tt.format, tt.text, tt.key, value, err)
		}
	}
}

func TestRead(t *testing.T) {
	s := hosttest.New(map[string]string{"/etc/node.conf": "a = 1\nb = 2\n", "/etc/closed.conf": "a = 1"})
	s.Deny("/etc/closed.conf")
	a, b := Query{"/etc/node.conf", "plain", "a"}, Query{"/etc/node.conf", "plain", "c"}
	gone, closed := Query{"/etc/gone.conf", "plain", "a"}, Query{"/etc/closed.conf", "plain", "a"}
	got := Read(s, []Query{a, b, gone, closed})
	if x := got[a]; x.Err != nil || x.Value != "1" || x.Origin != (host.Origin{Path: "/etc/node.conf", Line: 1}) {
		t.Errorf("%+v", x)
	}
	if x := got[b]; !errors.Is(x.Err, ErrNoKey) || host.Missing(x.Err) {
		t.Errorf("%+v", x)
	}
	if !host.Missing(got[gone].Err) || host.Missing(got[closed].Err) || got[closed].Err == nil {
		t.Errorf("%+v %+v", got[gone], got[closed])
	}
}

func TestFormatOf(t *testing.T) {
	for name, want := range map[string]string{"/a.TOML": "toml", "/a.yml": "yaml", "/a.json": "json", "/a.service": "ini", "/a.properties": "properties", "/a.conf": "plain", "/a": "plain"} {
		if got := FormatOf(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// FuzzLookUp reads anything as any format.
func FuzzLookUp(f *testing.F) {
	f.Add("a: &x [*x, {b: *x}]\nc: {<<: *x}\n", "a.0.0")
	f.Add("[a]\nb = 1\n", "a.b")
	f.Add(`{"a":{"b":[1,2]}}`, "a.b.1")
	f.Add("a=\"x\n'", "a")
	f.Fuzz(func(t *testing.T, text, key string) {
		for _, format := range Formats() {
			value, line, err := lookUp([]byte(text), Query{Format: format, Key: key})
			if err != nil && value != "" || line < 0 || line > strings.Count(text, "\n")+strings.Count(text, "\r")+strings.Count(text, "\u0085")+strings.Count(text, "\u2028")+strings.Count(text, "\u2029")+1 {
				t.Errorf("%s: %q in line %d, %v", format, value, line, err)
			}
		}
	})
}
