package sshconfig

import (
	"bytes"
	"fmt"
	"strings"
)

// Host is a block to add.
type Host struct {
	Alias        string // what the user types: no pattern
	HostName     string // where that is; "" if it is the alias itself
	User         string // "" leaves it to other blocks
	Port         int    // 0 leaves it to other blocks
	IdentityFile string // absolute, or beginning with "~/"
	Home         string // what "~" stands for when files are compared; "" if unknown
}

// ExistsError says that the configuration has a block for the alias already, with another key.
type ExistsError struct {
	Alias string
	Line  int      // of the block
	Files []string // the IdentityFiles that it names
}

// Error names the line.
func (e *ExistsError) Error() string {
	return fmt.Sprintf("ssh configuration: line %d has a block for host %s already", e.Line, e.Alias)
}

// Hint says what to do.
func (e *ExistsError) Hint() string {
	return "put the IdentityFile and \"IdentitiesOnly yes\" into that block by hand, or choose another alias"
}

// AddHost returns the configuration with a block for one host that uses one key and offers no other one. All other bytes stay
// as they are, and no other host is affected.
//
// Of an option ssh takes the first value, and IdentityFiles are offered in order, so the block stands before every other one:
//
//	# global options                    Host new                  <- at the top if the global options
//	ForwardAgent no                        IdentityFile ...          say anything that the block says too,
//	Host new               <- here      Host *                    <- with this line, which keeps them
//	   IdentityFile ...                 IdentityFile ~/.ssh/x        what they were: for every host
//	Host *                              ...
//	...
//
// If a block lists the alias already and names the key, old is returned. If it names other keys, the error is *ExistsError.
// Included files are not looked into.
func AddHost(old []byte, h Host) ([]byte, error) {
	if err := h.check(); err != nil {
		return nil, fmt.Errorf("ssh configuration: %w", err)
	}
	blocks, _ := Parse("", old)
	for _, b := range blocks {
		if !b.Names(h.Alias) {
			continue
		}
		files := b.All("IdentityFile")
		for _, file := range files {
			if h.same(file) {
				return old, nil
			}
		}
		return nil, &ExistsError{Alias: h.Alias, Line: b.Line, Files: files}
	}
	newline := "\n"
	if bytes.Contains(old, []byte("\r\n")) {
		newline = "\r\n"
	}
	text := strings.ReplaceAll(h.text(), "\n", newline)
	if rivals(blocks[0]) {
		mark := "# Options for every host:" + newline + "Host *" + newline
		return join(nil, text+newline+mark, old), nil
	}
	return insert(old, blocks, text, newline), nil
}

// rivals reports whether global options say something that a Host block says too, or may: the first value counts.
func rivals(global *Block) bool {
	for _, s := range global.Settings {
		switch s.Keyword {
		case "hostname", "user", "port", "identityfile", "identitiesonly", "include":
			return true
		}
	}
	return false
}

// insert puts the text before the first block and the comments right above it, or at the end if there is no block.
func insert(old []byte, blocks []*Block, text, newline string) []byte {
	if len(blocks) == 1 {
		switch {
		case len(old) == 0:
			return []byte(text)
		case old[len(old)-1] != '\n':
			return join(old, newline+newline+text, nil)
		}
		return join(old, newline+text, nil)
	}
	at := 0
	lines := bytes.SplitAfter(old, []byte("\n"))
	first := blocks[1].Line - 1
	for first > 0 && bytes.HasPrefix(bytes.TrimLeft(lines[first-1], " \t"), []byte("#")) {
		first--
	}
	for _, line := range lines[:first] {
		at += len(line)
	}
	return join(old[:at], text+newline, old[at:])
}

func join(before []byte, text string, after []byte) []byte {
	out := make([]byte, 0, len(before)+len(text)+len(after))
	return append(append(append(out, before...), text...), after...)
}
