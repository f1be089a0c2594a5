package remedy

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"keysweep/host"
)

// A block of ours that is not at the start of a file. The second form stands behind a last line without its end, which it was given: it is
// taken away with the block, so that the file is as it was; the third one in a file that goes away with it, unless somebody else wrote in it.
const (
	blockHere = "# begin keysweep: made by \"keysweep fix\"; taken back by \"keysweep fix ID --revert\"\n"
	blockGlue = "# begin keysweep (the line above had no end): made by \"keysweep fix\"; taken back by \"keysweep fix ID --revert\"\n"
	blockMade = "# begin keysweep (there was no file): made by \"keysweep fix\"; taken back by \"keysweep fix ID --revert\"\n"
)

// edited is a file of somebody else's, and the block of ours in it.
type edited struct {
	name       string
	state      *State // as it is; nil: there is none
	head, tail string // around the block; all of the file is the head if there is none
	block      dropIn
}

// manyLines is how many lines a fix may have in a block or file of ours.
const manyLines = 200

// openBlock finds our block in a file.
func openBlock(src reader, name string) (*edited, error) {
	state, err := current(src, name)
	if err != nil {
		return nil, err
	}
	e := &edited{name: name, state: state, block: dropIn{header: blockHere, lines: map[string]string{}}}
	if state == nil {
		return e, nil
	}
	text := string(state.Data)
	at := -1
	for _, begin := range []string{blockHere, blockGlue, blockMade} {
		if i := strings.Index(text, begin); i >= 0 && at < 0 {
			at, e.block.header = i, begin
		}
	}
	if at < 0 {
		e.head = text
		return e, nil
	}
	end := strings.Index(text[at:], blockEnd)
	if end < 0 {
		return nil, fmt.Errorf("%s: our block in it has no end: %w; correct it there", name, ErrEdited)
	}
	e.head, e.tail = text[:at], text[at+end+len(blockEnd):]
	if e.block.header == blockGlue && e.tail == "" { // else what stands below would be joined to that line
		e.head = strings.TrimSuffix(e.head, "\n")
	}
	if e.block, err = parseDropIn(e.block.header, text[at:at+end], manyLines); err != nil {
		return nil, fmt.Errorf("%s: our block: %w; change it there, or remove the block", name, err)
	}
	return e, nil
}

// set puts the lines of a fix into the block; "" takes them out. A block that is not there yet begins where place says.
func (e *edited) set(id, lines string, place func(text string) int) {
	if lines == "" {
		delete(e.block.lines, id)
		return
	}
	if len(e.block.lines) == 0 {
		whole := e.head + e.tail
		at := place(whole)
		e.head, e.tail, e.block.header = whole[:at], whole[at:], blockHere
		switch {
		case e.state == nil:
			e.block.header = blockMade
		case e.head != "" && !strings.HasSuffix(e.head, "\n"):
			e.block.header = blockGlue
		}
	}
	e.block.lines[id] = lines
}

// text is the file as it is to be.
func (e *edited) text() string {
	switch {
	case len(e.block.lines) == 0:
		return e.head + e.tail
	case e.block.header == blockGlue:
		return e.head + "\n" + e.block.text() + blockEnd + e.tail
	}
	return e.head + e.block.text() + blockEnd + e.tail
}

// changes is what it takes; none if the file is so already.
func (e *edited) changes() []Change {
	now := e.text()
	switch {
	case e.state == nil && now == "", e.state != nil && string(e.state.Data) == now:
		return nil
	case e.state == nil:
		return []Change{{Path: e.name, After: &State{[]byte(now), 0o644}}}
	case now == "" && e.block.header == blockMade:
		return []Change{{Path: e.name, Before: e.state}}
	}
	return []Change{{Path: e.name, Before: e.state, After: &State{[]byte(now), e.state.Mode}}}
}

// atEnd places a block at the end of a file.
func atEnd(text string) int { return len(text) }

// ownDir is a line of our files in a directory that is ours, too: it goes away with them.
const ownDir = "# The directory is keysweep's, too.\n"

// ownFile is a file of ours, in a directory that may have to be made.
type ownFile struct {
	name    string
	state   *State
	dropIn  dropIn
	made    bool // the directory is ours
	missing bool // it is not there
	shared  bool // others' files are in it, too
}

// openOwn reads a file of ours. Its header ends without what is ownDir's.
func openOwn(src host.Source, name, header, footer string) (*ownFile, error) {
	o := &ownFile{name: name}
	info, err := src.Stat(path.Dir(name))
	switch {
	case host.Missing(err):
		o.made, o.missing = true, true
	case err != nil:
		return nil, err
	case !info.Mode.IsDir():
		return nil, fmt.Errorf("%s is no directory", path.Dir(name))
	}
	if o.state, err = current(src, name); err != nil {
		return nil, err
	}
	list, err := src.List(path.Dir(name))
	if err != nil && !host.Missing(err) {
		return nil, err
	}
	o.shared = len(list) > 1
	text := ""
	if o.state != nil {
		text = string(o.state.Data)
	}
	o.made = o.made || strings.HasPrefix(text, ownDir)
	if o.made {
		header = ownDir + header
	}
	if text != "" && footer != "" {
		body, ours := strings.CutSuffix(text, footer)
		if !ours {
			return nil, fmt.Errorf("%s: %w; change it there, or remove it", name, ErrEdited)
		}
		text = body
	}
	if o.dropIn, err = parseDropIn(header, text, manyLines); err != nil {
		return nil, fmt.Errorf("%s: %w; change it there, or remove it", name, err)
	}
	o.dropIn.footer = footer
	return o, nil
}

// changes is what it takes to have the file say what it is to: the directory is made before it, and goes away behind it.
func (o *ownFile) changes(mode fs.FileMode) []Change {
	dir := &State{Mode: fs.ModeDir | 0o755}
	now := o.dropIn.text()
	switch {
	case o.state == nil && now == "", o.state != nil && string(o.state.Data) == now:
		return nil
	case now == "" && o.made && !o.shared:
		return []Change{{Path: o.name, Before: o.state}, {Path: path.Dir(o.name), Before: dir}}
	case now == "":
		return []Change{{Path: o.name, Before: o.state}}
	case o.state != nil:
		mode = o.state.Mode
	}
	list := []Change{{Path: o.name, Before: o.state, After: &State{[]byte(now), mode}}}
	if o.missing {
		list = append([]Change{{Path: path.Dir(o.name), After: dir}}, list...)
	}
	return list
}

// set puts the lines of a fix into the file; "" takes them out.
func (o *ownFile) set(id, lines string) {
	if lines == "" {
		delete(o.dropIn.lines, id)
		return
	}
	o.dropIn.lines[id] = lines
}
