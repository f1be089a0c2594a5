package schedule

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// What stands around our lines of a crontab.
const (
	cronBegin = "# keysweep begin (made by keysweep schedule install; taken away by keysweep schedule remove)"
	cronEnd   = "# keysweep end"
)

// ErrCrontab says that our lines in a crontab are not as keysweep left them.
var ErrCrontab = errors.New("the lines of keysweep in the crontab have a beginning and no end, or an end and no beginning")

// Crontab returns a crontab, see crontab(5), with the plan in it; a plan that was in it is replaced. Everything else stays as it
// is.
func Crontab(old []byte, p Plan) ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	rest, err := WithoutCrontab(old)
	if err != nil {
		return nil, err
	}
	var words []string
	for _, e := range p.Environ {
		name, value, _ := strings.Cut(e, "=")
		words = append(words, name+"="+cronWord(value))
	}
	for _, w := range p.words() {
		words = append(words, cronWord(w))
	}
	line := fmt.Sprintf("%d %d * * * %s", p.Minute, p.Hour, strings.Join(words, " "))
	const limit = 990 // bytes of a command that Debian's cron takes; longer ones are refused or cut by others
	if len(line) > limit {
		return nil, errors.New("schedule: the command is too long for a crontab")
	}
	if len(rest) > 0 && rest[len(rest)-1] != '\n' {
		rest = append(rest, '\n')
	}
	return fmt.Appendf(rest, "%s\n%s\n%s\n", cronBegin, line, cronEnd), nil
}

// WithoutCrontab returns a crontab without the plan; the very same one if there is none in it.
func WithoutCrontab(old []byte) ([]byte, error) {
	var out []byte
	inside := false
	for line := range bytes.Lines(old) {
		switch text := strings.TrimRight(string(line), "\r\n"); {
		case text == cronBegin && !inside:
			inside = true
		case text == cronBegin || text == cronEnd && !inside:
			return nil, ErrCrontab
		case text == cronEnd:
			inside = false
		case !inside:
			out = append(out, line...)
		}
	}
	if inside {
		return nil, ErrCrontab
	}
	return out, nil
}

// cronWord writes a word for the shell within a crontab, where % would end the command.
func cronWord(word string) string {
	return "'" + strings.NewReplacer("'", `'\''`, "%", `\%`).Replace(word) + "'"
}
