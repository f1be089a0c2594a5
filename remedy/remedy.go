// Package remedy puts right what an audit found: it plans the change, shows it as a diff, proves that nobody is locked out, writes it, proves
// it again, and takes it back. It asks programs only through the caller, and reads no clock and no environment.
//
// Start at Find, then Fix.Plan, Apply and Fix.Revert. Fixes are entries of a table. Each is idempotent: a plan of what is already so has no
// changes; and taking one back leaves every file as it was before, byte for byte.
package remedy

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"

	"keysweep/host"
)

// Fix puts one check right.
type Fix struct {
	ID   string // of the check: "ssh.root-login"
	Does string // in a few words: "sets PermitRootLogin no"
	Here bool   // it is about files of the account or repository at hand, and not about a machine

	plan   func(context.Context, *Situation) (*Plan, error)
	revert func(context.Context, *Situation) (*Plan, error)
}

// Plan says what would be changed. It reads, and changes nothing.
func (f *Fix) Plan(ctx context.Context, s *Situation) (*Plan, error) { return f.finish(f.plan(ctx, s)) }

// Revert plans to take the fix back. A plan without changes means that there is nothing of it.
func (f *Fix) Revert(ctx context.Context, s *Situation) (*Plan, error) {
	return f.finish(f.revert(ctx, s))
}

func (f *Fix) finish(p *Plan, err error) (*Plan, error) {
	if p != nil {
		p.ID = f.ID
	}
	return p, err
}

// Situation is the machine, and from where it is changed.
type Situation struct {
	Open    func() host.Source // the machine's facts as they are now; each call looks anew
	Run     Runner             // runs programs of this machine; nil for another one: then nothing can be applied
	Session *Session           // the connection over SSH that is in use; nil if there is none
	Now     time.Time
	Config  string // of sshd; "" for the usual place

	MaxAuthTries int    // what the policy allows; 0 for the usual 3
	Ports        []Port // that the policy names: they stay open when others are closed

	Judge Judge  // says what of a check is wrong on a machine; nil: fixes that need it cannot be planned
	State string // the directory where fixes note what they cannot read off the files: the modes that were there
	User  string // who is to become root by sudo; "" if nobody was named
	Dir   string // of the repository; "" if there is none
}

// Judge says what a check finds wrong on a machine as a source shows it: as it is, or as it would be. An error says that it is not known.
type Judge func(ctx context.Context, src host.Source, check string) ([]Wrong, error)

// Wrong is one thing that a check finds.
type Wrong struct {
	Subject string // what it is about: "0.0.0.0:5432/tcp", "IPv6"; may be empty
	Path    string // the file or directory; may be empty
	Title   string // what is wrong, in words for people
}

// Port is a range of ports of a protocol.
type Port struct {
	First, Last uint16
	Protocol    string // "tcp", "udp"
}

// Runner runs a program and returns what it said. An error is an exit code that is not 0, or that it could not be run (fs.ErrNotExist: it is
// not installed).
type Runner func(ctx context.Context, argv ...string) (string, error)

// Session is a connection over SSH.
type Session struct {
	User      string // who logged in
	Addr      string // of the client
	LocalAddr string // of this machine
	LocalPort int
}

// Plan is what would be changed.
type Plan struct {
	ID      string
	Changes []Change // none: it is already so
	Refused []string // why it must not be applied, in words for people
	Notes   []string // what else there is to know
	After   []string // commands that make it hold: "systemctl reload ssh"
	Load    string   // what Apply runs to make it hold, for people: "ufw reload"; it is run also if no file is changed; "": nothing

	before, after func(context.Context) error // prove the change, on a copy and on the disk; nil: there is nothing to prove
	load, held    func(context.Context) error // have the machine be as the disk says, and prove that it is as was planned; nil: nothing to do
}

// Empty reports whether there is nothing to do.
func (p *Plan) Empty() bool { return len(p.Changes) == 0 && p.load == nil }

// Change is a file that gets another content.
type Change struct {
	Path          string
	Before, After *State // nil: there is none
	modes         bool   // only the mode is another; what the file holds was not read, and must not be
}

// State is a file, or a directory.
type State struct {
	Data []byte
	Mode fs.FileMode // permissions, and fs.ModeDir for a directory
}

// Errors of plans.
var (
	// ErrRefused says that a plan must not be applied: its Refused says why.
	ErrRefused = errors.New("it is not applied")
	// ErrEdited says that somebody changed our file by hand.
	ErrEdited = errors.New("it was changed by hand")
	// ErrLeft says that a change which failed could not be put back.
	ErrLeft = errors.New("it could not be put back")
	// ErrElsewhere says that the machine is not this one.
	ErrElsewhere = errors.New("only this machine is changed")
)

// Fixes returns the table, in the order of the ids.
func Fixes() []Fix {
	list := slices.Concat(sshFixes(), fileFixes(), firewallFixes(), sudoFixes(), modeFixes(), repositoryFixes())
	slices.SortFunc(list, func(a, b Fix) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return list
}

// Find returns the fix of a check.
func Find(id string) (*Fix, bool) {
	for _, f := range Fixes() {
		if f.ID == id {
			return &f, true
		}
	}
	return nil, false
}
