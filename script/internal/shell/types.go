package shell

import (
	"keysweep/script/internal/text"
)

// Script is what a text does.
type Script struct {
	Text      *text.Text
	Shell     string      // the language that it was read as: "sh", "bash", "mksh", "zsh"
	Commands  []*Command  // in the order in which they stand; what runs inside of another one stands before it
	Pipelines []*Pipeline // of two stages and more
	Assigns   []*Assign   // in the order in which they stand
	Functions map[string]bool
	Files     []*File  // what it writes out of here-documents
	Problem   *Problem // nil: all of it was parsed

	expanded int // bytes that stand for variables
}

// Problem says what could not be parsed.
type Problem struct {
	Span text.Span
	Text string
}

// Command is a program, builtin or function with its words.
type Command struct {
	text.Span
	Name        string   // without directory and wrappers: "curl"
	Args        []*Word  // the name is the first
	Wrappers    []string // what it is run by, from the outside inwards: "sudo", "env", "ssh"
	Env         []*Assign
	Redirects   []*Redirect
	Pipeline    *Pipeline // nil: it stands alone
	Stage       int       // which of the pipeline's stages it is in
	Function    string    // in which it stands; "" outside of any
	Conditional bool      // whether it runs depends on something before it
	Negated     bool      // it is asked for its success: an if, && or ||
	Seq         int       // its place in the order of commands
	Inside      bool      // its output becomes part of another command's words
}

// Word is one word of a command.
type Word struct {
	text.Span
	Value      string     // without quotes; what is not known of an expansion stands as $NAME, $(...) or <(...)
	Raw        string     // without quotes, and no variable replaced
	Literal    bool       // nothing in it is expanded
	Known      bool       // Value is all there is to it: what is expanded is known
	Vars       []string   // that it uses itself
	Substs     []Subst    // the commands that are run for it
	Secret     string     // why it holds a secret; "": nothing says so
	Downloaded bool       // it holds what a program fetched
	flat       *text.Text // without quotes, to be parsed again
	bare       bool       // it is not quoted
}

// Subst is a command substitution, or a process substitution, in a word.
type Subst struct {
	Process  bool
	Commands []*Command
}

// Assign gives a variable a value.
type Assign struct {
	text.Span
	Name     string
	Value    *Word // nil: it has none, or it is a list
	Exported bool
	Seq      int
	For      *Command // the command whose environment it is; nil: the shell's own
	Function string
}

// Redirect connects a command with a file or a text.
type Redirect struct {
	text.Span
	Op     string // ">", ">>", "<", "<<<", "<<"
	Target *Word  // of here-documents: the text
}

// Pipeline is a row of stages, each of which reads what the one before writes.
type Pipeline struct {
	text.Span
	Stages [][]*Command
}

// File is what a here-document writes to a file.
type File struct {
	Path    string
	Content *text.Text
	By      *Command
}

// Argument returns the value of the word at a place; "" if there is none.
func (c *Command) Argument(i int) string {
	if i < 0 || i >= len(c.Args) {
		return ""
	}
	return c.Args[i].Value
}

// Wrapped reports whether the command is run by a wrapper of that name.
func (c *Command) Wrapped(name string) bool {
	for _, w := range c.Wrappers {
		if w == name {
			return true
		}
	}
	return false
}
