package collect

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"

	"keysweep/host"
	"keysweep/host/bundle"
	"keysweep/host/plan"
	"keysweep/host/tree"
)

// Parse reads what the collector's script printed. Whoever printed it may mean ill: what does not fit is an error or left out, and no text
// of it gets into errors as it is.
func Parse(said []byte, nonce, version string) (*bundle.Bundle, error) {
	head, rest, _ := bytes.Cut(said, []byte("\n"))
	about, err := heading(string(head))
	if err != nil {
		return nil, err
	}
	about.Collector = version
	p := parser{nonce: nonce, rest: rest, bundle: bundle.New(about), nodes: map[string]*tree.Node{}, commands: map[string][]string{}}
	for _, c := range plan.Commands() {
		p.commands[c.String()] = c.Argv
	}
	for len(p.rest) > 0 && !p.done {
		if err := p.line(); err != nil {
			return nil, err
		}
	}
	if !p.done {
		return nil, errors.New("the collector's answer ends too early")
	}
	return p.finish()
}

func heading(line string) (about bundle.About, err error) {
	words := strings.Split(line, " ")
	if len(words) != 4 || words[0] != "keysweep-host" || words[1] != "1" {
		return about, errors.New("it does not answer as the collector does: its shell, or a start-up file of it, prints something else")
	}
	uid, err1 := strconv.Atoi(words[2])
	at, err2 := strconv.ParseInt(words[3], 10, 40)
	if err1 != nil || err2 != nil || uid < 0 {
		return about, errors.New("the collector's answer begins oddly")
	}
	return bundle.About{UID: uid, Collected: time.Unix(at, 0).UTC()}, nil
}

// parser turns lines into nodes. A node is put into the bundle at the end, when all lines about it were read.
type parser struct {
	nonce    string
	rest     []byte
	bundle   *bundle.Bundle
	nodes    map[string]*tree.Node
	order    []string
	bytes    int
	commands map[string][]string // by their words with spaces between them
	done     bool
}

// line reads a line, and the lines with a bar that belong to it.
func (p *parser) line() error {
	line := p.next()
	kind, text, _ := strings.Cut(line, " ")
	switch kind {
	case "H":
		p.bundle.Host = bundle.Printable(text, 255)
	case "S", "T":
		p.outside(kind, text)
	case "L":
		p.link(text)
	case "E":
		p.failed(text)
	case "D":
		if n := p.node(text); n != nil && n.Mode.IsDir() {
			n.Partial = false
		}
	case "F":
		p.content(text)
	case "G":
		p.kernel()
	case "N":
		p.sockets()
	case "A":
		return p.absent(text)
	case "P":
		return p.program(text)
	case "Z":
		p.done = text == p.nonce
	}
	if len(p.nodes) > bundle.MaxNodes || p.bytes > bundle.MaxBytes {
		return errors.New("the collector's answer is too large")
	}
	return nil
}

func (p *parser) next() string {
	line, rest, _ := bytes.Cut(p.rest, []byte("\n"))
	p.rest = rest
	return string(line)
}

// block returns the lines with a bar that follow, without it, and whether they end as they should: with the nonce.
func (p *parser) block() (data []byte, whole bool) {
	for len(p.rest) > 0 && p.rest[0] == '|' {
		end := bytes.IndexByte(p.rest, '\n') + 1
		if end == 0 {
			end = len(p.rest)
		}
		data = append(data, p.rest[1:end]...)
		p.rest = p.rest[end:]
	}
	p.bytes += len(data)
	return bytes.CutSuffix(data, []byte("\nx"+p.nonce+"\n"))
}

// node returns the node of a path that holds nothing a line of ours cannot; nil for what is none.
func (p *parser) node(name string) *tree.Node {
	if !strings.HasPrefix(name, "/") || path.Clean(name) != name || len(name) > 4096 || strings.ContainsRune(name, 0) {
		return nil
	}
	n := p.nodes[name]
	if n == nil && len(p.nodes) > bundle.MaxNodes { // too large already; what belongs to one line may name millions more
		return nil
	}
	if n == nil {
		n = &tree.Node{Gone: host.ErrNotCollected}
		p.nodes[name] = n
		p.order = append(p.order, name)
	}
	return n
}

// outside reads "MODE UID GID SIZE [TIME]<tab>PATH": numbers from stat, or a mode from ls.
func (p *parser) outside(kind, text string) {
	facts, name, _ := strings.Cut(text, "\t")
	words := strings.Fields(facts)
	n := p.node(name)
	if n == nil || len(words) < 4 || n.Gone == nil {
		return
	}
	if len(words) == 4 {
		words = append(words, "0")
	}
	var mode fs.FileMode
	st, err := strconv.ParseUint(words[0], 16, 32)
	if mode = bundle.Mode(uint32(st)); kind == "T" {
		mode, err = listed(words[0])
	}
	uid, err1 := strconv.ParseInt(words[1], 10, 64)
	gid, err2 := strconv.ParseInt(words[2], 10, 64)
	size, err3 := strconv.ParseInt(words[3], 10, 64)
	at, err4 := strconv.ParseInt(words[4], 10, 64)
	if errors.Join(err, err1, err2, err4) != nil {
		return
	}
	if err3 != nil { // of a device ls shows other numbers
		size = 0
	}
	*n = tree.Node{Info: host.Info{Mode: mode, UID: int(uid), GID: int(gid), Size: size}, Partial: mode.IsDir()}
	if at != 0 {
		n.Time = time.Unix(at, 0).UTC()
	}
	if mode.IsRegular() {
		n.Err = host.ErrNotCollected
	}
}

// listed reads a mode as ls -l shows it.
func listed(text string) (fs.FileMode, error) {
	if len(text) < 10 {
		return 0, errors.New("no mode")
	}
	kinds := map[byte]fs.FileMode{'-': 0, 'd': fs.ModeDir, 'l': fs.ModeSymlink, 'p': fs.ModeNamedPipe, 's': fs.ModeSocket, 'b': fs.ModeDevice, 'c': fs.ModeDevice | fs.ModeCharDevice}
	mode, ok := kinds[text[0]]
	if !ok {
		return 0, errors.New("no mode")
	}
	for i := range 9 {
		if c := text[1+i]; c != '-' && c != 'S' && c != 'T' {
			mode |= 1 << (8 - i)
		}
	}
	for at, bit := range map[int]fs.FileMode{3: fs.ModeSetuid, 6: fs.ModeSetgid, 9: fs.ModeSticky} {
		if c := text[at]; c == 's' || c == 'S' || c == 't' || c == 'T' {
			mode |= bit
		}
	}
	return mode, nil
}

func (p *parser) link(text string) {
	words := strings.Split(text, "\t")
	if len(words) != 3 || len(words[1]) > 4096 {
		return
	}
	if n := p.node(words[0]); n != nil && n.Mode&fs.ModeSymlink != 0 {
		n.Link = words[1]
		if p.node(words[2]) != nil {
			n.Real = words[2]
		}
	}
}

// failed reads "WORD<tab>PATH": why something is not known.
func (p *parser) failed(text string) {
	why, name, _ := strings.Cut(text, "\t")
	n := p.node(name)
	err := map[string]error{"missing": fs.ErrNotExist, "permission": fs.ErrPermission, "withheld": bundle.ErrWithheld, "too many": host.ErrTooMany}[why]
	switch {
	case n == nil || err == nil:
	case n.Gone != nil:
		n.Gone = err
	case n.Err == nil || n.Err == host.ErrNotCollected:
		n.Err = err
	}
}

func (p *parser) content(name string) {
	data, whole := p.block()
	n := p.node(name)
	if n == nil || n.Gone != nil || !n.Mode.IsRegular() || n.Err != host.ErrNotCollected {
		return
	}
	if n.Data, n.Err = data, nil; !whole {
		n.Data, n.Err = nil, host.ErrTooLarge
	}
}

// kernel reads lines "PATH:LINE" of files in /proc. The last one may have been cut.
func (p *parser) kernel() {
	for len(p.rest) > 0 && p.rest[0] == '|' {
		name, line, ok := strings.Cut(p.next()[1:], ":")
		p.bytes += len(line)
		if n := p.node(name); ok && n != nil && strings.HasPrefix(name, "/proc/") {
			if n.Gone != nil {
				*n = tree.Node{Info: host.Info{Mode: 0o444, UID: -1, GID: -1}}
			}
			if n.Mode.IsRegular() && n.Err == nil {
				n.Data = append(append(n.Data, line...), '\n')
			}
		}
	}
}

// sockets reads what ls says of /proc/PID/fd: a line with the directory, and lines "3 -> socket:[77]".
func (p *parser) sockets() {
	dir := ""
	for len(p.rest) > 0 && p.rest[0] == '|' {
		line := p.next()[1:]
		if name, ok := strings.CutSuffix(line, ":"); ok {
			dir = ""
			if n := p.node(name); n != nil && strings.HasPrefix(name, "/proc/") {
				*n = tree.Node{Info: host.Info{Mode: fs.ModeDir | 0o500}}
				dir = name
			}
			continue
		}
		if n := p.nodes[dir]; line == "?" && n != nil {
			n.Err = fs.ErrPermission
		}
		number, link, ok := strings.Cut(line, " -> ")
		if _, err := strconv.ParseUint(number, 10, 31); ok && err == nil && dir != "" {
			if n := p.node(path.Join(dir, number)); n != nil {
				*n = tree.Node{Info: host.Info{Mode: fs.ModeSymlink | 0o700, Link: link, Size: 64}}
			}
		}
	}
}

// argv returns the words of a command that was asked for; another one is none of ours.
func (p *parser) argv(command string) ([]string, error) {
	if argv := p.commands[command]; argv != nil {
		return argv, nil
	}
	return nil, fmt.Errorf("the collector's answer tells of a program that was not asked for")
}

func (p *parser) absent(command string) error {
	argv, err := p.argv(command)
	if err != nil {
		return err
	}
	return p.bundle.Ran(host.Output{Argv: argv}, fs.ErrNotExist)
}

// program reads what a program said, a line with the nonce, what it complained of, and its exit code.
func (p *parser) program(command string) error {
	argv, err := p.argv(command)
	if err != nil {
		return err
	}
	data, _ := p.block()
	mark := []byte("\nx" + p.nonce + "\n")
	at := bytes.LastIndex(data, mark)
	if at < 0 {
		return p.bundle.Ran(host.Output{Argv: argv}, host.ErrTooLarge)
	}
	out := host.Output{Argv: argv, Stdout: data[:at]}
	said := strings.TrimSuffix(string(data[at+len(mark):]), "\n")
	end := strings.LastIndexByte(said, '\n')
	if out.Exit, err = strconv.Atoi(said[end+1:]); err != nil {
		return p.bundle.Ran(host.Output{Argv: argv}, host.ErrNotCollected)
	}
	if said = strings.Trim(said[:max(end, 0)], "\n"); said != "" {
		out.Stderr = []byte(said + "\n")
	}
	if out.Exit == timedOut {
		return p.bundle.Ran(out, errors.New("it took too long"))
	}
	return p.bundle.Ran(out, nil)
}

// timedOut is the exit code of timeout(1) for a program that took too long.
const timedOut = 124

// finish puts the nodes into the bundle.
func (p *parser) finish() (*bundle.Bundle, error) {
	for _, name := range p.order {
		n := p.nodes[name]
		if n.Gone == host.ErrNotCollected {
			continue
		}
		if err := p.bundle.Add(name, *n); err != nil {
			return nil, fmt.Errorf("the collector's answer: %w", err)
		}
	}
	return p.bundle, nil
}
