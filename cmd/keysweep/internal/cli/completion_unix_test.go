//go:build unix

package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"keysweep/internal/testneed"
)

// completionHome is a home whose ledger knows three credentials and a key, without what opens it: the snapshot is all there is.
func completionHome(t *testing.T) (home string, environ []string) {
	t.Helper()
	home = t.TempDir()
	pass := filepath.Join(home, "pass")
	if err := os.WriteFile(pass, []byte("quartz-lantern-7-mossy-veto-plumb-otter\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	environ = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "LC_ALL=C"}
	run := func(stdin string, args ...string) {
		cmd := exec.Command("keysweep", args...)
		cmd.Env, cmd.Stdin = append(environ, ledgerPassphraseFile+"="+pass), strings.NewReader(stdin)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("keysweep %q: %v\n%s", args, err, out)
		}
	}
	for _, c := range [][2]string{{"prod", "API_TOKEN"}, {"prod", "API_SALT"}, {"staging", "DATABASE_URL"}} {
		run("value of "+c[0], "cred", "add", c[1], "--env", c[0], "--purpose", "shop: payments", "--owner", "ann")
	}
	key := filepath.Join(home, "mykey")
	if out, err := exec.Command(testneed.Program(t, "ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", key).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	run("", "key", "adopt", key)
	if err := os.RemoveAll(filepath.Join(home, ".local", "share", "keysweep")); err != nil {
		t.Fatal(err)
	}
	return home, environ
}

// completed returns what a shell is told, without descriptions; what is said beside it is a failure.
func completed(t *testing.T, environ []string, args ...string) (words []string) {
	t.Helper()
	cmd := exec.Command("keysweep", append([]string{"__complete"}, args...)...)
	var said strings.Builder
	cmd.Env, cmd.Stderr = environ, &said
	out, err := cmd.Output()
	if err != nil || strings.Count(said.String(), "\n") != 1 || !strings.HasPrefix(said.String(), "Completion ended with directive: ") {
		t.Errorf("%q: %v, and it said %q", args, err, said.String())
	}
	for line := range strings.Lines(string(out)) {
		if word, _, _ := strings.Cut(strings.TrimSpace(line), "\t"); !strings.HasPrefix(word, ":") {
			words = append(words, word)
		}
	}
	return words
}

// TestCompleteKnown wants what the snapshot knows, without the ledger, and nothing at all of a snapshot that was changed.
func TestCompleteKnown(t *testing.T) {
	home, environ := completionHome(t)
	cases := []struct{ typed, want string }{
		{"run --env |", "prod staging"},
		{"run --env s|", "staging"},
		{"rotate-due --env |", "prod staging"},
		{"rotate-due --owner |", "ann"},
		{"run --env prod --only |", "API_SALT API_TOKEN"},
		{"run --env prod --only=|", "API_SALT API_TOKEN"},
		{"run --env prod --only API_TOKEN,|", "API_TOKEN,API_SALT"},
		{"run --env prod --only API_TOKEN,API_T|", ""},
		{"run --env prod --only API_TOKEN,API_SALT,|", ""},
		{"run --env prod --only API_TOKEN --only |", "API_SALT"},
		{"run --env prod --file API_T|", "API_TOKEN"},
		{"run --env staging --only |", "DATABASE_URL"},
		{"run --only |", "API_SALT API_TOKEN DATABASE_URL"},
		{"cred show |", "prod/API_SALT prod/API_TOKEN staging/DATABASE_URL"},
		{"cred rotate prod/|", "prod/API_SALT prod/API_TOKEN"},
		{"cred remove prod/N|", ""},
		{"key retire |", "mykey"},
		{"key rotate m|", "mykey"},
	}
	for _, c := range cases {
		args := strings.Split(strings.TrimSuffix(c.typed, "|"), " ")
		if got := strings.Join(completed(t, environ, args...), " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.typed, got, c.want)
		}
	}
	path := filepath.Join(home, ".local", "state", "keysweep", "snapshot.json")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(data), "API_SALT", "API_MALT", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, typed := range []string{"run --env ", "run --env prod --only ", "cred show ", "key retire "} {
		if got := completed(t, environ, strings.Split(typed, " ")...); got != nil {
			t.Errorf("%s of a snapshot that was changed: %q", typed, got)
		}
	}
}

// shellCompletions have a shell complete the words of $1 as its Tab key does, one word a line. zsh and bash are told what the shell tells
// functions of completion, as there is no line to edit.
var shellCompletions = map[string]string{
	"bash": `. /usr/share/bash-completion/bash_completion; . <(keysweep completion bash); compopt() { :; }
		COMP_LINE=$1; COMP_POINT=${#1}; COMP_TYPE=9; IFS=' ' read -ra COMP_WORDS <<<"$1"; [[ $1 == *' ' ]] && COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); __start_keysweep; printf '%s\n' "${COMPREPLY[@]}"`,
	"zsh": `autoload -Uz compinit; compinit -u -D; . <(keysweep completion zsh); _describe() { print -rl -- "${completions[@]%%:*}" }
		words=("${(@s: :)1}"); CURRENT=$#words; _keysweep`,
	"fish": `keysweep completion fish | source; complete -C $argv[1] | string split -f1 \t | string match -v '*.'`, // with a dot: so that no space follows
}

// TestCompleteInShells has real shells complete.
func TestCompleteInShells(t *testing.T) {
	_, environ := completionHome(t)
	for shell, script := range shellCompletions {
		t.Run(shell, func(t *testing.T) {
			args := map[string][]string{"bash": {"--norc", "-c", script, "bash"}, "zsh": {"-f", "-c", script, "zsh"}, "fish": {"--no-config", "-c", script}}[shell]
			path := testneed.Program(t, shell)
			if _, err := os.Stat("/usr/share/bash-completion/bash_completion"); shell == "bash" && err != nil {
				testneed.Missing(t, "bash-completion: %v", err)
			}
			for typed, want := range map[string]string{
				"keysweep run --env ":                       "prod staging",
				"keysweep run --env prod --only API_TOKEN,": "API_TOKEN,API_SALT",
				"keysweep cred show staging/D":              "staging/DATABASE_URL",
				"keysweep rotate-d":                         "rotate-due",
			} {
				cmd := exec.Command(path, append(args, typed)...)
				cmd.Env, cmd.Dir = environ, t.TempDir()
				out, err := cmd.CombinedOutput()
				got := strings.ReplaceAll(strings.Join(strings.Fields(string(out)), " "), `\,`, ",")
				if got != want {
					t.Errorf("%s<Tab>: %q, %v; want %q", typed, got, err, want)
				}
			}
		})
	}
}

// TestPromptInShells puts the hint into the prompts of shells as docs/run.md has it.
func TestPromptInShells(t *testing.T) {
	_, environ := completionHome(t)
	environ = append(environ, "KEYSWEEP_TEST_NOW=2036-01-01T00:00:00Z", "TERM=dumb")
	for shell, args := range map[string][]string{
		"bash": {"--norc", "-i"},
		"zsh":  {"-f", "-c", `setopt PROMPT_SUBST; RPROMPT='$(keysweep prompt)'; print -P -- "$RPROMPT"`},
		"fish": {"--no-config", "-c", `function fish_right_prompt; keysweep prompt; end; fish_right_prompt`},
	} {
		cmd := exec.Command(testneed.Program(t, shell), args...)
		cmd.Env = environ
		if shell == "bash" { // where it is not the prompt that says it
			cmd.Stdin = strings.NewReader(`PROMPT_COMMAND="${PROMPT_COMMAND:+$PROMPT_COMMAND; }keysweep prompt"` + "\n")
		}
		out, err := cmd.Output()
		if got := strings.TrimSpace(string(out)); got != "keys: 4 due" {
			t.Errorf("%s: %q, %v", shell, out, err)
		}
	}
}
