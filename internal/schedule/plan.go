package schedule

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"unicode"
)

// Plan is what is to be run, and when.
type Plan struct {
	Program string   // absolute path
	Args    []string // without the program's name
	Environ []string // NAME=VALUE: what the job needs of the environment and would not get otherwise
	Hour    int      // of the day, 0 to 23, in the machine's time
	Minute  int
}

// check refuses what one of the formats could not say.
func (p Plan) check() error {
	if !filepath.IsAbs(p.Program) {
		return fmt.Errorf("schedule: %q is not an absolute path", p.Program)
	}
	if p.Hour < 0 || p.Hour > 23 || p.Minute < 0 || p.Minute > 59 {
		return fmt.Errorf("schedule: there is no time %d:%02d", p.Hour, p.Minute)
	}
	for _, word := range append(append([]string{p.Program}, p.Args...), p.Environ...) {
		if strings.ContainsFunc(word, unicode.IsControl) {
			return errors.New("schedule: the command has a control character: that cannot be written down for every scheduler")
		}
	}
	return nil
}

// words is the command with its program.
func (p Plan) words() []string { return append([]string{p.Program}, p.Args...) }
