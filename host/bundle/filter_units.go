package bundle

import (
	"bytes"
	"regexp"
	"strings"
	"sync"
)

// unitKeys are the settings of systemd's files whose values are looked at. Those of all others stay at home, whatever they are: Environment=
// and SetCredential= hold secrets by name, but Description= and ExecStartPre= may, too.
const unitKeys = `User Group DynamicUser WantedBy RequiredBy UpheldBy Alias Also StandardOutput StandardError ListenStream EnvironmentFile ` +
	`OnCalendar OnBootSec OnActiveSec OnUnitActiveSec Persistent Storage`

// Words of commands that stay: the options of nodes that open their RPC to every address, and what stands for every address. The rest of
// a command may be a password.
const (
	everywhere = `(tcp:[/][/])?(0[.]0[.]0[.]0|\[?::]?|[*])(:[0-9]{1,5})?(/[01]|/0[.]0[.]0[.]0|/128[.]0[.]0[.]0)?`
	nodeWord   = `["']?(--?(http[.]addr|ws[.]addr|rpcaddr|wsaddr|authrpc[.]addr|graphql[.]addr|rpc[.]laddr|rpc-external|unsafe-rpc-external|ws-external|` +
		`unsafe-ws-external|rpcallowip)(=` + everywhere + `)?|` + everywhere + `)["']?|\\`
	started   = `[-@:+!|[:space:]]*/[A-Za-z0-9_./+-]*`
	keptLine  = `^` + space + `(\[[A-Za-z0-9-]*\]` + space + `)?$`
	sshdLine  = `^` + space + `ExecStart` + space + `=[-@:+!|[:space:]]*/[A-Za-z0-9_./+-]*/sshd([[:space:]]|$)`
	execStart = `^(` + space + `Exec[A-Za-z]*` + space + `=` + started + `)([[:space:]]|$)`
	otherKey  = `^(` + space + `[A-Za-z][A-Za-z0-9-]*` + space + `=)`
	comment   = `^(` + space + `)[#;].*`
)

func keptKey() string {
	return `^` + space + `(` + strings.Join(strings.Fields(unitKeys), "|") + `)` + space + `=`
}

// units is the filter of systemd's files. A line that goes on in the next one is not read as one: what follows a backslash loses all words
// but those that stay.
func units() Filter {
	sed := `x
/\\$/{
g
b more
}
g
s~` + comment + `~\1#~
t done
\~` + keptLine + `~b done
\~` + keptKey() + `~b done
\~` + sshdLine + `~b done
s~` + execStart + `~\1\n\2~
t word
s~` + otherKey + `~\1\n~
t word
:more
s~^~\n~
:word
\~\n` + space + `[^[:space:]]~!{
s~\n~~
b done
}
s~\n(` + space + `)([^[:space:]]+)~\1\n\2\n~
\~\n(` + nodeWord + `)\n~!s~\n[^[:space:]]*\n~\nwithheld\n~
s~\n~~
b word
:done`
	return Filter{lines: &several{sed: sed, reduce: reduceUnits}}
}

// unitExpressions are those of units, compiled.
type unitExpressions struct{ comment, line, key, sshd, exec, other, word *regexp.Regexp }

var unitLines = sync.OnceValue(func() unitExpressions {
	re := regexp.MustCompilePOSIX
	return unitExpressions{re(comment), re(keptLine), re(keptKey()), re(sshdLine), re(execStart), re(otherKey), re(`^(` + nodeWord + `)$`)}
})

// reduceUnits does what the program for sed does.
func reduceUnits(data []byte) []byte {
	e, more := unitLines(), false
	out := make([]byte, 0, len(data))
	for line := range bytes.Lines(data) {
		text, end := bytes.CutSuffix(line, []byte("\n"))
		out = append(out, e.reduce(text, more)...)
		if end {
			out = append(out, '\n')
		}
		more = bytes.HasSuffix(text, []byte(`\`))
	}
	return out
}

func (e unitExpressions) reduce(text []byte, more bool) []byte {
	stays := 0
	if !more {
		if at := e.comment.FindSubmatchIndex(text); at != nil {
			return append(bytes.Clone(text[:at[3]]), '#')
		}
		if e.line.Match(text) || e.key.Match(text) || e.sshd.Match(text) {
			return text
		}
		if at := e.exec.FindSubmatchIndex(text); at != nil {
			stays = at[3]
		} else if at := e.other.FindSubmatchIndex(text); at != nil {
			stays = at[3]
		}
	}
	out := bytes.Clone(text[:stays])
	for rest := text[stays:]; len(rest) > 0; {
		n := bytes.IndexFunc(rest, func(r rune) bool { return !white(r) })
		if n < 0 {
			return append(out, rest...)
		}
		out, rest = append(out, rest[:n]...), rest[n:]
		if n = bytes.IndexFunc(rest, white); n < 0 {
			n = len(rest)
		}
		if e.word.Match(rest[:n]) {
			out = append(out, rest[:n]...)
		} else {
			out = append(out, "withheld"...)
		}
		rest = rest[n:]
	}
	return out
}

// white is [[:space:]] in the C locale.
func white(r rune) bool { return r == ' ' || r >= '\t' && r <= '\r' }
