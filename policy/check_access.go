package policy

import (
	"fmt"
	"path/filepath"

	"keysweep/finding"
	"keysweep/keys"
	"keysweep/keys/inventory"
)

func accessChecks() []keyCheck {
	return []keyCheck{
		{Check{"key-readable", finding.High, "private key that others may read",
			"everybody who can read the file can copy the key, and ssh refuses to use it",
			"ssh(1), FILES: ssh ignores a private key file that is accessible by others"}, (*subject).readable},
		{Check{"key-directory-writable", finding.High, "others may replace files in the key's directory",
			"whoever can write there can put another key, or another configuration, in the place of yours",
			"sshd_config(5), StrictModes"}, (*subject).directory},
		{Check{"key-wrong-owner", finding.High, "private key that belongs to somebody else",
			"its owner can read and replace it at any time, whatever its mode",
			"ssh(1), FILES"}, (*subject).owner},
		{Check{"key-pub-mismatch", finding.Medium, "the .pub file is not that of the private key",
			"what gets installed on servers is the .pub file: the private key beside it will not fit, or another one will",
			"ssh-keygen(1), -y"}, (*subject).pub},
	}
}

func (s *subject) readable() {
	for _, f := range s.Files {
		others := f.Access.Mode & 0o077
		if s.HostKey { // some systems have a group for host keys, and a helper that reads them with it
			others = f.Access.Mode & 0o027
		}
		if f.Access.Known && others != 0 {
			s.say(finding.High, f.Path, fmt.Sprintf("mode %04o", f.Access.Mode), "chmod 600 "+quote(f.Path))
		}
	}
}

func (s *subject) directory() {
	told := map[string]bool{}
	for _, f := range s.Files {
		dir := filepath.Dir(f.Path)
		if !f.Access.DirWritable() || told[dir] {
			continue
		}
		told[dir] = true
		severity, who := finding.Medium, "the group"
		if f.Access.DirMode&0o002 != 0 {
			severity, who = finding.High, "everybody"
		}
		s.say(severity, f.Path, fmt.Sprintf("%s may write to %s, mode %04o", who, dir, f.Access.DirMode), "chmod go-w "+quote(dir))
	}
}

// owner judges by the directory: for root, who looks at other people's keys, they are all another user's.
func (s *subject) owner() {
	for _, f := range s.Files {
		a := f.Access
		if a.Known && a.Owner == inventory.OwnerOther && a.UID != a.DirUID {
			s.say(finding.High, f.Path, fmt.Sprintf("the file belongs to user %d, its directory to user %d", a.UID, a.DirUID),
				fmt.Sprintf("chown %d %s", a.DirUID, quote(f.Path)))
		}
	}
}

func (s *subject) pub() {
	for _, f := range s.Files {
		write := fmt.Sprintf("ssh-keygen -y -f %s > %s", quote(f.Path), quote(f.PubPath))
		switch {
		case f.Pub == inventory.PubMismatch:
			s.say(finding.Medium, f.PubPath, "it holds another key than "+f.Path, write)
		case f.Pub == inventory.PubDamaged:
			s.say(finding.Low, f.PubPath, "it holds no public key", write)
		case f.Pub == inventory.PubMissing && f.Protected && (f.Format == keys.FormatPEM || f.Format == keys.FormatPKCS8):
			s.say(finding.Info, f.Path, "there is no .pub file, and the private one hides its public half: nothing tells which key this is", write)
		}
	}
}
