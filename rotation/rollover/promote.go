package rollover

import (
	"context"
	"errors"
	"fmt"
)

// Files are the files of the two key pairs. Each method does one thing, and a process that is killed has done it or not.
type Files interface {
	// Fingerprint returns the fingerprint of the private key in a file; fs.ErrNotExist if there is no file.
	Fingerprint(file string) (string, error)
	Exists(file string) (bool, error)
	// Same reports whether both names lead to the same content; false if one leads nowhere.
	Same(file, other string) (bool, error)
	// Create writes a private key to a new file; fs.ErrExist if the name is taken.
	Create(file string, private []byte) error
	// WritePublic writes a line to a .pub file, in the place of what is there.
	WritePublic(file, line string) error
	// Link gives a file a second name; fs.ErrExist if the name is taken.
	Link(file, second string) error
	// Rename gives a file another name, in the place of what has that name.
	Rename(from, to string) error
	// Remove takes a name away; none is no error.
	Remove(file string) error
	// Destroy overwrites a private key and removes it; none is no error.
	Destroy(file string) error
}

// certSuffix is how ssh names the certificate beside a key (ssh(1), -i).
const certSuffix = "-cert.pub"

// promote gives the new key the old one's name, once no host stands in the way.
func (r *Rotation) promote(context.Context) error {
	switch {
	case r.Journal.Phase == Promoted, r.Journal.Phase == Generated && len(r.waits()) > 0:
		return nil
	case r.Journal.Phase == Generated:
		if err := r.change(func(j *Journal) { j.Phase = Promoting }); err != nil {
			return err
		}
	}
	if err := r.swap(); err != nil {
		return fmt.Errorf("give the new key the place of the old one: %w", err)
	}
	if err := r.change(func(j *Journal) { j.Phase = Promoted }); err != nil {
		return err
	}
	r.tell(Event{Phase: Promoted})
	return nil
}

// swap renames the files:
//
//	FILE      old          old          old       new       new
//	FILE.pub  old    →     old     →    -     →   -     →   new
//	FILE.new  new          new          new       -         -
//	FILE.old  -            old          old       old       old
//
// At every instant FILE is one of the two whole keys, and FILE.pub is its public half or is missing: ssh refuses to use a
// private key beside a public one that is another's, and does without if there is none.
func (r *Rotation) swap() error {
	j := &r.Journal
	if !r.holds(j.File, j.New) {
		if !r.holds(j.NewFile(), j.New) {
			return &LostError{j.NewFile(), j.New.Fingerprint}
		}
		if err := r.keepOld(); err != nil {
			return err
		}
		if err := r.Files.Remove(j.File + ".pub"); err != nil {
			return err
		}
		if err := r.Files.Rename(j.NewFile(), j.File); err != nil {
			return err
		}
	}
	if err := r.Files.WritePublic(j.File+".pub", j.New.Line); err != nil {
		return err
	}
	return r.Files.Remove(j.NewFile() + ".pub")
}

// keepOld gives the old key its second name, with its public half and its certificate, before it loses the first.
func (r *Rotation) keepOld() error {
	j := &r.Journal
	same, err := r.Files.Same(j.File, j.OldFile())
	if err != nil {
		return err
	}
	if !same {
		if !r.holds(j.File, j.Old) {
			return &LostError{j.File, j.Old.Fingerprint}
		}
		if taken, err := r.Files.Exists(j.OldFile()); err != nil || taken && !r.holds(j.OldFile(), j.Old) {
			return errors.Join(err, taking(taken, j.OldFile()))
		}
		if err := r.Files.Remove(j.OldFile()); err != nil { // a copy from before its passphrase was changed
			return err
		}
		if err := r.Files.Link(j.File, j.OldFile()); err != nil {
			return err
		}
	}
	if err := r.Files.WritePublic(j.OldFile()+".pub", j.Old.Line); err != nil {
		return err
	}
	certificate, err := r.Files.Exists(j.File + certSuffix)
	if err != nil || !certificate {
		return err
	}
	return r.Files.Rename(j.File+certSuffix, j.OldFile()+certSuffix)
}
