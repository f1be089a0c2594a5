package backup

import (
	"bytes"
	"errors"
	"fmt"

	"filippo.io/age"

	"keysweep/keys/words"
)

// Form is what a backup is written as.
type Form string

// The forms. The ledger keeps these names.
const (
	FormAge   Form = "age"
	FormWords Form = "words"
	FormSheet Form = "sheet"
	FormKey   Form = "key file" // a plain copy of the key file: nobody's advice, but what some people have
)

// Input is one file, or one text that was entered.
type Input struct {
	Name string // in messages: a path, "standard input"
	Data []byte
}

// Artefact is a backup as it was read back, not yet decrypted. The caller clears it.
type Artefact struct {
	Form Form
	ID   string // of what it holds, as ID and WordsID; "" for words, whose key is not known yet
	// Printed is the fingerprint that stands on a sheet that was read as a page; "" otherwise.
	Printed string

	sealed []byte // an age file in binary form
	plain  []byte // or a payload that is not encrypted
	seed   []byte // or the seed of an Ed25519 key
}

// Clear overwrites what is secret.
func (a *Artefact) Clear() {
	clear(a.plain)
	clear(a.seed)
}

// ErrUnknown says that data are no backup of any form.
var ErrUnknown = errors.New("not a backup: neither an age file, nor words, nor a sheet or a part of one")

// maxInput is the most that is read of one input, in bytes: photographs are the largest.
const maxInput = 64 << 20

// Read understands a backup by its content: an age file, words, a sheet's page, scanned or typed text of a sheet, pictures of its
// QR codes, or a plain key file. The parts of a sheet may come in several inputs and in any order. What is wrong is told as
// *DamagedError (several joined, if there is more to tell), or as an error of package words.
func Read(inputs ...Input) (*Artefact, error) {
	if len(inputs) == 1 {
		if a, err := readWhole(inputs[0].Data); a != nil || err != nil {
			return a, within(inputs[0], err)
		}
	}
	var parts []part
	var problems []error
	for _, in := range inputs {
		found, wrong, err := partsOf(in)
		if err != nil {
			return nil, err
		}
		parts, problems = append(parts, found...), append(problems, wrong...)
	}
	content, id, err := joinParts(parts, problems)
	if err != nil {
		return nil, err
	}
	return fromContent(content, id)
}

// within says in which input something is wrong.
func within(in Input, err error) error {
	if err == nil || in.Name == "" {
		return err
	}
	return fmt.Errorf("%s: %w", in.Name, err)
}

// readWhole understands an input that is a backup by itself. It returns nothing for what may be a part of one.
func readWhole(data []byte) (*Artefact, error) {
	text := bytes.TrimLeft(data, "\ufeff \t\r\n")
	switch {
	case len(data) > maxInput:
		return nil, fmt.Errorf("larger than any backup (%d bytes)", len(data))
	case isPicture(data), isSheet(text), hasParts(text) && !hasLines(text):
		if isSheet(text) {
			return readSheet(text)
		}
		return nil, nil
	case bytes.HasPrefix(text, []byte(ageIntro)), bytes.HasPrefix(text, []byte(armorIntro)):
		sealed, err := unarmor(text)
		if err != nil {
			return nil, err
		}
		return &Artefact{Form: FormAge, ID: ID(sealed), sealed: sealed}, nil
	case hasLines(text):
		content, id, err := readLines(text)
		if err != nil {
			return nil, err
		}
		return fromContent(content, id)
	case isKeyFile(text):
		return &Artefact{Form: FormKey, ID: ID(data), plain: bytes.Clone(data)}, nil
	case looksLikeWords(text):
		return fromWords(text, FormWords)
	}
	return nil, ErrUnknown
}

// partsOf returns the parts of a sheet in an input. What is wrong with single parts is in problems.
func partsOf(in Input) (parts []part, problems []error, err error) {
	var texts []string
	switch {
	case len(in.Data) > maxInput:
		return nil, nil, within(in, fmt.Errorf("larger than any backup (%d bytes)", len(in.Data)))
	case isPicture(in.Data):
		texts, err = readPicture(in.Data)
		if IsDamage(err) { // a page without codes is no harm if others have them all
			return nil, []error{within(in, err)}, nil
		}
		if err != nil {
			return nil, nil, within(in, err)
		}
	case hasParts(in.Data):
		texts = []string{string(in.Data)}
	default:
		return nil, nil, within(in, errors.New("not a part of a sheet; give other backups one at a time"))
	}
	for _, text := range texts {
		found, wrong := readParts([]byte(text))
		parts, problems = append(parts, found...), append(problems, wrong...)
	}
	if len(parts)+len(problems) == 0 {
		return nil, nil, within(in, errors.New("its QR codes are not those of a backup"))
	}
	return parts, problems, nil
}

// fromContent understands what the parts of a sheet make: an age file or a payload.
func fromContent(content []byte, id string) (*Artefact, error) {
	switch {
	case bytes.HasPrefix(content, []byte(ageIntro)):
		return &Artefact{Form: FormSheet, ID: id, sealed: content}, nil
	case isKeyFile(content):
		return &Artefact{Form: FormSheet, ID: id, plain: content}, nil
	}
	return nil, ErrUnknown
}

func isKeyFile(text []byte) bool {
	return bytes.HasPrefix(text, []byte("PuTTY-User-Key-File-")) || bytes.Contains(text, []byte("PRIVATE KEY-----"))
}

// looksLikeWords reports whether a text has at least a few words of the list, so that a mistake in the others can be told.
func looksLikeWords(text []byte) bool {
	known := 0
	for i, word := range bytes.Fields(text[:min(len(text), 4096)]) {
		if _, ok := words.Index(bytes.Trim(word, "0123456789.):,;")); ok {
			known++
		}
		if i >= 63 {
			break
		}
	}
	return known >= 4
}

// fromWords reads the words of a key.
func fromWords(text []byte, form Form) (*Artefact, error) {
	seed, err := words.Decode(text)
	if err != nil {
		return nil, err
	}
	if len(seed) != 32 {
		n := len(seed) * 3 / 4
		clear(seed)
		return nil, &words.CountError{Got: n}
	}
	return &Artefact{Form: form, seed: seed}, nil
}

// Lock says what opens the artefact; locked is false if it is not encrypted.
func (a *Artefact) Lock() (lock Lock, locked bool, err error) {
	if a.sealed == nil {
		return lock, false, nil
	}
	lock, err = lockOf(a.sealed)
	return lock, true, err
}

// Open decrypts the artefact. Errors are ErrPassphrase, ErrIdentity and *DamagedError. The caller clears the result.
func (a *Artefact) Open(ids ...age.Identity) (*Copy, error) {
	if a.seed != nil {
		return &Copy{seed: bytes.Clone(a.seed)}, nil
	}
	payload := bytes.Clone(a.plain)
	if a.sealed != nil {
		var err error
		if payload, err = unseal(a.sealed, ids); err != nil {
			return nil, err
		}
	}
	keyFile, m, err := readPayload(payload)
	if err != nil {
		clear(payload)
		return nil, err
	}
	return &Copy{KeyFile: keyFile, Manifest: m}, nil
}
