package cli

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"keysweep/internal/openssh"
	"keysweep/keys"
	"keysweep/keys/authorized"
	"keysweep/keys/inventory"
	"keysweep/rotation"
)

// subject is the key that a command deploys or revokes.
type subject struct {
	ref         string
	public      *keys.Public // nil if only the fingerprint is known
	fingerprint string
	comment     string
	private     string // the private key file, if it is here and ssh can read it; "" otherwise
	protected   bool
	record      *rotation.Record // nil if the ledger does not have it
}

// wholeFingerprint reports whether text is a fingerprint as ssh-keygen shows it: SHA-256 in unpadded base64.
func wholeFingerprint(text string) bool {
	sum, ok := strings.CutPrefix(text, "SHA256:")
	raw, err := base64.RawStdEncoding.DecodeString(sum)
	return ok && err == nil && len(raw) == sha256.Size
}

// subjectAndTargets finds the key that the first argument names, and reads the accounts that the others name.
func subjectAndTargets(ctx context.Context, env *Env, o *ledgerOptions, args []string) (*subject, *rotation.Ledger, []openssh.Target, error) {
	targets, err := parseTargets(args[1:])
	if err != nil {
		return nil, nil, nil, err
	}
	ledger, err := o.existing(ctx, env)
	if err != nil {
		return nil, nil, nil, err
	}
	s, err := findSubject(ctx, env, ledger, args[0])
	return s, ledger, targets, err
}

// findSubject finds a key by what a person calls it: a file, private or public, or a name, id or fingerprint of the ledger.
func findSubject(ctx context.Context, env *Env, ledger *rotation.Ledger, ref string) (*subject, error) {
	path := absolute(env, ref)
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		return subjectOfFile(ctx, env, ledger, ref, path)
	}
	if strings.HasPrefix(ref, "SHA256:") && !wholeFingerprint(ref) {
		return nil, usagef("ssh-keygen -lf FILE shows it", "%s is no fingerprint: it is SHA256: and 43 characters", ref)
	}
	if ledger == nil {
		if strings.HasPrefix(ref, "SHA256:") {
			return &subject{ref: ref, fingerprint: ref}, nil
		}
		return nil, usagef("name a key file, such as ~/.ssh/id_ed25519.pub; names are known to the ledger only, and there is none", "%s: %w", ref, fs.ErrNotExist)
	}
	r, err := findRecord(ctx, env, ledger, ref)
	if errors.Is(err, rotation.ErrNotFound) && strings.HasPrefix(ref, "SHA256:") {
		return &subject{ref: ref, fingerprint: ref}, nil
	}
	if err != nil {
		return nil, err
	}
	if r.Path != "" && r.Machine == env.Hostname {
		for _, path := range []string{r.Path, r.Path + ".pub"} {
			s, err := subjectOfFile(ctx, env, nil, ref, path)
			if err == nil && s.fingerprint == r.Fingerprint {
				s.record = &r
				return s, nil
			}
		}
	}
	return &subject{ref: ref, fingerprint: r.Fingerprint, record: &r}, nil
}

// subjectOfFile reads a key from a file.
func subjectOfFile(ctx context.Context, env *Env, ledger *rotation.Ledger, ref, path string) (*subject, error) {
	k, err := lookAt(ctx, env, path)
	switch {
	case errors.Is(err, keys.ErrNoKey):
		return nil, notOneKey(ref, path)
	case err != nil:
		return nil, err
	case k.Public == nil:
		return nil, usagef(fmt.Sprintf("make its public half first: ssh-keygen -y -f %s > %[1]s.pub", shellWord(ref)),
			"%s hides its public half, as encrypted keys in its format do, and there is no %[1]s.pub", ref)
	case k.Public.IsCertificate():
		return nil, usagef("name the .pub file of the key itself", "%s is a certificate: hosts take it through its authority, not from authorized_keys", ref)
	}
	s := &subject{ref: ref, public: k.Public, fingerprint: k.Fingerprint(), comment: k.Comment}
	if len(k.Files) > 0 && k.Files[0].Format != keys.FormatPPK2 && k.Files[0].Format != keys.FormatPPK3 {
		s.private, s.protected = k.Files[0].Path, k.Files[0].Protected
		if err := warnOfPub(env, &k.Files[0]); err != nil {
			return nil, err
		}
	} else if private, ok := strings.CutSuffix(path, ".pub"); ok {
		s.privateBeside(ctx, env, private)
	}
	if ledger == nil {
		return s, nil
	}
	r, err := ledger.Find(ctx, s.fingerprint)
	switch {
	case err == nil:
		s.record = &r
	case !errors.Is(err, rotation.ErrNotFound):
		return nil, err
	}
	return s, nil
}

// notOneKey says what a file holds instead of one key.
func notOneKey(ref, path string) error {
	data, err := os.ReadFile(path) // it was read before: it is small
	if err != nil {
		return err
	}
	defer clear(data)
	var found []authorized.Line
	for _, l := range authorized.Parse(data) {
		if l.Kind == authorized.Entry {
			found = append(found, l)
		}
	}
	switch {
	case len(found) > 1:
		return usagef("name a file that holds one key alone", "%s holds %d keys", ref, len(found))
	case len(found) == 1:
		return usagef("write the key alone into a file, without what stands before it; for options there are --from and --like", "%s is a line of authorized_keys, with options", ref)
	}
	return usagef("name a key file, such as ~/.ssh/id_ed25519.pub", "%s: there is no key in it, neither a private nor a public one", ref)
}

// privateBeside takes the private key file beside a .pub into account, if it is the same key's.
func (s *subject) privateBeside(ctx context.Context, env *Env, path string) {
	k, err := lookAt(ctx, env, path)
	if err == nil && len(k.Files) > 0 && k.Files[0].Pub == inventory.PubMatches && k.Fingerprint() == s.fingerprint {
		s.private, s.protected = k.Files[0].Path, k.Files[0].Protected
	}
}

// passphrase gets the passphrase of the private key, nil if it needs none.
func (s *subject) passphrase(ctx context.Context, env *Env, o *passphraseOptions) ([]byte, error) {
	if s.private == "" || !s.protected {
		return nil, nil
	}
	data, err := os.ReadFile(s.private)
	if err != nil {
		return nil, err
	}
	defer clear(data)
	file, err := keys.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.private, err)
	}
	return provenPassphrase(ctx, env, o, file, "Passphrase of "+s.ref)
}

// publicFile writes the public half, and nothing else, to a file that remove takes away: what ssh needs to ask a host whether
// it would accept the key.
func (s *subject) publicFile() (key openssh.Key, remove func(), err error) {
	dir, err := os.MkdirTemp("", "keysweep-")
	if err != nil {
		return key, nil, fmt.Errorf("directory for the public key: %w", err)
	}
	remove = func() { _ = os.RemoveAll(dir) }
	key.File = filepath.Join(dir, "key.pub")
	if err := os.WriteFile(key.File, s.public.Line(""), 0o600); err != nil {
		remove()
		return key, nil, fmt.Errorf("write public key: %w", err)
	}
	return key, remove, nil
}

// installedComment is the comment that goes to the host.
func (s *subject) installedComment() (string, error) {
	comment := s.comment
	if comment == "" && s.record != nil {
		comment = s.record.Name
	}
	if authorized.HoldsPrivate([]byte(comment)) {
		return "", usagef("", "%s: %w", s.ref, authorized.ErrPrivate)
	}
	return comment, nil
}
