package deploy

import (
	"bytes"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"keysweep/internal/testneed"
)

func TestCksum(t *testing.T) {
	for _, data := range []string{"", "a", "abc\n", strings.Repeat("\x00\xff key ", 100_000)} {
		cmd := exec.Command(testneed.Program(t, "cksum"))
		cmd.Stdin = bytes.NewReader([]byte(data))
		out, err := cmd.Output()
		if want := fmt.Sprintf("%d %d\n", cksum([]byte(data)), len(data)); err != nil || string(out) != want {
			t.Errorf("%.20q: cksum says %q, %v; we %q", data, out, err, want)
		}
	}
}

// FuzzAnswer holds the reading of what a host prints to finding the content, whatever stands around it.
func FuzzAnswer(f *testing.F) {
	f.Add("", "ssh-ed25519 AAAA x\n", "")
	f.Add("Welcome\n", "", "bye\n")
	f.Add("keysweep-A content\n", "\nkeysweep-A read", "\n")
	f.Fuzz(func(t *testing.T, before, content, after string) {
		const nonce = "keysweep-TESTNONCE"
		if strings.Contains(before+content+after, nonce) {
			return // whoever knows the number of a run can write its marks
		}
		a, err := parseAnswer([]byte(before+"\n"+nonce+" content\n"+content+"\n"+nonce+" read\n"+after), nonce)
		if err != nil || a.word != "read" || string(a.content) != content {
			t.Errorf("%q, %v", a, err)
		}
		if _, err := parseAnswer([]byte(before+content), nonce); err == nil {
			t.Error("an answer where there is none")
		}
	})
}
