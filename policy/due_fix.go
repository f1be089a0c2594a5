package policy

import (
	"fmt"
	"strings"

	"keysweep/keys/inventory"
	"keysweep/rotation"
)

// fix returns the next command, or what to do where no command does it; "" if nothing is to be done.
func (s *dueSubject) fix() string {
	it := &s.item
	switch {
	case it.Urgency == NotDue:
		return ""
	case s.Certificate != nil:
		return "have it signed again, or remove it"
	case s.Record == nil:
		return s.fixFound()
	case !s.Record.Status.Live():
		return (&subject{Key: s.Key}).remove()
	}
	return s.elsewhere() + renew(s.Record, s.unknown(), s.file())
}

// renew is the command that replaces what a record stands for, or, if it is in use as it should be, finds out how old it is where
// nobody knows.
func renew(r *rotation.Record, unknown bool, file string) string {
	name := quote(recordName(r))
	switch {
	case r.Kind == rotation.KindAPI && unknown && r.Status == rotation.Active:
		return "keysweep cred describe " + name + " --created YYYY-MM-DD"
	case r.Kind == rotation.KindAPI:
		return "keysweep cred rotate " + name
	case r.Status == rotation.Compromised, r.Status == rotation.Retiring && r.Successor == "":
		return "keysweep key revoke " + name
	case unknown && file != "":
		return "keysweep key adopt " + quote(file) + " --created YYYY-MM-DD"
	}
	return "keysweep key rotate " + name
}

// elsewhere says on which machine the command is to be typed, if that is another one.
func (s *dueSubject) elsewhere() string {
	if r := s.Record; r.Kind == rotation.KindSSH && r.Machine != "" && s.Machine != "" && r.Machine != s.Machine && !s.item.Found {
		return "on " + r.Machine + ": "
	}
	return ""
}

// fixFound is what to do about a key that the ledger does not know.
func (s *dueSubject) fixFound() string {
	k := s.Key
	switch {
	case len(k.Files) > 0:
		return "keysweep key adopt " + quote(k.Files[0].Path)
	case len(k.Authorized) > 0:
		return fmt.Sprintf("have its owner replace it, or remove line %d of %s", k.Authorized[0].Number, quote(k.Authorized[0].Path))
	case len(k.Agent) > 0:
		return "find its file, and take it into the ledger: keysweep key adopt FILE"
	}
	return "remove it if nobody uses it: rm " + quote(k.Path())
}

// places says where a key still is on this machine, "" if only its memory is left.
func places(k *inventory.Key) string {
	var list []string
	if path := k.Path(); path != "" && len(k.Files) > 0 {
		list = append(list, path)
	}
	if len(k.Agent) > 0 {
		list = append(list, "the agent")
	}
	for _, l := range k.Authorized {
		list = append(list, fmt.Sprintf("%s:%d", l.Path, l.Number))
	}
	return strings.Join(list, ", ")
}
