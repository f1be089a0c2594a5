package cli

import (
	"io"
	"testing"
)

// TestCommandNames wants each command to be what the list of commands says of it: that is how it is found, and shown in the overview.
func TestCommandNames(t *testing.T) {
	for _, c := range commands() {
		made := c.make(&Env{})
		if made.Name() != c.name || made.Short != c.short {
			t.Errorf("the list of commands says %q, %q, and the command %q, %q", c.name, c.short, made.Name(), made.Short)
		}
	}
}

// TestOverview wants the program's own help to be the same whether all commands are made for it or none.
func TestOverview(t *testing.T) {
	all := newRootCommand(&Env{})
	for _, word := range []string{"--help", "-h", "help"} {
		if got := newRootCommand(&Env{Args: []string{word}}).UsageString(); got != all.UsageString() {
			t.Errorf("keysweep %s says:\n%s\nwith all commands it would say:\n%s", word, got, all.UsageString())
		}
	}
}

// TestTreeIsSmall wants only those commands to be made that the arguments need: all of them take 2,000 allocations. The limits
// have room for twice what there is.
func TestTreeIsSmall(t *testing.T) {
	for _, c := range []struct {
		args []string
		most float64
	}{
		{[]string{"--help"}, 130},
		{[]string{"prompt"}, 30},
		{[]string{"version"}, 30},
		{[]string{"scan", "--staged"}, 190},
		{[]string{"hook", "run", "pre-commit"}, 190},
		{[]string{"run", "--env", "dev", "--", "true"}, 150},
	} {
		env := Env{Args: c.args, Stdout: io.Discard, Stderr: io.Discard}
		if got := testing.AllocsPerRun(10, func() { newRootCommand(&env) }); got > c.most {
			t.Errorf("keysweep %v makes its commands with %.0f allocations: at most %.0f", c.args, got, c.most)
		}
	}
}
