//go:build unix

package deploy_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"keysweep/internal/testsshd"
	"keysweep/keys"
	"keysweep/keys/authorized"
	"keysweep/keys/deploy"
)

var (
	now   = time.Now()
	later = now.Add(90 * 24 * time.Hour).UTC().Truncate(time.Second)
)

func from(pattern string) authorized.Options {
	return authorized.Options{{Name: "from", Value: pattern, Valued: true}}
}

// TestInstallOnServersOfEveryAge wants the best that each server can do, and a login as the proof.
func TestInstallOnServersOfEveryAge(t *testing.T) {
	for name, c := range map[string]struct {
		refuses string
		want    deploy.Enforcement
		option  string
	}{
		"present":    {"", deploy.ExpiryUTC, `expiry-time="` + later.Format("20060102150405") + `Z" `},
		"before 9.1": {"expiry-time=.[0-9]*Z", deploy.ExpiryLocal, `expiry-time="` + later.Add(14*time.Hour).Format("200601021504") + `" `},
		"before 7.7": {"expiry-time=", deploy.ExpiryNone, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s, h, old, fresh := newSSH(t, testsshd.Options{Refuses: c.refuses})
			r := deploy.Request{Public: fresh, Comment: "fresh key", Expires: later}
			times := 2 // the second time changes nothing
			if c.want == deploy.ExpiryNone {
				times = 1 // all ways are tried again, which is much work for a test
			}
			for n := range times {
				got, err := deploy.Install(t.Context(), h, r)
				if err != nil || got.Outcome != deploy.LoggedIn || got.Expiry != c.want || n > 0 && got.Changed {
					t.Errorf("%+v, %v", got, err)
				}
				want := string(old.Line("old")) + c.option + string(fresh.Line("fresh key"))
				if content := authorizedKeys(t, s); content != want {
					t.Errorf("%q\nwant %q", content, want)
				}
			}
			if r.Strict = true; c.want == deploy.ExpiryNone {
				if _, err := deploy.Remove(t.Context(), h, deploy.Removal{Public: fresh, Now: now}); err != nil {
					t.Fatal(err)
				}
				if _, err := deploy.Install(t.Context(), h, r); !errors.Is(err, deploy.ErrNoExpiry) || authorizedKeys(t, s) != string(old.Line("old")) {
					t.Errorf("%v\n%s", err, authorizedKeys(t, s))
				}
			}
		})
	}
}

func authorizedKeys(t *testing.T, s *testsshd.Server) string {
	t.Helper()
	data, err := os.ReadFile(s.Authorized)
	must(t, err)
	return string(data)
}

// TestServerThatReadsElsewhere installs into a file that the server does not look at.
func TestServerThatReadsElsewhere(t *testing.T) {
	s, h, _, fresh := newSSH(t, testsshd.Options{Refuses: fileless})
	before := authorizedKeys(t, s)
	_, err := deploy.Install(t.Context(), h, deploy.Request{Public: fresh, Comment: fileless})
	var refused *deploy.RefusedError
	if !errors.As(err, &refused) || !refused.TakenBack || !strings.Contains(refused.Hint(), "AuthorizedKeysCommand") {
		t.Error(err)
	}
	if authorizedKeys(t, s) != before {
		t.Errorf("left behind:\n%s", authorizedKeys(t, s))
	}
}

// fileless is a comment that makes the test's server pass over a line.
const fileless = "nobody-reads-this"

func TestFrom(t *testing.T) {
	s, h, _, fresh := newSSH(t, testsshd.Options{})
	_, err := deploy.Install(t.Context(), h, deploy.Request{Public: fresh, Options: from("192.0.2.*")})
	var refused *deploy.RefusedError
	if !errors.As(err, &refused) || refused.TakenBack || !refused.From || !strings.Contains(authorizedKeys(t, s), `from="192.0.2.*" ssh-`) {
		t.Errorf("%v\n%s", err, authorizedKeys(t, s))
	}
	got, err := deploy.Install(t.Context(), h, deploy.Request{Public: fresh, Options: from("127.0.0.1"), Expires: later})
	if err != nil || got.Outcome != deploy.LoggedIn || strings.Count(authorizedKeys(t, s), "\n") != 2 ||
		!strings.Contains(authorizedKeys(t, s), `from="127.0.0.1",expiry-time="`) {
		t.Errorf("%+v, %v\n%s", got, err, authorizedKeys(t, s))
	}
}

func TestRemoveProvesIt(t *testing.T) {
	s, h, old, fresh := newSSH(t, testsshd.Options{})
	s.Authorize(t, `from="127.0.0.1" `+string(fresh.Line("")), string(fresh.Line("old"))) // a comment that lies
	for lines := range 2 {
		got, err := deploy.Remove(t.Context(), h, deploy.Removal{Public: fresh, Now: now})
		if err != nil || got.Lines != 2-2*lines || !got.Refused || got.Left != 1 || authorizedKeys(t, s) != string(old.Line("old")) {
			t.Errorf("%+v, %v\n%s", got, err, authorizedKeys(t, s))
		}
	}
}

func TestRemoveNoticesOtherSources(t *testing.T) {
	s, h, _, fresh := newSSH(t, testsshd.Options{})
	s2, h2, old2, _ := newSSH(t, testsshd.Options{Extra: []string{"AuthorizedKeysFile " + s.Authorized + " %h/none"}})
	s.Authorize(t, string(old2.Line("")), string(fresh.Line(""))) // the second server reads the first one's file as well
	h2.key = h.key
	s2.Authorize(t, string(fresh.Line("")))
	_, err := deploy.Remove(t.Context(), h2, deploy.Removal{Public: fresh, Now: now})
	var still *deploy.StillAcceptedError
	if !errors.As(err, &still) || still.Hint() == "" {
		t.Error(err)
	}
}

// TestRemoveLeaves wants the key that takes the place of another to be able to log in by a line of its own.
func TestRemoveLeaves(t *testing.T) {
	key, heir, other := someKey(t, 1), someKey(t, 2), someKey(t, 3)
	for rest, leaves := range map[string]bool{
		string(heir.Line("")):                                      true,
		string(other.Line("")):                                     false,
		`expiry-time="20200101" ` + string(heir.Line("")):          false,
		"no-such-option " + string(heir.Line("")):                  false,
		string(other.Line("")) + `no-pty ` + string(heir.Line("")): true,
	} {
		h := newLocal(t)
		h.outcome = deploy.Refused
		all := string(key.Line("")) + string(other.Line("other")) + rest
		h.write(all, 0o600)
		_, err := deploy.Remove(t.Context(), h, deploy.Removal{Public: key, Leave: &heir, Now: now})
		if leaves != (err == nil) || !leaves && (!errors.Is(err, deploy.ErrNotLeft) || h.content() != all) {
			t.Errorf("%s: %v\n%s", rest, err, h.content())
		}
	}
}

func TestLastKey(t *testing.T) {
	h := newLocal(t)
	h.outcome = deploy.Refused
	key, other, third := someKey(t, 1), someKey(t, 2), someKey(t, 3)
	for name, c := range map[string]struct {
		rest string
		left int
	}{
		"alone":               {"# comment\r\n\n", 0},
		"twice":               {string(key.Line("again")), 0},
		"another":             {string(other.Line("")), 1},
		"two more, one twice": {string(other.Line("")) + string(third.Line("")) + string(third.Line("x")), 2},
		"expired":             {`expiry-time="20200101" ` + string(other.Line("")), 0},
		"not yet expired":     {`expiry-time="20990101Z" ` + string(other.Line("")), 1},
		"unusable options":    {"no-such-option " + string(other.Line("")), 0},
		"no key":              {"ssh-ed25519 AAAA broken\n", 0},
		"DSA":                 {dsaLine, 0},
	} {
		t.Run(name, func(t *testing.T) {
			content := string(key.Line("")) + c.rest
			h.write(content, 0o600)
			got, err := deploy.Remove(t.Context(), h, deploy.Removal{Public: key, Now: now})
			if c.left == 0 {
				if !errors.Is(err, deploy.ErrLastKey) || h.content() != content || got.Lines != 0 {
					t.Fatalf("%+v, %v: %q", got, err, h.content())
				}
				got, err = deploy.Remove(t.Context(), h, deploy.Removal{Public: key, Now: now, Force: true})
			}
			if err != nil || got.Left != c.left || len(authorized.Find([]byte(h.content()), key)) > 0 {
				t.Errorf("%+v, %v: %q", got, err, h.content())
			}
		})
	}
}

// dsaLine is a line with a key of a kind that sshd no longer takes: p, q, g and y are all 1.
const dsaLine = "ssh-dss AAAAB3NzaC1kc3MAAAABAQAAAAEBAAAAAQEAAAABAQ==\n"

// TestLastOpenKey removes keys where those that are left are limited, or the removed one lets nobody in.
func TestLastOpenKey(t *testing.T) {
	key, other, third := someKey(t, 1), someKey(t, 2), someKey(t, 3)
	for name, c := range map[string]struct {
		options, rest string
		want          error
	}{
		"only an authority":      {"", "cert-authority " + string(other.Line("")), deploy.ErrLastOpenKey},
		"only a command":         {"restrict ", `command="x" ` + string(other.Line("")), deploy.ErrLastOpenKey},
		"only from elsewhere":    {"", `from="192.0.2.1" ` + string(other.Line("")), deploy.ErrLastOpenKey},
		"an open one, too":       {"", `command="x" ` + string(other.Line("")) + string(third.Line("")), nil},
		"the same, open as well": {"", `command="x" ` + string(other.Line("")) + string(other.Line("")), nil},
		"all have commands":      {`command="y" `, `command="x" ` + string(other.Line("")), nil},
		"command, and the last":  {`command="y" `, "# nobody\n", deploy.ErrLastKey},
		"expired":                {`expiry-time="20200101" `, "# nobody\n", nil},
		"refused by sshd":        {"no-such-option ", "# nobody\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			h := newLocal(t)
			h.outcome = deploy.Refused
			content := c.options + string(key.Line("")) + c.rest
			h.write(content, 0o600)
			_, err := deploy.Remove(t.Context(), h, deploy.Removal{Public: key, Now: now})
			if c.want == nil {
				content = c.rest
			}
			if !errors.Is(err, c.want) || h.content() != content {
				t.Errorf("%v, want %v: %q", err, c.want, h.content())
			}
		})
	}
}

// TestEveryLineIsLimited installs with limits a key that stands in several lines.
func TestEveryLineIsLimited(t *testing.T) {
	h := newLocal(t)
	key := someKey(t, 1)
	refused := "no-such-option " + string(key.Line("refused"))
	h.write(refused+string(key.Line("one"))+"no-pty "+string(key.Line("two")), 0o600)
	_, err := deploy.Install(t.Context(), h, deploy.Request{Public: key, Options: from("a"), Expires: later})
	limits := `from="a",` + authorized.ExpiryOption(later).String()
	want := refused + limits + " " + string(key.Line("one")) + "no-pty," + limits + " " + string(key.Line("two"))
	if err != nil || h.content() != want {
		t.Errorf("%v: %q\nwant %q", err, h.content(), want)
	}
}

// TestExpiredLine installs a key that is there already, and has expired.
func TestExpiredLine(t *testing.T) {
	h := newLocal(t)
	h.outcome = deploy.Refused
	key := someKey(t, 1)
	h.write(`expiry-time="20200101" `+string(key.Line("")), 0o600)
	_, err := deploy.Install(t.Context(), h, deploy.Request{Public: key})
	var refused *deploy.RefusedError
	if !errors.As(err, &refused) || !strings.Contains(refused.Hint(), `expiry-time="20200101"`) || !strings.Contains(refused.Hint(), "--expires") {
		t.Errorf("%v", err)
	}
}

// TestOtherBytesStay changes a file full of oddities, and wants nothing else to change.
func TestOtherBytesStay(t *testing.T) {
	h := newLocal(t)
	key, other := someKey(t, 1), someKey(t, 2)
	odd := "# caf\xe9\r\n\t \r\nno-such-option,command=\"echo \\\"x\\\"; rm '\" " + string(other.Line("  two  spaces ")) + "garbage\x00\x01\n" + strings.TrimSuffix(string(other.Line("last, without newline")), "\n")
	h.write(odd, 0o600)
	got, err := deploy.Install(t.Context(), h, deploy.Request{Public: key, Comment: "c"})
	if want := odd + "\n" + string(key.Line("c")); err != nil || !got.Changed || h.content() != want || string(got.Line) != string(key.Line("c")) {
		t.Errorf("%+v, %v: %q\nwant %q", got, err, h.content(), want)
	}
	if _, err := deploy.Remove(t.Context(), h, deploy.Removal{Public: key, Now: now, Force: true}); !errors.As(err, new(*deploy.StillAcceptedError)) || h.content() != odd+"\n" {
		t.Errorf("%v: %q", err, h.content())
	}
}

func TestOptions(t *testing.T) {
	h := newLocal(t)
	key, like := someKey(t, 1), someKey(t, 2)
	tail := string(key.Line("c"))
	for name, c := range map[string]struct {
		old, want string
		request   deploy.Request
	}{
		"like another": {`command="a \"b\"",expiry-time="20200101",no-pty ` + string(like.Line("x")), `command="a \"b\"",no-pty ` + tail,
			deploy.Request{Like: &like}},
		"like another, by the line that counts": {`nonsense ` + string(like.Line("x")) + `no-pty ` + string(like.Line("y")), `no-pty ` + tail,
			deploy.Request{Like: &like}},
		"like another, by the line that has not expired": {`expiry-time="20200101",from="a" ` + string(like.Line("x")) + `no-pty ` + string(like.Line("y")), `no-pty ` + tail,
			deploy.Request{Like: &like, Now: now}},
		"like another, but for from": {`from="a",restrict ` + string(like.Line("x")), `from="b",restrict ` + tail,
			deploy.Request{Like: &like, Options: from("b")}},
		"there already, with options": {`restrict ` + string(key.Line("mine")) + string(like.Line("")), `restrict ` + string(key.Line("mine")), deploy.Request{}},
		"there already, CRLF": {strings.TrimSuffix(string(key.Line("mine")), "\n") + "\r\n" + string(like.Line("")),
			`from="b" ` + strings.TrimSuffix(string(key.Line("mine")), "\n") + "\r\n", deploy.Request{Options: from("b")}},
		"there already, refused": {`nonsense ` + string(key.Line("mine")), string(key.Line("mine")), deploy.Request{}},
	} {
		t.Run(name, func(t *testing.T) {
			h.write(c.old, 0o600)
			c.request.Public, c.request.Comment = key, "c"
			for range 2 {
				got, err := deploy.Install(t.Context(), h, c.request)
				if err != nil || string(got.Line) != c.want {
					t.Errorf("%q, %v; want %q", got.Line, err, c.want)
				}
			}
			if rest := authorized.Find([]byte(h.content()), like); len(rest) != len(authorized.Find([]byte(c.old), like)) {
				t.Errorf("the other line is gone: %q", h.content())
			}
		})
	}
	h.write("", 0o600)
	if _, err := deploy.Install(t.Context(), h, deploy.Request{Public: key, Like: &like}); err == nil || h.content() != "" {
		t.Errorf("like a key that is not there: %v, %q", err, h.content())
	}
}

// TestEveryLineIsFollowed: a key with several lines, for several places to come from, is followed by one with as many.
func TestEveryLineIsFollowed(t *testing.T) {
	h := newLocal(t)
	key, like := someKey(t, 1), someKey(t, 2)
	before := `cert-authority ` + string(like.Line("a")) + `from="10.0.0.1" ` + string(like.Line("b")) + `command="true" ` + string(like.Line("c")) + `from="10.0.0.1" ` + string(like.Line("d"))
	for _, ending := range []string{"\n", "\r\n"} {
		old := strings.ReplaceAll(before, "\n", ending)
		h.write(strings.TrimSuffix(old, ending), 0o600)
		tail := string(key.Line("new"))
		want := old + strings.ReplaceAll(`cert-authority `+tail+`from="10.0.0.1" `+tail+`command="true" `+tail, "\n", ending)
		for range 2 { // the second time changes nothing
			if _, err := deploy.Install(t.Context(), h, deploy.Request{Public: key, Comment: "new", Like: &like}); err != nil || h.content() != want {
				t.Errorf("%v: %q\nwant %q", err, h.content(), want)
			}
		}
	}
}

// TestSecondAttemptFails: what the first attempt left on a host is not forgotten when the host cannot be reached for the second.
func TestSecondAttemptFails(t *testing.T) {
	h := newLocal(t)
	h.outcome = deploy.Refused
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	h.meddle = func() {
		if h.scripts > 2 {
			cancel()
		}
	}
	h.write("", 0o600)
	_, err := deploy.Install(ctx, h, deploy.Request{Public: someKey(t, 1), Expires: later})
	if !errors.As(err, new(*deploy.UnfinishedError)) || h.content() == "" {
		t.Errorf("%v: %q", err, h.content())
	}
}

// TestRefusedRestores has the host refuse the key whatever is done.
func TestRefusedRestores(t *testing.T) {
	key, other := someKey(t, 1), someKey(t, 2)
	for _, old := range []string{"", string(other.Line("")), `restrict ` + string(key.Line("mine")) + string(other.Line(""))} {
		h := newLocal(t)
		h.outcome = deploy.Refused
		h.write(old, 0o600)
		_, err := deploy.Install(t.Context(), h, deploy.Request{Public: key, Expires: later})
		if !errors.As(err, new(*deploy.RefusedError)) || h.content() != old {
			t.Errorf("%v: %q, before %q", err, h.content(), old)
		}
	}
}

func TestPrivateKeysStayHere(t *testing.T) {
	h := newLocal(t)
	h.write("", 0o600)
	file, public := newKey(t, "x")
	private, err := os.ReadFile(file)
	must(t, err)
	_, err = deploy.Install(t.Context(), h, deploy.Request{Public: keys.Public{Type: public.Type, Blob: private}, Comment: string(private)})
	if err == nil || h.content() != "" {
		t.Errorf("%v: %q", err, h.content())
	}
}
