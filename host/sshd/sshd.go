// Package sshd reads sshd_config as sshd does: which value holds for which connection, which line sets it, and which lines are never
// reached. It reads through a host.Source, runs nothing for it, and has no opinions.
//
// Start at Read, then Config.Resolve for a connection and Config.Matches for what each Match block sets. The rules are those of
// sshd_config(5) and of what sshd -T prints: the first value of a keyword holds, a Match block that fits stands above the rest, an
// included file does not change what its includer is in, and some keywords add up.
package sshd

import (
	"fmt"
	"slices"

	"keysweep/host"
)

// Path is where sshd looks for its configuration.
const Path = "/etc/ssh/sshd_config"

// Config is a configuration with all the files that it includes. It does not change, and is safe for concurrent use.
type Config struct {
	Path     string
	Version  Version
	Files    []string  // that were read, each once, in the order of their first use
	Problems []Problem // lines that sshd does not start with, and lines that it takes and should not be there
	Gaps     []Gap     // what sshd reads and could not be read here

	Arguments Arguments // that it is started with

	keys   map[string]*keyword
	steps  []step
	blocks []*Block
}

// Problem is something wrong with a line.
type Problem struct {
	Origin host.Origin
	Text   string
	Fatal  bool // sshd does not start, or does not load the configuration again
}

// Gap is a file that sshd reads and that could not be read here. What it may set is unknown.
type Gap struct {
	Origin host.Origin // the Include line
	Path   string
	Err    error
}

// Setting is a line that sets a value.
type Setting struct {
	Keyword string   // in small letters, aliases resolved: "kbdinteractiveauthentication"
	Name    string   // as it is written: "ChallengeResponseAuthentication"
	Words   []string // as sshd -T prints them
	Origin  host.Origin
}

// String returns the setting as one line.
func (s Setting) String() string { return line(s.Name, s.Words) }

func line(name string, words []string) string {
	for _, w := range words {
		if w != "" {
			name += " " + w
		}
	}
	return name
}

// Block is a Match line and what it sets.
type Block struct {
	Criteria []Criterion // all of which a connection must meet, those of the Match that the file is included under among them
	Origin   host.Origin // the Match line
	Settings []Setting

	chain []*condition
	exact bool // all criteria are known
}

// Exact reports whether all criteria are known to this package.
func (b *Block) Exact() bool { return b.exact }

// String returns the Match line.
func (b *Block) String() string {
	text := "Match"
	for _, c := range b.Criteria {
		text += " " + c.String()
	}
	return text
}

// Meets reports whether a connection meets all criteria of the block; known is false if one of them is not known here.
func (b *Block) Meets(c Connection, v Version) (meets, known bool) {
	state := meetAll(b.chain, &c, v)
	return state == yes, state != maybe
}

// condition is a Match line.
type condition struct {
	criteria []Criterion
	broken   bool // one of them is not known
	origin   host.Origin
}

// step is a setting, or a gap, under the Match lines that it stands under.
type step struct {
	chain   []*condition
	setting *Setting
	gap     error
}

func meetAll(chain []*condition, conn *Connection, v Version) certainty {
	state := yes
	for _, c := range chain {
		if c.broken && conn != nil {
			state = min(state, maybe)
		}
		if c.broken && conn == nil {
			state = no
		}
		for _, k := range c.criteria {
			state = min(state, k.met(conn, v))
		}
	}
	return state
}

// Matches returns the Match blocks in the order in which sshd reads them. A file that is included twice gives its blocks twice.
func (c *Config) Matches() []*Block { return slices.Clone(c.blocks) }

// Broken returns the first problem that keeps sshd from starting, or nil.
func (c *Config) Broken() *Problem {
	for i, p := range c.Problems {
		if p.Fatal {
			return &c.Problems[i]
		}
	}
	return nil
}

// String returns FILE:LINE: TEXT.
func (p Problem) String() string { return fmt.Sprintf("%s: %s", p.Origin, p.Text) }
