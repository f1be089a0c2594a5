package cli

import (
	"strings"
	"testing"

	"keysweep/secretscan/source"
)

func TestPassing(t *testing.T) {
	hash := strings.Repeat("0a", 32)
	for exe, want := range map[string]bool{
		"/usr/local/bin/keysweep":                   false,
		"/home/ann/go-builder/keysweep":             false,
		"/tmp/go-build123/b001/exe/keysweep":        true,
		"/home/ann/.cache/go-build/c5/x-d/keysweep": true,
		"/cache/c5/" + hash + "-d/keysweep":         true,
		"/nix/store/" + hash + "/keysweep":          false,
	} {
		if got := passing(exe); got != want {
			t.Errorf("passing(%q) = %v", exe, got)
		}
	}
}

func TestPushLines(t *testing.T) {
	a, b, zero := strings.Repeat("a", 40), strings.Repeat("b", 40), strings.Repeat("0", 40)
	tests := []struct {
		name, stdin string
		want        []source.RefUpdate
		fails       bool
	}{
		{"nothing", "", nil, false},
		{"one", "refs/heads/m " + a + " refs/heads/n " + b + "\n", []source.RefUpdate{{Ref: "refs/heads/n", Old: b, New: a}}, false},
		{"spaces in what was typed", "HEAD@{1 day ago} " + a + " refs/heads/n " + zero, []source.RefUpdate{{Ref: "refs/heads/n", Old: zero, New: a}}, false},
		{"deleted", "(delete) " + zero + " refs/heads/n " + b + "\n", []source.RefUpdate{{Ref: "refs/heads/n", Old: b, New: zero}}, false},
		{"short", "refs/heads/m " + a + "\n", nil, true},
		{"no id", "m x n " + b + "\n", nil, true},
		{"endless line", strings.Repeat("x", lineLimit+1), nil, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := &hookRun{env: &Env{Stdin: strings.NewReader(test.stdin)}, name: "pre-push"}
			err := r.prePush([]string{"origin", "url"})
			if (err != nil) != test.fails {
				t.Fatalf("error %v", err)
			}
			if got := r.scan.push.updates; !test.fails && (len(got) != len(test.want) || len(got) > 0 && got[0] != test.want[0]) {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func FuzzPushLines(f *testing.F) {
	f.Add("refs/heads/m " + strings.Repeat("a", 40) + " refs/heads/n " + strings.Repeat("0", 40) + "\n")
	f.Add("\x00 \n\r\n")
	f.Fuzz(func(t *testing.T, stdin string) {
		r := &hookRun{env: &Env{Stdin: strings.NewReader(stdin)}, name: "pre-push"}
		if err := r.prePush(nil); err == nil && len(r.scan.push.updates) > strings.Count(stdin, "\n")+1 {
			t.Errorf("%d updates from %q", len(r.scan.push.updates), stdin)
		}
	})
}
