package sshconfig

import (
	"fmt"
	"slices"
	"strings"
)

// Kind says for what a block's options count.
type Kind string

// The kinds of blocks.
const (
	Global   Kind = "global" // before the first Host or Match of a file: for every host, within an Include for what includes it
	ForHost  Kind = "host"
	ForMatch Kind = "match"
)

// Setting is one option.
type Setting struct {
	Line    int // from 1
	Keyword string
	Args    []string // without quotation marks; tokens and tildes as they are
}

// Block is a run of options under one Host or Match line.
type Block struct {
	File     string
	Line     int // of the Host or Match line; 1 of a Global block
	Kind     Kind
	Patterns []string // the arguments of the Host or Match line; none of a Global block
	Within   *Block   // the block whose Include brought this one; nil at the top
	Settings []Setting
}

// Problem is a line that ssh would refuse, or a file that could not be included.
type Problem struct {
	File string
	Line int
	Err  error
}

// Error names the place and says what is wrong.
func (p Problem) Error() string { return fmt.Sprintf("%s:%d: %v", p.File, p.Line, p.Err) }

// Unwrap returns what is wrong.
func (p Problem) Unwrap() error { return p.Err }

// Parse reads one file's text. file is its name in blocks and problems. Include is an option like others here: Read follows it.
func Parse(file string, data []byte) ([]*Block, []Problem) {
	block := &Block{File: file, Line: 1, Kind: Global}
	blocks := []*Block{block}
	var problems []Problem
	number := 0
	for line := range strings.Lines(string(data)) {
		number++
		keyword, args, err := splitLine(line)
		switch {
		case err != nil:
			problems = append(problems, Problem{file, number, err})
		case keyword == "host", keyword == "match":
			block = &Block{File: file, Line: number, Kind: Kind(keyword), Patterns: args}
			blocks = append(blocks, block)
		case keyword != "":
			block.Settings = append(block.Settings, Setting{Line: number, Keyword: keyword, Args: args})
		}
	}
	return blocks, problems
}

// First returns the first argument of the first option of that name, as ssh takes it, and whether there is one.
func (b *Block) First(keyword string) (string, bool) {
	for _, s := range b.Settings {
		if s.Keyword == strings.ToLower(keyword) && len(s.Args) > 0 {
			return s.Args[0], true
		}
	}
	return "", false
}

// All returns the first arguments of every option of that name: of IdentityFile and CertificateFile all count.
func (b *Block) All(keyword string) (values []string) {
	for _, s := range b.Settings {
		if s.Keyword == strings.ToLower(keyword) && len(s.Args) > 0 {
			values = append(values, s.Args[0])
		}
	}
	return values
}

// Names reports whether the block is a Host block that lists exactly this alias: no pattern that merely matches it.
func (b *Block) Names(alias string) bool {
	return b.Kind == ForHost && slices.Contains(b.Patterns, alias)
}
