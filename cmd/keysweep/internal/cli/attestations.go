package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"keysweep/attest"
	"keysweep/finding"
	"keysweep/policy/practice"
)

// attestations are all that count here: those of this account and machine, and those of the repository around the working directory.
type attestations struct {
	env      *Env
	account  *attest.Store // nil where there is no home directory
	inside   *attest.Store // of the repository; nil outside of any
	records  []keptRecord
	problems []finding.Problem
	notices  []finding.Notice
}

// keptRecord is an attestation and where its script's path starts from.
type keptRecord struct {
	attest.Record
	store *attest.Store
}

const attestationsName = "attestations.jsonl"

// openAttestations finds the two files, and reads them. What is wrong with one is among the problems.
func openAttestations(ctx context.Context, env *Env) (*attestations, error) {
	a := &attestations{env: env}
	if state := homeOf(env, "XDG_STATE_HOME"); state != "" {
		dir := filepath.Join(state, "keysweep")
		a.account = &attest.Store{Dir: dir, Name: attestationsName, Lock: filepath.Join(dir, attestationsName+".lock"), Mode: 0o600}
	}
	p, err := placeOf(ctx, env, env.Dir, true)
	if err != nil {
		return nil, err
	}
	if p.repo != nil && !p.repo.Bare() {
		a.inside = &attest.Store{Dir: p.root, Name: ".keysweep/" + attestationsName, Lock: filepath.Join(p.repo.GitDir(), "keysweep-attestations.lock"), Mode: 0o644}
	}
	a.read(a.account, []string{"account", "host", "script"})
	a.read(a.inside, []string{"repository", "script"}) // a repository has no say in anything outside of it
	return a, nil
}

func (a *attestations) read(s *attest.Store, kinds []string) {
	if s == nil {
		return
	}
	l, err := s.Read()
	if err != nil { // of a chain that is broken nothing counts: which of its lines was changed nobody can tell
		a.problems = append(a.problems, attestProblem(a.env, s, err))
		return
	}
	if l.Torn > 0 {
		a.notices = append(a.notices, finding.Notice{Kind: "torn", Where: shownPath(a.env, s.Path()), Text: "its last line was never finished, and does not count; the next attestation takes it away"})
	}
	for _, r := range l.Records {
		kind, name := attest.ScopeKind(r.Scope)
		inside := kind != "script" || filepath.IsLocal(filepath.FromSlash(name)) == (s == a.inside)
		if slices.Contains(kinds, kind) && inside {
			a.records = append(a.records, keptRecord{r, s})
		}
	}
}

// attestProblem says what is wrong with a file of attestations.
func attestProblem(env *Env, s *attest.Store, err error) finding.Problem {
	where, text := shownPath(env, s.Path()), strings.TrimPrefix(err.Error(), "read attestations: ")
	if inPath, ok := errors.AsType[*fs.PathError](err); ok {
		text = inPath.Err.Error()
	}
	if broken, ok := errors.AsType[*attest.ChainError](err); ok {
		where, text = fmt.Sprintf("%s:%d", where, broken.Line), "the chain of attestations is broken, so that none of them counts: "+broken.Why
	}
	return finding.Problem{Where: where, Op: "read attestations", Err: text, Hint: hintOf(err)}
}

// standings returns how a practice stands in each scope that counts here. every is for how many days an attestation counts.
func (a *attestations) standings(p practice.Practice, every int) (list []attest.Standing) {
	for _, s := range []*attest.Store{a.account, a.inside} {
		var records []attest.Record
		for _, r := range a.records {
			kind, name := attest.ScopeKind(r.Scope)
			if r.store == s && kind == string(p.Scope) && (kind != "host" || name == a.env.Hostname) {
				records = append(records, r.Record)
			}
		}
		for _, r := range attest.Latest(records, p.ID) {
			list = append(list, attest.Judge(&r, every, subjectNow(s, r.Scope), a.env.Now()))
		}
	}
	return list
}

// subjectNow is the script that a scope is about, as it is now.
func subjectNow(s *attest.Store, scope string) attest.Subject {
	kind, name := attest.ScopeKind(scope)
	if kind != "script" {
		return attest.Subject{}
	}
	sum, err := hashScript(s, name)
	if errors.Is(err, fs.ErrNotExist) {
		return attest.Subject{Gone: true}
	}
	return attest.Subject{SHA256: sum, Err: err}
}

// hashScript returns the SHA-256 of a script as it is now. One of a repository is read in it alone, whatever its links say; another one where its
// path leads.
func hashScript(s *attest.Store, name string) (string, error) {
	if filepath.IsAbs(name) {
		return hashAbsolute(name)
	}
	return hashFile(s.Dir, filepath.FromSlash(name))
}

// hashAbsolute is hashFile for a path that the user named, links included.
func hashAbsolute(name string) (string, error) {
	real, err := filepath.EvalSymlinks(name)
	if err != nil {
		return "", plainError(err)
	}
	return hashFile(filepath.Dir(real), filepath.Base(real))
}

// plainError is what went wrong with a file, without its name and the system call.
func plainError(err error) error {
	if inPath, ok := errors.AsType[*fs.PathError](err); ok {
		return inPath.Err
	}
	return err
}

// hashFile returns the SHA-256 of a regular file below a directory.
func hashFile(dir, name string) (string, error) {
	sum, _, err := digestFile(dir, name)
	return sum, err
}

// digestFile is hashFile with the number of bytes that were read.
func digestFile(dir, name string) (sum string, size int64, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", 0, plainError(err)
	}
	defer func() { _ = root.Close() }()
	info, err := root.Stat(name)
	switch {
	case err != nil:
		return "", 0, plainError(err)
	case !info.Mode().IsRegular(): // a FIFO would block
		return "", 0, errNoFile
	}
	f, err := root.Open(name)
	if err != nil {
		return "", 0, plainError(err)
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if size, err = io.Copy(h, f); err != nil {
		return "", 0, plainError(err)
	}
	return hex.EncodeToString(h.Sum(nil)), size, nil
}

var errNoFile = errors.New("it is no regular file")
