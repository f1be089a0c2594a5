package main

import (
	"strings"
	"testing"
)

func TestSummarize(t *testing.T) {
	const ok = `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"chatter\n"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Output":"PASS\n"}
{"Action":"output","Package":"p","Output":"ok  \tp\t0.1s\n"}
{"Action":"pass","Package":"p"}
`
	tests := []struct {
		name, in   string
		wantFailed bool
		want       []string
		wantNot    []string
	}{
		{"passed", ok, false, []string{"ok  \tp\t0.1s\n", "1 passed, 0 failed, 0 skipped\n"}, []string{"chatter", "PASS"}},
		{"skipped", ok + `{"Action":"run","Package":"p","Test":"TestB"}
{"Action":"output","Package":"p","Test":"TestB","Output":"=== RUN   TestB\n"}
{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:3: needs a thing\n"}
{"Action":"output","Package":"p","Test":"TestB","Output":"--- SKIP: TestB (0.00s)\n"}
{"Action":"skip","Package":"p","Test":"TestB"}
`, false, []string{"skipped: p TestB: b_test.go:3: needs a thing\n", "1 passed, 0 failed, 1 skipped\n"}, nil},
		{"failed subtest", `{"Action":"run","Package":"p","Test":"TestC"}
{"Action":"run","Package":"p","Test":"TestC/x"}
{"Action":"output","Package":"p","Test":"TestC/x","Output":"    got 1, want 2\n"}
{"Action":"fail","Package":"p","Test":"TestC/x"}
{"Action":"fail","Package":"p","Test":"TestC"}
{"Action":"output","Package":"p","Output":"FAIL\tp\t0.1s\n"}
{"Action":"fail","Package":"p"}
`, true, []string{"got 1, want 2", "FAIL\tp\t0.1s\n", "0 passed, 1 failed, 0 skipped\n"}, nil},
		{"replaced by another program", `{"Action":"start","Package":"q"}
` + ok + `{"Action":"run","Package":"q","Test":"TestE"}
{"Action":"pass","Package":"q","Test":"TestE"}
`, true, []string{"FAIL\tq: its tests began and did not come to their end\n"}, nil},
		{"broken build", ok + `{"ImportPath":"q","Action":"build-output","Output":"q.go:1: undefined: x\n"}
{"ImportPath":"q","Action":"build-fail"}
`, true, []string{"q.go:1: undefined: x\n"}, nil},
		{"ended in the middle", ok + `{"Action":"run","Package":"p","Test":"TestD"}
{"Action":"output","Package":"p","Test":"TestD","Output":"last words\n"}
{"Action":"fail","Package":"p"}
`, true, []string{"last words\n"}, nil},
		{"nothing ran", "", true, []string{"0 passed, 0 failed, 0 skipped\n"}, nil},
		{"words of go itself", "go: cannot find main module\n", true, []string{"go: cannot find main module\n"}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out strings.Builder
			failed, err := summarize(strings.NewReader(test.in), &out)
			if err != nil || failed != test.wantFailed {
				t.Errorf("summarize() = %v, %v; want failed %v", failed, err, test.wantFailed)
			}
			for _, want := range test.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("output lacks %q:\n%s", want, out.String())
				}
			}
			for _, no := range test.wantNot {
				if strings.Contains(out.String(), no) {
					t.Errorf("output has %q:\n%s", no, out.String())
				}
			}
		})
	}
}
