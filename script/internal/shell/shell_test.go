package shell

import (
	"strings"
	"testing"

	"keysweep/script/internal/text"
)

// lines writes what a script runs: the wrappers, the name and the words of each command.
func lines(s *Script) string {
	var b strings.Builder
	for _, c := range s.Commands {
		for _, w := range c.Wrappers {
			b.WriteString(w + ">")
		}
		for i, w := range c.Args {
			if i > 0 {
				b.WriteString(" ")
			}
			b.WriteString(w.Value)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// TestCommands shows what scripts run in the end.
func TestCommands(t *testing.T) {
	for in, want := range map[string]string{
		`a 'b c' "d $x" e\ f $'g\th\x41'`:             "a b c d $x e f g\thA\n",
		`x=1; y=$x$x; a "$y" ${z:-d} ${#x}`:           "a 11 d $x\n",
		`sudo -u app -E A=b env C=d nohup a -x`:       "sudo>env>nohup>a -x\n",
		`sudo -- a; exec -a n b; timeout -k 5 9 c`:    "sudo>a\nexec>b\ntimeout>c\n",
		`command -v a; xargs -n 1 -I{} b {}`:          "command -v a\nxargs>b {}\n",
		`bash -euxc 'a "$1"; b' x`:                    "bash -euxc a \"$1\"; b x\nbash>a $1\nbash>b\n",
		`su - app -c "a \"b\" \$c"`:                   "su - app -c a \"b\" $c\nsu>a b $c\n",
		`ssh -p 22 -o A=b host a 'b c' \; d`:          "ssh -p 22 -o A=b host a b c ; d\nssh>a b c\nssh>d\n",
		"bash <<E\na b\nE\n":                          "bash\nbash>a b\n",
		"cat <<E\na b\nE\n":                           "cat\n",
		`eval "a b" c`:                                "eval a b c\neval>a b c\n",
		`find . -exec a {} \; -exec b {} +`:           "find . -exec a {} ; -exec b {} +\nfind>a {}\nfind>b {}\n",
		`docker exec c sh -c 'a'`:                     "docker exec c sh -c a\ndocker>a\n",
		`a "$(b | c)" <(d)`:                           "b\nc\nd\na $(...) <(...)\n",
		`r='sudo -E sh -c'; $r 'a b'`:                 "sudo>sh -c a b\nsudo>sh>a b\n",
		`$SUDO a b; ${SUDO:-} c`:                      "a b\n$SUDO c\n",
		`if a; then b; elif c; then d; fi && e | f`:   "a\nb\nc\nd\ne\nf\n",
		`trap 'a b' EXIT; f() { g; }; f`:              "trap a b EXIT\ntrap>a b\ng\nf\n",
		"a {{ b.c }} ${d.e} ${f::g}":                  "a $_b_c__ $d_e $f__g\n",
		"a ${{ secrets.B }}":                          "a $__secrets_B__\n",
		"{% if x %}\na\n{% endif %}\n%{ if y ~}\nb\n": "a\nb\n",
	} {
		s := Parse(text.Whole([]byte(in)), Options{Shell: "bash"})
		if s.Problem != nil {
			t.Errorf("%s: %s", in, s.Problem.Text)
		}
		if got := lines(s); got != want {
			t.Errorf("%s: got\n%swant\n%s", in, got, want)
		}
	}
}

// TestProblem reads what can be read around a mistake.
func TestProblem(t *testing.T) {
	s := Parse(text.Whole([]byte("#!/bin/sh\na b\nif c; then\n  d | e\ndone\nf; g\n")), Options{})
	if s.Problem == nil || s.Problem.Span.Place().Start.Line != 5 || s.Shell != "sh" {
		t.Errorf("problem %+v in %s", s.Problem, s.Shell)
	}
	if got, want := lines(s), "a b\nc\nd\ne\nf\ng\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	for in, problem := range map[string]bool{"exit 0\n(((": false, "exec a \"$@\"\n)": false, "a && exit\n(((": true, "exec 3>&1\n(((": true} {
		if s := Parse(text.Whole([]byte(in)), Options{}); (s.Problem != nil) != problem {
			t.Errorf("%q: %v", in, s.Problem)
		}
	}
}

// TestSecretNames tells names of secrets from names about secrets.
func TestSecretNames(t *testing.T) {
	for _, name := range []string{"PASSWORD", "DB_PASSWORD", "dbPassword", "API_KEY", "AWS_SECRET_ACCESS_KEY", "TOKEN2", "GITHUB_PAT", "MYSQL_PWD", "PRIVATE_KEY", "clientSecret"} {
		if SecretName(name) == "" {
			t.Errorf("%s is not taken for one", name)
		}
	}
	for _, name := range []string{"PWD", "pass", "PASSWORD_FILE", "TOKEN_URL", "KEY", "AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "PUBLIC_KEY", "KEY_LENGTH", "PATH", "", "_", "MONKEY"} {
		if SecretName(name) != "" {
			t.Errorf("%s is taken for one", name)
		}
	}
}

// FuzzParse parses anything: it never fails, and every place is in the text.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"a | b", "a 'b' \"c $d\"", "x=1 y=$(a) b", "bash -c 'a \"b\"'", "cat <<-E\n\ta\n\tE\n", "{{ a }} ${b.c} {% d %}", "if a; then", "a $'\\x41'"} {
		f.Add([]byte(seed), uint8(0))
	}
	f.Fuzz(func(t *testing.T, data []byte, n uint8) {
		if len(Blank(data)) != len(data) {
			t.Fatal("templates change the length")
		}
		s := Parse(text.Whole(data), Options{Shell: languages[int(n)%len(languages)].name})
		for _, c := range s.Commands {
			for _, w := range append([]*Word{{Span: c.Span}}, c.Args...) {
				if w.From < 0 || w.To < w.From || w.To > len(w.Text.Data) {
					t.Fatalf("a word at %d to %d of %d", w.From, w.To, len(w.Text.Data))
				}
			}
		}
	})
}
