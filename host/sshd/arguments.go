package sshd

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"keysweep/host"
)

// Arguments are what sshd is started with. They stand above its configuration file: the first value holds, and they are read first.
type Arguments struct {
	Words   []string    // behind the program's name
	Origin  host.Origin // of the line that has them; its Path is CommandLine if a running sshd has them
	Running bool        // they are those of the sshd that runs, not of the unit that starts it
	Err     error       // why they are not known; all that they could set is not known then
}

// CommandLine stands where the path of a file would stand for what was read of a running sshd's command line.
const CommandLine = "sshd's command line"

// Overrides reports whether the arguments set something: -D alone does not.
func (a *Arguments) Overrides() bool {
	p := a.parse()
	return a.Err != nil || p.err != nil || p.config != "" || len(p.lines) > 0
}

// On reports whether a line is one of the command line.
func (c *Config) On(o host.Origin) bool {
	a := c.Arguments
	return o.Path != "" && o.Path == a.Origin.Path && !slices.Contains(c.Files, o.Path)
}

// parsedArguments are lines as a configuration would have them, in their order, and the file that -f names.
type parsedArguments struct {
	config string
	lines  []argumentLine
	err    error
}

type argumentLine struct {
	text  string // "PermitRootLogin=yes"
	shown string // "-o PermitRootLogin=yes"
	ports bool   // -p: the Port lines behind it do not count
}

// withValue are the options of sshd(8) that take a value; the others stand alone.
const withValue = "CEbcfghkopu"

// parse reads arguments as sshd does by getopt(3) (sshd.c): -o is a line of the configuration, -p, -4, -6, -g, -h and -c are others.
func (a *Arguments) parse() (p parsedArguments) {
	for i := 0; i < len(a.Words); i++ {
		word := a.Words[i]
		if word == "--" || len(word) < 2 || word[0] != '-' {
			return p // sshd takes none behind its options, and does not start
		}
		for at := 1; at < len(word); at++ {
			if !strings.ContainsRune(withValue, rune(word[at])) {
				p.flag(word[at])
				continue
			}
			value := word[at+1:]
			if value == "" {
				if i++; i == len(a.Words) {
					p.err = fmt.Errorf("the arguments of sshd end behind -%c", word[at])
					return p
				}
				value = a.Words[i]
			}
			p.option(word[at], value)
			break
		}
	}
	return p
}

// flag reads an option without a value. That of addresses takes the place of what -o said before.
func (p *parsedArguments) flag(letter byte) {
	family := map[byte]string{'4': "inet", '6': "inet6"}[letter]
	if family == "" {
		return
	}
	p.lines = slices.DeleteFunc(p.lines, func(l argumentLine) bool { return strings.HasPrefix(strings.ToLower(l.text), "addressfamily") })
	p.lines = append(p.lines, argumentLine{text: "AddressFamily=" + family, shown: "-" + string(letter)})
}

func (p *parsedArguments) option(letter byte, value string) {
	shown := "-" + string(letter) + " " + value
	switch letter {
	case 'f':
		p.config = value
	case 'o':
		p.lines = append(p.lines, argumentLine{text: value, shown: shown})
	case 'p':
		p.lines = append(p.lines, argumentLine{text: "Port=" + value, shown: shown, ports: true})
	case 'g':
		p.lines = slices.DeleteFunc(p.lines, func(l argumentLine) bool { return strings.HasPrefix(strings.ToLower(l.text), "logingracetime") })
		p.lines = append(p.lines, argumentLine{text: "LoginGraceTime=" + value, shown: shown})
	case 'h':
		p.lines = append(p.lines, argumentLine{text: "HostKey=" + value, shown: shown})
	case 'c':
		p.lines = append(p.lines, argumentLine{text: "HostCertificate=" + value, shown: shown})
	}
}

// asked are the arguments for an sshd that is asked what holds: those that set something.
func (a *Arguments) asked() (words []string) {
	p := a.parse()
	if p.config != "" {
		words = append(words, "-f", p.config)
	}
	for _, l := range p.lines {
		if l.ports {
			words = append(words, "-p", strings.TrimPrefix(l.text, "Port="))
			continue
		}
		words = append(words, "-o", l.text)
	}
	return words
}

var errNested = errors.New("matches and includes (Match, Include) on the command line are not understood here")

// argue reads the arguments before the first file.
func (r *reading) argue(p parsedArguments) {
	a := r.Arguments
	if err := cmp.Or(a.Err, p.err); err != nil {
		r.gap(a.Origin, CommandLine, err, nil)
	}
	for _, l := range p.lines {
		o := a.Origin
		if o.Path == CommandLine {
			o.Text = l.shown
		}
		e, ok := r.parseLine(l.text, o)
		if !ok {
			continue
		}
		if e.match != nil || e.includes != nil {
			r.gap(o, CommandLine, errNested, nil)
			continue
		}
		if e.setting != nil {
			e.setting.Origin = o // it has no column of its own there
		}
		fixed := r.portsFixed
		r.portsFixed = fixed && !l.ports
		r.add(e, nil, nil)
		r.portsFixed = fixed || l.ports
	}
}
