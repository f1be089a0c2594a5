package script

import (
	"slices"

	"keysweep/finding"
	"keysweep/script/internal/shell"
	"keysweep/script/internal/text"
)

// kind says what a part of a file is.
type kind int

const (
	whole      kind = iota // a script of its own
	fragment               // a command or a few, run one by one
	profile                // read by shells at their start
	remembered             // what was typed
)

// part is a script in a file.
type part struct {
	text   *text.Text
	name   string // what it is in the outer file: "runcmd[2]"; "" for the file itself
	shell  string // language; "" if unknown
	kind   kind
	setup  bool // it sets a machine or an image up
	ci     bool // it is run by a CI service, on a machine of its own
	undoes bool // it takes back what the same unit started
}

// hit is a rule's claim on a place.
type hit struct {
	rule     string
	span     text.Span
	title    string           // what is so, if more can be said than by the rule
	part     string           // the part's name
	severity finding.Severity // Info: that of the rule
	secrets  []text.Span      // that must not be shown
	related  []related
	pass     bool // it is as it should be
	mild     bool // it is only worth knowing
}

type related struct {
	span text.Span
	note string
}

// program is a part before its judges.
type program struct {
	*shell.Script
	part *part
	file *File
}

// say claims a place.
func (p *program) say(rule string, span text.Span, title string, secrets ...text.Span) *hit {
	return p.file.say(&hit{rule: rule, span: span, title: title, part: p.part.name, secrets: secrets})
}

// maxHits bounds what is kept of one file.
const maxHits = 500

// say keeps a claim.
func (f *File) say(h *hit) *hit {
	if len(f.hits) >= maxHits {
		f.more++
		return h
	}
	f.hits = append(f.hits, h)
	return h
}

// each calls look with every command until that says that it is enough, and reports whether it did.
func (p *program) each(look func(*shell.Command) bool) bool {
	return p.file.spend(20*len(p.Commands)) && slices.ContainsFunc(p.Commands, look)
}

// judges look at a program one after the other.
func judges() []func(*program) {
	return []func(*program){
		judgePipes, judgeDownloads, judgeTLS, judgeXtrace, judgeArguments, judgeSecretFiles, judgeExports, judgeURLs, judgeMetadata, judgeTransfer,
		judgePasswords, judgeSSHD, judgeFirewall, judgeSudo, judgeHostKeys, judgeAuthorized, judgeModes, judgeContainers, judgePackages,
		judgeRemove, judgeStrict, judgeManagers,
	}
}
