package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"keysweep/internal/openssh"
	"keysweep/internal/terminal"
	"keysweep/keys"
	"keysweep/rotation"
	"keysweep/rotation/rollover"
)

// rotateKeys are the two keys, as far as passphrases go. It is rollover.Keys.
type rotateKeys struct {
	g   *rotating
	via *openssh.Key // that the hosts are entered with instead; nil for the two keys themselves

	oldPass, newPass []byte // nil: it has none, or it is not needed, or not known
	unprotected      bool   // the new key has no passphrase
	exception        *rotation.Exception
}

func (k *rotateKeys) clear() {
	clear(k.oldPass)
	clear(k.newPass)
	if k.via != nil {
		clear(k.via.Passphrase)
	}
}

// settle asks for what this run needs, before anything is done. New keys have the old one's passphrase, so that one question is
// enough.
func (k *rotateKeys) settle(ctx context.Context) (err error) {
	if k.via, err = k.g.o.host.viaKey(ctx, k.g.env); err != nil {
		return err
	}
	if k.g.journal.Phase == rollover.Planned && !k.g.o.abort {
		return k.settleFirst(ctx)
	}
	return k.settleAgain(ctx)
}

// settleFirst is for a rotation whose new key is not there yet.
func (k *rotateKeys) settleFirst(ctx context.Context) error {
	old, err := openKeyFile(k.g.journal.File)
	if err != nil {
		return err
	}
	j, o := &k.g.journal, k.g.o
	inherited := k.g.old.Unprotected
	own := o.newPass.given() || o.newPass.generate || o.askNew
	switch {
	case o.noPassphrase:
		k.exception = &rotation.Exception{Reason: o.reason, At: k.g.env.Now()}
	case own:
	case !old.Protected() && inherited != nil && inherited.Reason != rotation.FoundUnprotected:
		k.exception = inherited
	case !old.Protected():
		own = true
	}
	k.unprotected = k.exception != nil
	j.OwnPassphrase = own || k.unprotected
	if old.Protected() && (!j.OwnPassphrase || k.needsOld(ctx)) {
		if k.oldPass, err = k.existing(ctx, &o.pass, old, k.g.old.ID, "Passphrase of "+k.g.name()); err != nil {
			return err
		}
	}
	switch {
	case k.unprotected || o.dryRun:
		return nil
	case !own:
		k.newPass = bytes.Clone(k.oldPass)
		return nil
	}
	k.newPass, err = k.fresh(ctx)
	return err
}

// fresh gets a passphrase of its own for the new key.
func (k *rotateKeys) fresh(ctx context.Context) ([]byte, error) {
	return k.g.o.newPass.fresh(ctx, k.g.env, freshQuestion{
		Prompt:  "New passphrase for the new key " + k.g.name(),
		Known:   []string{k.g.env.LoginName(), k.g.env.Hostname, k.g.old.Name, k.g.old.Service, k.g.old.Env, k.g.old.Owner, filepath.Base(k.g.journal.File)},
		Instead: `let it be made: --generate-passphrase; or, for a key that nobody can unlock: --no-passphrase --reason "..."`,
	})
}

// settleAgain is for a rotation that goes on.
func (k *rotateKeys) settleAgain(ctx context.Context) error {
	j, o := &k.g.journal, k.g.o
	oldFile, newFile := j.Places()
	if j.Phase == rollover.Promoting { // some of the names may have changed
		oldFile, newFile = k.find(j.Old), k.find(j.New)
	}
	if isFile(newFile) && !o.abort { // one that is lost is said later
		if err := k.unlockNew(ctx, newFile); err != nil {
			return err
		}
	}
	if !isFile(oldFile) || !k.needsOld(ctx) {
		return nil
	}
	old, err := openKeyFile(oldFile)
	if err != nil || !old.Protected() {
		return err
	}
	if private, err := old.Open(k.newPass); err == nil {
		private.Clear()
		k.oldPass = bytes.Clone(k.newPass)
		return nil
	}
	k.oldPass, err = k.existing(ctx, &o.pass, old, k.g.old.ID, "Passphrase of the old key "+k.g.name())
	return err
}

// unlockNew gets the passphrase of the new key.
func (k *rotateKeys) unlockNew(ctx context.Context, path string) error {
	file, err := openKeyFile(path)
	if err != nil {
		return err
	}
	if k.unprotected = !file.Protected(); k.unprotected {
		return nil
	}
	source, id := &k.g.o.pass, k.g.journal.Record
	if k.g.o.newPass.given() {
		source = &k.g.o.newPass
	}
	if r, err := k.g.ledger.Find(ctx, k.g.journal.New.Fingerprint); err == nil && k.g.journal.OwnPassphrase {
		id = r.ID
	}
	k.newPass, err = k.existing(ctx, source, file, id, "Passphrase of "+k.g.name())
	return err
}

// find returns the file that holds a key while names are changing.
func (k *rotateKeys) find(key rollover.Key) string {
	j := &k.g.journal
	for _, file := range []string{j.File, j.NewFile(), j.OldFile()} {
		if fingerprint, err := (rollover.Disk{}).Fingerprint(file); err == nil && fingerprint == key.Fingerprint {
			return file
		}
	}
	return j.File
}

// needsOld reports whether the old key itself logs in somewhere, and no agent can do it.
func (k *rotateKeys) needsOld(ctx context.Context) bool {
	j := &k.g.journal
	waiting := j.Count(rollover.Waiting, rollover.Begun)
	if k.g.o.abort {
		waiting = j.Count(rollover.Begun, rollover.Verified)
	}
	return waiting > 0 && k.via == nil && !agentHolds(ctx, k.g.env, j.Old)
}

// existing gets a passphrase that is in use: from the ledger if that keeps it, or else from where the flags say, or a person.
func (k *rotateKeys) existing(ctx context.Context, o *passphraseOptions, file *keys.File, id, prompt string) ([]byte, error) {
	if !o.given() && id != "" {
		if kept, err := k.g.ledger.Secret(ctx, id); err == nil {
			private, err := file.Open(kept)
			if err == nil {
				private.Clear()
				return kept, nil
			}
			clear(kept)
		}
	}
	return provenPassphrase(ctx, k.g.env, o, file, prompt)
}

// openKeyFile reads a private key file.
func openKeyFile(path string) (*keys.File, error) {
	data, err := readForArchive(path)
	if err != nil {
		return nil, err
	}
	defer clear(data)
	file, err := keys.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return file, nil
}

// Make is rollover.Keys'.
func (k *rotateKeys) Make(ctx context.Context) (rollover.Pair, error) {
	_, comment, err := k.g.journal.Old.Public()
	if err != nil {
		return rollover.Pair{}, err
	}
	stop := terminal.Spinner(k.g.env.Stderr, "making the key", k.g.env.StderrTerminal)
	defer stop()
	private, err := keys.Generate(ctx, k.g.o.kind, comment)
	if err != nil {
		return rollover.Pair{}, err
	}
	defer private.Clear()
	public, err := private.Public()
	if err != nil {
		return rollover.Pair{}, err
	}
	text, err := private.MarshalOpenSSH(k.newPass, k.g.o.rounds)
	return rollover.Pair{Private: text, Public: public, Comment: comment}, err
}

// End is rollover.Keys'.
func (k *rotateKeys) End(ctx context.Context) error {
	k.g.journal = k.g.r.Journal
	j := &k.g.journal
	if err := k.keepPassphrase(ctx); err != nil {
		return err
	}
	r, err := k.g.ledger.Find(ctx, j.Record)
	if err != nil || r.Status == rotation.Retired {
		return err
	}
	for _, in := range r.ActiveInstallations(k.g.env.Now()) {
		if t, err := openssh.ParseTarget(in.Target); err == nil && j.Host(t.String()) == nil {
			return fmt.Errorf("the old key was deployed to %s meanwhile: run it again", in.Target)
		}
	}
	o := retireOptions{
		archive: j.Archive, destroy: j.Archive == "", force: true, reason: "replaced by " + j.New.Fingerprint,
		pass: k.g.o.archivePass, ledger: k.g.o.ledger,
	}
	if !o.pass.given() {
		o.secret = k.newPass
	}
	if o.archive != "" {
		if err := makeKeyDir(filepath.Dir(o.archive)); err != nil {
			return err
		}
	}
	file, err := retireFile(ctx, k.g.env, &o, &r)
	if err != nil {
		return err
	}
	_, err = o.retire(ctx, k.g.env, k.g.ledger, r, file)
	return err
}

// keepPassphrase keeps the new key's passphrase in the ledger, if that keeps the old one's.
func (k *rotateKeys) keepPassphrase(ctx context.Context) error {
	kept, err := k.g.ledger.Secret(ctx, k.g.journal.Record)
	if errors.Is(err, rotation.ErrNotFound) || k.newPass == nil {
		return nil
	}
	clear(kept)
	if err != nil {
		return err
	}
	r, err := k.g.ledger.Find(ctx, k.g.journal.New.Fingerprint)
	if err != nil {
		return err
	}
	return k.g.ledger.SetSecret(ctx, r.ID, k.newPass)
}

// destroyKey overwrites a private key and removes it.
func destroyKey(file string) error { return removeKey(file, true) }

// publicOnly writes the public half of the old key to a file, to ask hosts whether they would accept it.
func (k *rotateKeys) publicOnly() (openssh.Key, func(), error) {
	public, _, err := k.g.journal.Old.Public()
	if err != nil {
		return openssh.Key{}, nil, err
	}
	s := subject{public: &public}
	return s.publicFile()
}

// isFile reports whether there is something at a path.
func isFile(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
