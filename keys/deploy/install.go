package deploy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"keysweep/keys"
	"keysweep/keys/authorized"
)

// Request says which key is to be installed, and how.
type Request struct {
	Public  keys.Public
	Comment string
	// Options stand before the key. A key that is there already keeps its own, but for those named here.
	Options authorized.Options
	// Like is a key whose options are taken over, and whose lines, if it has several; nil for none. The host must have it.
	Like *keys.Public
	// Now tells which of Like's lines have expired: they are passed over, unless all have. Zero passes over none.
	Now time.Time
	// Expires is when the server is to stop accepting the key; zero for never.
	Expires time.Time
	// Strict takes the key back from a server that does not understand any way to write Expires, instead of leaving it there
	// without.
	Strict bool
}

// Enforcement is how a server keeps an expiry date.
type Enforcement string

// The ways of writing an expiry date, best first.
const (
	ExpiryNone  Enforcement = ""                  // it does not: it is older than OpenSSH 7.7, or no date was asked for
	ExpiryUTC   Enforcement = "to the second"     // expiry-time in UTC: OpenSSH 9.1
	ExpiryLocal Enforcement = "up to a day later" // expiry-time in the server's zone, which is not known here: OpenSSH 7.7
)

// Result is what Install did.
type Result struct {
	Outcome Outcome
	Changed bool // the file was changed; false if all was as asked already
	Expiry  Enforcement
	Line    []byte // as it stands in the file now
}

// RefusedError says that a key was installed and is not accepted.
type RefusedError struct {
	Fingerprint string
	TakenBack   bool   // the file is as it was before
	From        bool   // the line limits where the login may come from
	Until       string // the expiry-time that the line had before; "" if none, or if a new one was asked for
}

// Error says what was found.
func (e *RefusedError) Error() string {
	if e.TakenBack {
		return "the server refuses the key although it was installed; authorized_keys is as it was before"
	}
	return "the server refuses the key although it is installed"
}

// Hint says what the cause may be.
func (e *RefusedError) Hint() string {
	if e.From {
		return "does from= allow this machine? What does the server's log say?"
	}
	if e.Until != "" {
		return fmt.Sprintf("its line there says expiry-time=%q: if that is over, set a new date with --expires or --expire-after", e.Until)
	}
	return "on the server: sshd -T | grep -iE 'authorizedkeys|pubkey' (another AuthorizedKeysFile, an AuthorizedKeysCommand, a type of key " +
		"that is not allowed?), the modes of ~ and ~/.ssh (writable by others?), and sshd's log"
}

// ErrNoExpiry says that a server enforces no expiry date, and that one was insisted on.
var ErrNoExpiry = errors.New("the server understands no expiry-time (older than OpenSSH 7.7); the key was taken back")

// Install puts a key into the account's authorized_keys and has the host tried with it. If it is refused with an expiry date,
// older ways of writing the date are tried, and at last none. If it is refused all the same, what was added is taken back,
// and the error is a *RefusedError. Doing it again changes nothing.
func Install(ctx context.Context, h Host, r Request) (Result, error) {
	ways := []Enforcement{ExpiryNone}
	if !r.Expires.IsZero() {
		ways = []Enforcement{ExpiryUTC, ExpiryLocal, ExpiryNone}
	}
	i := installation{Request: r, host: h}
	for _, way := range ways {
		if way == ExpiryNone && r.Strict && !r.Expires.IsZero() {
			break
		}
		result, err := i.try(ctx, way)
		if err != nil && i.written && !errors.As(err, new(*UnfinishedError)) {
			err = &UnfinishedError{"installed, and refused; the next attempt failed", err}
		}
		if err != nil || result.Outcome != Refused {
			return result, err
		}
	}
	return i.giveUp(ctx)
}

// installation is an Install under way.
type installation struct {
	Request
	host    Host
	looked  bool
	written bool     // the file was changed
	first   [][]byte // the key's lines as they were before anything was changed
	from    bool
	until   string      // the expiry-time that the file has now
	way     Enforcement // that the file has now
}

// try installs the key with one way of writing its expiry date, and sees whether it is accepted.
func (i *installation) try(ctx context.Context, way Enforcement) (Result, error) {
	before, after, err := Change(ctx, i.host, func(old []byte) ([]byte, error) { return i.edit(old, way) })
	if err != nil {
		return Result{}, err
	}
	result := Result{Changed: string(before) != string(after), Expiry: i.way}
	i.written = i.written || result.Changed
	if lines := authorized.Find(after, i.Public); len(lines) > 0 {
		result.Line = lines[0].Raw
		_, i.from = lines[0].Options.Get("from")
		i.until, _ = lines[0].Options.Get("expiry-time")
	}
	if result.Outcome, err = i.host.Try(ctx); err != nil {
		return result, &UnfinishedError{"installed, but not tried", err}
	}
	return result, nil
}

// edit adds the key to the file, or changes the options of the lines that have it.
func (i *installation) edit(old []byte, way Enforcement) ([]byte, error) {
	lines := authorized.Parse(old)
	found := authorized.Find(old, i.Public)
	if i.way = way; way == ExpiryUTC && len(found) > 0 && hasExpiry(found[0], i.Expires, ExpiryLocal) {
		i.way = ExpiryLocal // an earlier installation found out that the server needs it: a key in use is not refused in between
	}
	way = i.way
	wanted, err := i.options(old, way)
	if err != nil {
		return nil, err
	}
	if !i.looked {
		i.looked = true
		for _, l := range found {
			i.first = append(i.first, l.Raw)
		}
	}
	if len(found) == 0 {
		return i.add(old, wanted)
	}
	for n, l := range counting(found) { // sshd takes the first line that lets the key in: a limit in one of several would be none
		if lines[l.Number-1].Raw, err = i.change(l, wanted[min(n, len(wanted)-1)], way); err != nil {
			return nil, err
		}
	}
	return authorized.Join(lines), nil
}

// add puts the key at the end of the file, on a line for each of the options.
func (i *installation) add(old []byte, wanted []authorized.Options) ([]byte, error) {
	data := old
	for n, options := range wanted {
		line, err := authorized.Compose(options, i.Public, i.Comment)
		if err != nil {
			return nil, err
		}
		if n > 0 { // what was added has the file's line ending
			if bytes.HasSuffix(data, []byte("\r\n")) {
				line = append(line[:len(line)-1], "\r\n"...)
			}
			data = append(data, line...)
			continue
		}
		addition, err := authorized.Add(data, line)
		if err != nil {
			return nil, err
		}
		data = addition.Data
	}
	return data, nil
}

// counting returns the lines that sshd goes by, or else, to be mended, the first.
func counting(found []authorized.Line) []authorized.Line {
	usable := slices.DeleteFunc(slices.Clone(found), func(l authorized.Line) bool { return !l.Usable() })
	if len(usable) > 0 {
		return usable
	}
	return found[:1]
}

// options are those that the key is to have, one line for each.
func (i *installation) options(old []byte, way Enforcement) (wanted []authorized.Options, err error) {
	like := []authorized.Options{nil}
	if i.Like != nil {
		if like = i.alike(old); len(like) == 0 {
			return nil, fmt.Errorf("the host does not have the key %s, whose options were to be taken over", i.Like.SHA256())
		}
	}
	for _, options := range like {
		for _, o := range i.Options {
			options = options.With(o)
		}
		options = withExpiry(options, i.Expires, way)
		if !slices.ContainsFunc(wanted, func(w authorized.Options) bool { return w.String() == options.String() }) {
			wanted = append(wanted, options)
		}
	}
	return wanted, nil
}

// alike returns the options of the lines that the other key has, but for their expiry dates. It may have several, for several
// places that it comes from: sshd goes on to the next line where from= does not fit.
func (i *installation) alike(old []byte) (like []authorized.Options) {
	lines := authorized.Find(old, *i.Like)
	if len(lines) == 0 {
		return nil
	}
	lines = counting(lines)
	over := func(l authorized.Line) bool { return !i.Now.IsZero() && !admits(l, i.Now) }
	if current := slices.DeleteFunc(slices.Clone(lines), over); len(current) > 0 {
		lines = current
	}
	for _, l := range lines {
		like = append(like, l.Options.Without("expiry-time"))
	}
	return like
}

// withExpiry adds an expiry date, written in one of the ways.
func withExpiry(options authorized.Options, at time.Time, way Enforcement) authorized.Options {
	switch way {
	case ExpiryUTC:
		return options.With(authorized.ExpiryOption(at))
	case ExpiryLocal:
		// Zones go from 14 hours before UTC to 12 behind it: so the key never ends too early.
		const furthest = 14 * time.Hour
		return options.With(authorized.Option{Name: "expiry-time", Valued: true, Value: at.UTC().Add(furthest).Format("200601021504")})
	}
	return options
}

// hasExpiry reports whether a line has an expiry date, written in one of the ways.
func hasExpiry(l authorized.Line, at time.Time, way Enforcement) bool {
	want, _ := withExpiry(nil, at, way).Get("expiry-time")
	is, ok := l.Options.Get("expiry-time")
	return ok && l.Err == nil && is == want
}

// change gives a line other options and keeps the rest of it. Options that nobody spoke of stay.
func (i *installation) change(l authorized.Line, options authorized.Options, way Enforcement) ([]byte, error) {
	wanted := l.Options
	if l.Err != nil {
		wanted = nil // sshd refuses the line for its options: they are of no use
	}
	for _, o := range options {
		wanted = wanted.With(o)
	}
	if way == ExpiryNone && !i.Expires.IsZero() {
		wanted = wanted.Without("expiry-time")
	}
	if l.Err == nil && wanted.String() == l.Options.String() {
		return l.Raw, nil
	}
	line, err := authorized.Compose(wanted, l.Public, l.Comment)
	if err != nil {
		return nil, err
	}
	if ending := len(l.Raw); ending > 1 && string(l.Raw[ending-2:]) == "\r\n" {
		line = append(line[:len(line)-1], "\r\n"...)
	}
	return line, nil
}

// giveUp puts the key's lines back to what they were. A key that may be limited to other machines stays: that it is refused
// here may be what was asked for.
func (i *installation) giveUp(ctx context.Context) (Result, error) {
	refused := &RefusedError{Fingerprint: i.Public.SHA256(), From: i.from}
	if i.Expires.IsZero() {
		refused.Until = i.until
	}
	if i.from && i.Expires.IsZero() {
		return Result{Outcome: Refused}, refused
	}
	_, _, err := Change(ctx, i.host, i.restore)
	switch {
	case err != nil:
		return Result{Outcome: Refused}, errors.Join(refused, fmt.Errorf("it could not be taken back: %w", err))
	case i.Strict && !i.Expires.IsZero() && !i.from:
		return Result{Outcome: Refused}, ErrNoExpiry
	}
	refused.TakenBack = true
	return Result{Outcome: Refused}, refused
}

func (i *installation) restore(old []byte) ([]byte, error) {
	if len(i.first) == 0 {
		kept, _ := authorized.Remove(old, i.Public)
		return kept, nil
	}
	lines := authorized.Parse(old)
	for n, l := range authorized.Find(old, i.Public) {
		if n < len(i.first) {
			lines[l.Number-1].Raw = i.first[n]
		}
	}
	return authorized.Join(lines), nil
}

// Preview returns the account's authorized_keys as it is and as Install would make it first, and changes nothing.
func Preview(ctx context.Context, h Host, r Request) (before, after []byte, err error) {
	if before, err = Read(ctx, h); err != nil {
		return nil, nil, err
	}
	way := ExpiryNone
	if !r.Expires.IsZero() {
		way = ExpiryUTC
	}
	after, err = (&installation{Request: r, host: h}).edit(before, way)
	return before, after, err
}
