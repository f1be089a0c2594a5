package inventory

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"keysweep/keys"
)

const (
	pubSuffix         = ".pub"
	certificateSuffix = "-cert.pub"
)

// Look tells everything about one file: a private key of any format that package keys understands, a public key or a
// certificate. A file that holds none of these is keys.ErrNoKey. What could not be found out is listed in Key.Problems.
func Look(ctx context.Context, path string, env Env) (Key, error) {
	if !filepath.IsAbs(path) {
		return Key{}, fmt.Errorf("look at %s: not an absolute path", path)
	}
	path = filepath.Clean(path)
	data, err := readSmall(path)
	if err != nil {
		return Key{}, fmt.Errorf("look at %s: %w", path, err)
	}
	defer clear(data) // it may hold a private key without a passphrase
	file, err := keys.Parse(data)
	if err == nil {
		return privateFile(ctx, path, int64(len(data)), file, env)
	}
	if public, comment, parseErr := publicKey(data); parseErr == nil {
		return publicFile(path, public, comment, env)
	}
	return Key{}, fmt.Errorf("look at %s: %w", path, err)
}

// privateFile gathers the facts of a private key file and of the .pub and certificate beside it.
func privateFile(ctx context.Context, path string, size int64, parsed *keys.File, env Env) (Key, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Key{}, fmt.Errorf("look at %s: %w", path, err)
	}
	f := File{
		Path: path, Target: target(path), Format: parsed.Format, Protected: parsed.Protected(), Cipher: parsed.Cipher,
		KDF: parsed.KDF, Bytes: size, Quirk: parsed.Quirk, Pub: PubMissing, PubPath: path + pubSuffix,
		Access: access(path, info, env.UID), Born: birth(path, info), Changed: info.ModTime(),
	}
	k := Key{Public: parsed.Public, Type: parsed.Type, Comment: parsed.Comment}
	if parsed.Damage != nil {
		k.problem(path, "understand", parsed.Damage)
	}
	if f.Place, err = surroundings(ctx, path, env, true); err != nil {
		k.problem(path, "look around", err)
	}
	k.addEvidence(FromBirth, f.Born, path)
	k.addEvidence(FromChange, f.Changed, path)
	k.lookBeside(ctx, &f, env)
	k.Files = []File{f}
	k.describe()
	return k, ctx.Err()
}

// lookBeside reads the .pub and the certificate that belong to a private key file by their names.
func (k *Key) lookBeside(ctx context.Context, f *File, env Env) {
	public, comment, err := readPublic(f.PubPath)
	switch {
	case gone(err):
	case err != nil:
		f.Pub = PubDamaged
		k.problem(f.PubPath, "read", err)
	case k.Public != nil && !k.Public.Equal(public):
		f.Pub = PubMismatch
	case k.Public == nil && !strings.HasPrefix(public.Key().Type, k.Type): // PEM tells the kind of key even if it is encrypted
		f.Pub = PubMismatch
	default:
		f.Pub = PubMatches
		if k.Public == nil {
			k.Public, f.Pub = &public, PubUnproven
		}
		k.addPublic(f.PubPath, comment, false, env)
		if r := f.Place.Repository; r != nil {
			k.addEvidence(FromGit, firstCommit(ctx, r, f.PubPath, public, env), f.PubPath)
		}
	}
	name := f.Path + certificateSuffix
	certificate, _, err := readPublic(name)
	switch {
	case gone(err):
	case err != nil:
		k.problem(name, "read", err)
	case k.Public == nil || k.Public.Equal(certificate):
		k.addCertificate(name, certificate)
	}
}

// publicFile gathers the facts of a file with a public key or a certificate.
func publicFile(path string, public keys.Public, comment string, env Env) (Key, error) {
	var k Key
	base := strings.TrimSuffix(path, pubSuffix)
	if public.IsCertificate() {
		base = strings.TrimSuffix(path, certificateSuffix)
		k.addCertificate(path, public)
	}
	key := public.Key()
	k.Public = &key
	_, err := os.Lstat(base)
	if !public.IsCertificate() {
		k.addPublic(path, comment, err != nil || base == path, env)
	}
	k.Comment = comment
	k.describe()
	return k, nil
}

// addPublic adds a file that holds the key's public half.
func (k *Key) addPublic(path, comment string, alone bool, env Env) {
	p := PublicFile{Path: path, Comment: comment, Alone: alone}
	if info, err := os.Stat(path); err == nil {
		p.Access, p.Born, p.Changed = access(path, info, env.UID), birth(path, info), info.ModTime()
	}
	k.addEvidence(FromPubBirth, p.Born, path)
	k.addEvidence(FromPubChange, p.Changed, path)
	k.PublicFiles = append(k.PublicFiles, p)
	if k.Comment == "" {
		k.Comment = comment
	}
}

// addCertificate adds a certificate. One that cannot be read to its end is a problem.
func (k *Key) addCertificate(path string, public keys.Public) {
	c, err := public.Certificate()
	if err != nil {
		k.problem(path, "read certificate", err)
		return
	}
	k.Certificates = append(k.Certificates, Certificate{
		Path: path, Serial: c.Serial, KeyID: c.KeyID, Host: c.Type == keys.HostCertificate, Principals: c.Principals,
		From: c.After(), Until: c.Before(),
	})
	k.addEvidence(FromCertificate, c.After(), path)
}

// describe fills in what follows from the public half.
func (k *Key) describe() {
	if k.Public != nil {
		k.Type, k.Bits = k.Public.Key().Type, k.Public.Bits
	}
}

// earliest is when SSH first appeared: times before it are marks of archives and build systems, not of keys.
var earliest = time.Date(1995, 7, 1, 0, 0, 0, 0, time.UTC)

// addEvidence adds a time at which the key was there, and keeps the list in order.
func (k *Key) addEvidence(source string, at time.Time, detail string) {
	if at.Before(earliest) {
		return
	}
	k.Evidence = append(k.Evidence, Evidence{source, at.UTC(), detail})
	k.sortEvidence()
}

func (k *Key) sortEvidence() {
	slices.SortStableFunc(k.Evidence, func(a, b Evidence) int { return a.At.Compare(b.At) })
}

func (k *Key) problem(where, op string, err error) {
	k.Problems = append(k.Problems, Problem{where, op, err})
}

// target returns where a symbolic link leads in the end; "" if the path is none.
func target(path string) string {
	if info, err := os.Lstat(path); err != nil || info.Mode()&os.ModeSymlink == 0 {
		return ""
	}
	return resolve(path)
}

// readPublic reads a public key file.
func readPublic(path string) (keys.Public, string, error) {
	data, err := readSmall(path)
	if err != nil {
		return keys.Public{}, "", err
	}
	return publicKey(data)
}

// publicKey returns the first public key of a file.
func publicKey(data []byte) (keys.Public, string, error) {
	file, err := keys.ParsePublicFile(data)
	if err != nil {
		return keys.Public{}, "", err
	}
	return file.Public, file.Comment, nil
}
