package sshd

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
)

func mapKeys[K comparable, V any](m map[K]V) iter.Seq[K] { return maps.Keys(m) }

// text reads one word as it stands.
var text = one(func(w string, _ arguments) (string, error) { return noneSmall(w), nil })

// noneSmall writes none in small letters, as sshd does by clearing the value.
func noneSmall(w string) string {
	if strings.EqualFold(w, "none") {
		return "none"
	}
	return w
}

// file reads the path of a file; a relative one is taken from the root, where sshd is started.
var file = one(func(w string, _ arguments) (string, error) { return absolute(w), nil })

func absolute(w string) string {
	switch {
	case strings.EqualFold(w, "none"):
		return "none"
	case strings.HasPrefix(w, "~"):
		return home(w)
	case !strings.HasPrefix(w, "/"):
		return "//" + w
	}
	return w
}

// home replaces ~ by the home of root, as whom sshd reads its configuration.
func home(w string) string {
	if after, ok := strings.CutPrefix(w, "~/"); ok {
		return "/root/" + strings.TrimLeft(after, "/")
	}
	if w == "~" {
		return "/root/"
	}
	return w
}

var agentSocket = one(func(w string, _ arguments) (string, error) {
	if w == "SSH_AUTH_SOCK" {
		return w, nil
	}
	return absolute(w), nil
})

var provider = one(func(w string, _ arguments) (string, error) {
	if strings.EqualFold(w, "internal") {
		return w, nil
	}
	return absolute(w), nil
})

var userEnvironment = one(func(w string, _ arguments) (string, error) { return w, nil })

func unsupported(arguments) ([]string, error) {
	return nil, errors.New("sshd has no routing domains of processes on Linux")
}

// rest reads the whole line behind the keyword, comments included.
func rest(a arguments) ([]string, error) { return []string{noneSmall(a.rest)}, nil }

func command(a arguments) ([]string, error) {
	if !strings.HasPrefix(a.rest, "/") && !strings.EqualFold(a.rest, "none") {
		return nil, fmt.Errorf("%q is not an absolute path", a.rest)
	}
	return []string{a.rest}, nil
}

// addendum reads VersionAddendum, whose comment is part of it, too.
func addendum(a arguments) ([]string, error) {
	if strings.ContainsRune(a.rest, '\r') {
		return nil, errors.New("it holds a carriage return")
	}
	return rest(a)
}

// words reads any words.
func words(a arguments) ([]string, error) { return a.words, nil }

// filled reads words that are not empty.
func filled(a arguments) ([]string, error) {
	if slices.Contains(a.words, "") {
		return nil, errArgument
	}
	return a.words, nil
}

func files(a arguments) ([]string, error) {
	list := make([]string, 0, len(a.words))
	for _, w := range a.words {
		list = append(list, home(w))
	}
	if slices.Contains(list, "") {
		return nil, errArgument
	}
	return list, nil
}

func users(a arguments) ([]string, error) {
	for _, w := range a.words {
		_, host, at := strings.Cut(w, "@")
		if w == "" {
			return nil, errArgument
		}
		if !at {
			continue
		}
		if err := checkAddresses(host); err != nil {
			return nil, fmt.Errorf("pattern %q: %w", w, err)
		}
	}
	return a.words, nil
}

func environmentNames(a arguments) ([]string, error) {
	for _, w := range a.words {
		if w == "" || strings.Contains(w, "=") {
			return nil, fmt.Errorf("%q is not the name of a variable", w)
		}
	}
	return a.words, nil
}

func assignments(a arguments) ([]string, error) {
	var list []string
	seen := map[string]bool{}
	for _, w := range a.words {
		name, _, ok := strings.Cut(w, "=")
		if !ok {
			return nil, fmt.Errorf("%q is not NAME=VALUE", w)
		}
		if !seen[name] {
			list = append(list, w)
		}
		seen[name] = true
	}
	return list, nil
}

func subsystem(a arguments) ([]string, error) {
	if len(a.words) < 2 || a.words[0] == "" || a.words[1] == "" {
		return nil, errArgument
	}
	return []string{strings.Join(a.words, " ")}, nil
}

// methodNames are the methods of authentication.
var methodNames = []string{"none", "publickey", "password", "keyboard-interactive", "hostbased", "gssapi-with-mic", "gssapi-keyex"}

func methods(a arguments) ([]string, error) {
	if len(a.words) == 0 {
		return nil, errArgument
	}
	for _, w := range a.words {
		if w == "any" && len(a.words) > 1 {
			return nil, errors.New("any must stand alone")
		}
		for m := range strings.SplitSeq(w, ",") {
			name, _, _ := strings.Cut(m, ":")
			if w != "any" && !slices.Contains(methodNames, name) {
				return nil, fmt.Errorf("%q is not a method of authentication", m)
			}
		}
	}
	return a.words, nil
}

func wordsOrNone(a arguments) ([]string, error) {
	for i, w := range a.words {
		switch {
		case w == "":
			return nil, errArgument
		case strings.EqualFold(w, "none") && (i > 0 || len(a.words) > 1):
			return nil, errors.New("none must stand alone")
		}
	}
	return a.words, nil
}

func channelTimeouts(a arguments) ([]string, error) {
	if _, err := wordsOrNone(a); err != nil {
		return nil, err
	}
	for _, w := range a.words {
		kind, at, ok := strings.Cut(w, "=")
		if strings.EqualFold(w, "none") {
			return []string{"none"}, nil
		}
		if _, err := seconds(at); !ok || kind == "" || err != nil {
			return nil, fmt.Errorf("%q is not TYPE=TIME", w)
		}
	}
	return a.words, nil
}

func permitOpen(a arguments) ([]string, error)   { return permits(a, false) }
func permitListen(a arguments) ([]string, error) { return permits(a, true) }

func permits(a arguments, bare bool) ([]string, error) {
	if len(a.words) == 0 || a.words[0] == "" {
		return nil, errArgument
	}
	if a.words[0] == "any" || a.words[0] == "none" {
		if len(a.words) > 1 {
			return nil, errExtra
		}
		return a.words, nil
	}
	var list []string
	for _, w := range a.words {
		full := w
		if bare && !strings.Contains(w, ":") {
			full = "*:" + w
		}
		i := strings.LastIndexByte(full, ':')
		if i < 0 {
			return nil, fmt.Errorf("%q has no port", w)
		}
		if _, err := readPort(full[i+1:], a); err != nil && full[i+1:] != "*" {
			return nil, err
		}
		list = append(list, full)
	}
	return list, nil
}

func pubkeyOptions(a arguments) ([]string, error) {
	var touch, verify bool
	for _, w := range a.words {
		switch strings.ToLower(w) {
		case "none":
		case "touch-required":
			touch = true
		case "verify-required":
			verify = true
		default:
			return nil, fmt.Errorf("%q is none of its values", w)
		}
	}
	var list []string
	if touch {
		list = append(list, "touch-required")
	}
	if verify {
		list = append(list, "verify-required")
	}
	if list == nil {
		list = []string{"none"}
	}
	return list, nil
}
