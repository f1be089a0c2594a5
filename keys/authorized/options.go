package authorized

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Option is one of the options before a key. Names do not mind case; here they are in lower case.
type Option struct {
	Name   string
	Value  string // without its quotation marks
	Valued bool   // whether it has a value
}

// String writes the option as authorized_keys has it.
func (o Option) String() string {
	if !o.Valued {
		return o.Name
	}
	return o.Name + `="` + strings.ReplaceAll(o.Value, `"`, `\"`) + `"`
}

// Options are the options of a line, in order.
type Options []Option

// String writes the options as they stand before a key.
func (o Options) String() string {
	words := make([]string, len(o))
	for i := range o {
		words[i] = o[i].String()
	}
	return strings.Join(words, ",")
}

// Get returns the value of the first option of that name, and whether there is one.
func (o Options) Get(name string) (string, bool) {
	if i := o.index(name); i >= 0 {
		return o[i].Value, true
	}
	return "", false
}

// With returns the options with one added, or put in the place of the first of the same name. o stays as it is.
func (o Options) With(option Option) Options {
	option.Name = strings.ToLower(option.Name)
	if i := o.index(option.Name); i >= 0 {
		o = slices.Clone(o)
		o[i] = option
		return o
	}
	return append(slices.Clone(o), option)
}

// Without returns the options without those of that name. o stays as it is.
func (o Options) Without(name string) Options {
	return slices.DeleteFunc(slices.Clone(o), func(option Option) bool { return option.Name == strings.ToLower(name) })
}

func (o Options) index(name string) int {
	return slices.IndexFunc(o, func(option Option) bool { return option.Name == strings.ToLower(name) })
}

// Flags and options with a value, as sshd of OpenSSH 9.2 knows them (sshd(8), AUTHORIZED_KEYS FILE FORMAT). For any other sshd
// refuses the line.
var (
	flagOptions = []string{"agent-forwarding", "cert-authority", "no-agent-forwarding", "no-port-forwarding", "no-pty",
		"no-touch-required", "no-user-rc", "no-x11-forwarding", "port-forwarding", "pty", "restrict", "touch-required", "user-rc",
		"verify-required", "no-verify-required", "x11-forwarding"}
	valuedOptions = []string{"command", "environment", "expiry-time", "from", "permitlisten", "permitopen", "principals", "tunnel"}
	onceOptions   = []string{"command", "from", "principals"}
)

// ParseOptions reads the options before a key. What sshd would refuse is an error: unknown names, missing quotation marks, a
// second command.
func ParseOptions(text string) (Options, error) {
	var options Options
	for rest := text; rest != ""; {
		option, after, err := cutOption(rest)
		if err != nil {
			return nil, err
		}
		if err := option.check(options); err != nil {
			return nil, err
		}
		options = append(options, option)
		if rest = after; rest == "" {
			break
		}
		if rest = strings.TrimPrefix(rest, ","); rest == "" {
			return nil, errors.New("options: they end in a comma")
		}
	}
	return options, nil
}

// cutOption cuts the first option off. What is left is empty or begins with a comma.
func cutOption(text string) (o Option, rest string, err error) {
	end := strings.IndexAny(text, `,="`)
	if end < 0 {
		end = len(text)
	}
	o.Name, rest = strings.ToLower(text[:end]), text[end:]
	switch {
	case !slices.Contains(flagOptions, o.Name) && !slices.Contains(valuedOptions, o.Name):
		return o, "", fmt.Errorf("options: %q is not known to sshd", o.Name)
	case slices.Contains(flagOptions, o.Name):
		if rest != "" && rest[0] != ',' {
			return o, "", fmt.Errorf("options: %s takes no value", o.Name)
		}
		return o, rest, nil
	case !strings.HasPrefix(rest, `="`):
		return o, "", fmt.Errorf("options: the value of %s must stand in quotation marks", o.Name)
	}
	o.Valued = true
	if o.Value, rest, err = cutQuoted(rest[2:]); err != nil {
		return o, "", fmt.Errorf("options: %s: %w", o.Name, err)
	}
	if rest != "" && rest[0] != ',' {
		return o, "", fmt.Errorf("options: something other than a comma follows the value of %s", o.Name)
	}
	return o, rest, nil
}

// cutQuoted reads up to the closing quotation mark. One with a backslash before it belongs to the value; other backslashes
// stand for themselves.
func cutQuoted(text string) (value, rest string, err error) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && strings.HasPrefix(text[i+1:], `"`):
			b.WriteByte('"')
			i++
		case text[i] == '"':
			return b.String(), text[i+1:], nil
		default:
			b.WriteByte(text[i])
		}
	}
	return "", "", errors.New("the closing quotation mark is missing")
}

// check refuses what sshd refuses in an option that follows others.
func (o Option) check(before Options) error {
	if slices.Contains(onceOptions, o.Name) && before.index(o.Name) >= 0 {
		return fmt.Errorf("options: %s is there twice", o.Name)
	}
	if o.Name == "environment" && !validAssignment(o.Value) {
		return errors.New("options: environment: it must be NAME=value")
	}
	if o.Name == "expiry-time" {
		if _, err := parseExpiry(o.Value, time.UTC); err != nil {
			return fmt.Errorf("options: expiry-time: %w", err)
		}
	}
	return nil
}

func validAssignment(value string) bool {
	name, _, ok := strings.Cut(value, "=")
	for _, c := range []byte(name) {
		if c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return ok && name != ""
}
