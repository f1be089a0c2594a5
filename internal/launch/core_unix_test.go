//go:build unix

package launch

import "testing"

func TestCoreLimitIsGivenBack(t *testing.T) {
	script := `ulimit -S -c 4 2>/dev/null || ulimit -S -c $(ulimit -H -c); ulimit -S -c; exec "$@"`
	cmd := helper("core", "sh", "-c", "ulimit -S -c")
	cmd.Args = append([]string{"sh", "-c", script, "sh"}, cmd.Args...)
	cmd.Path = "/bin/sh"
	out, _ := outcome(t, cmd)
	var before, within string
	for i, c := range out {
		if c == '\n' {
			before, within = out[:i], out[i+1:]
		}
	}
	if before == "" || before != within {
		t.Errorf("the limit was and is %q", out)
	}
}
