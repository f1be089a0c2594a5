//go:build linux

package acceptance

import (
	"os"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"keysweep/keys/backup"
	"keysweep/rotation"
)

// The states that a killed command may leave. What it is about decides what they mean.
const (
	stateOld     = "old"
	stateNew     = "new"
	stateNoted   = "new and recorded"
	stateKeyOnly = "a key without its .pub"
)

const oldConfig = "# mine\nHost other\n\tUser ann"

func killCases() []killCase {
	return []killCase{
		generateCase(), generateUnprotectedCase(), changeCase(), removePassphraseCase(), convertCase(),
		makeLedgerCase(), adoptCase(), destroyCase(), archiveCase(), compromisedCase(),
		backupCase("age"), backupCase("sheet"), restoreCase(), restoreWordsCase(), moveLedgerCase(), rotateCredCase(),
	}
}

// withLedger makes the home's ledger and a key in it.
func withLedger(h *home) {
	h.keygen("~/.ssh/first", keyPass)
	h.run(exitOK, "adopt", "~/.ssh/first")
}

// newPair looks at a key pair that a command makes where nothing was. The private key comes first, and nothing is ever half.
func newPair(h *home, name, pass string) (state, fingerprint string) {
	h.t.Helper()
	private, pub := h.read(name), h.read(name+".pub")
	if private == "" {
		if pub != "" || exists(h, name) {
			h.t.Fatalf("%s is empty, or there is only its .pub: %q", name, pub)
		}
		return stateOld, ""
	}
	if !h.opensWith(private, pass) {
		h.t.Fatalf("%s does not open with its passphrase:\n%s", name, h.said)
	}
	fingerprint = h.publicOf(private)
	if pub == "" {
		return stateKeyOnly, fingerprint
	}
	line, _, _, _, err := ssh.ParseAuthorizedKey([]byte(pub))
	must(h.t, err)
	if got := ssh.FingerprintSHA256(line); got != fingerprint || !strings.HasSuffix(pub, "\n") {
		h.t.Fatalf("%s.pub is another key or not whole: %q", name, pub)
	}
	return stateNew, fingerprint
}

func exists(h *home, name string) bool {
	_, err := os.Lstat(h.path(name))
	return err == nil
}

// onceMore runs a command that made a key already: it must refuse, and leave everything as it is.
func onceMore(h *home, name string, args ...string) {
	h.t.Helper()
	before := h.read(name)
	if said := h.run(exitUsage, args...); !strings.Contains(said, "never overwritten") {
		h.t.Errorf("it says\n%s", said)
	}
	if h.read(name) != before {
		h.t.Errorf("%s has changed", name)
	}
}

func generateCase() killCase {
	args := []string{"generate", "--service", "shop", "--kdf-rounds", "16", "--passphrase-file", "@/pass", "--ssh-config", "shop", "--ca", "@/ca", "--principals", "deploy"}
	const key = "~/.ssh/id_ed25519_shop"
	return killCase{name: "generate", args: args, done: stateNoted,
		setUp: func(h *home) {
			withLedger(h)
			h.keygen("@/ca", "")
			must(h.t, os.WriteFile(h.path("~/.ssh/config"), []byte(oldConfig), 0o600))
		},
		check: func(h *home) string {
			state, fingerprint := newPair(h, key, keyPass)
			if cert := h.read(key + "-cert.pub"); cert != "" {
				wholeCertificate(h, cert, fingerprint)
			}
			config := h.read("~/.ssh/config")
			if config != oldConfig && !(strings.HasPrefix(config, "Host shop\n") && strings.HasSuffix(config, "IdentitiesOnly yes\n\n"+oldConfig)) {
				h.t.Fatalf("half a configuration:\n%s", config)
			}
			r := h.ledger().find(h.t, fingerprint)
			switch {
			case r == nil && config == oldConfig:
				return state
			case r == nil, state != stateNew, r.Name != "shop":
				h.t.Fatalf("the ledger or the configuration knows a key that is not there: %s, %+v", state, r)
			}
			return stateNoted
		},
		heal: func(h *home, state string) {
			if state == stateOld {
				h.run(exitOK, args...)
				newPair(h, key, keyPass)
				return
			}
			onceMore(h, key, args...)
			adopts(h, key)
		}}
}

func adopts(h *home, key string) {
	h.t.Helper()
	h.run(exitOK, "adopt", key)
	if r := h.ledger().find(h.t, h.publicOf(h.read(key))); r == nil || r.Path != h.path(key) {
		h.t.Errorf("adopted as %+v", r)
	}
}

func wholeCertificate(h *home, text, fingerprint string) {
	h.t.Helper()
	line, _, _, _, err := ssh.ParseAuthorizedKey([]byte(text))
	must(h.t, err)
	cert, ok := line.(*ssh.Certificate)
	if !ok || ssh.FingerprintSHA256(cert.Key) != fingerprint {
		h.t.Fatalf("no certificate of the key: %q", text)
	}
}

func generateUnprotectedCase() killCase {
	const key = "~/.ssh/id_ed25519_cron"
	args := []string{"generate", "--service", "cron", "--no-passphrase", "--reason", "a timer uses it"}
	return killCase{name: "generate without a passphrase", args: args, done: stateNoted, setUp: withLedger,
		check: func(h *home) string {
			state, fingerprint := newPair(h, key, "")
			if r := h.ledger().find(h.t, fingerprint); r != nil {
				if state != stateNew || r.Unprotected == nil {
					h.t.Fatalf("%s, recorded as %+v", state, r)
				}
				return stateNoted
			}
			return state
		},
		heal: func(h *home, state string) {
			if state == stateOld {
				h.run(exitOK, args...)
				return
			}
			onceMore(h, key, args...)
			adopts(h, key)
		}}
}

// changed looks at a key whose passphrase is changed: exactly one of the two opens it. Its .pub, mode and time stay.
func changed(h *home, name, old, fresh string) string {
	h.t.Helper()
	text := h.read(name)
	opensOld, opensNew := h.opensWith(text, old), h.opensWith(text, fresh)
	if opensOld == opensNew {
		h.t.Fatalf("%s opens with the old passphrase: %v, with the new one: %v", name, opensOld, opensNew)
	}
	info, err := os.Stat(h.path(name))
	must(h.t, err)
	if info.Mode().Perm() != 0o400 || !info.ModTime().Equal(keyMade) {
		h.t.Errorf("%s: mode %v, from %v", name, info.Mode(), info.ModTime())
	}
	if opensOld {
		return stateOld
	}
	return stateNew
}

var keyMade = time.Date(2025, 2, 3, 4, 5, 6, 0, time.UTC)

// agedKey makes a key of that time, and adopts it.
func agedKey(h *home, name, pass string) {
	h.keygen(name, pass)
	must(h.t, os.Chmod(h.path(name), 0o400))
	must(h.t, os.Chtimes(h.path(name), keyMade, keyMade))
	h.run(exitOK, "adopt", name)
}

func happened(r *rotation.Record, what string) bool {
	for _, e := range r.History {
		if e.What == what {
			return true
		}
	}
	return false
}

func changeCase() killCase {
	const key = "~/.ssh/id"
	args := []string{"passphrase", key, "--passphrase-file", "@/pass", "--new-passphrase-file", "@/new", "--kdf-rounds", "16"}
	return killCase{name: "passphrase", args: args, done: stateNoted,
		setUp: func(h *home) { agedKey(h, key, keyPass) },
		check: func(h *home) string {
			state := changed(h, key, keyPass, newPass)
			r := h.ledger().find(h.t, h.publicOf(h.read(key)))
			if noted := happened(r, "passphrase changed"); noted && state != stateNew {
				h.t.Fatalf("the ledger says what was not done: %+v", r)
			} else if noted {
				return stateNoted
			}
			return state
		},
		heal: func(h *home, state string) {
			if state == stateOld {
				h.run(exitOK, args...)
			} else if said := h.run(exitIncomplete, args...); !strings.Contains(said, "passphrase") {
				h.t.Errorf("it says\n%s", said)
			}
			if changed(h, key, keyPass, newPass) != stateNew {
				h.t.Error("the old passphrase opens it")
			}
		}}
}

func removePassphraseCase() killCase {
	const key = "~/.ssh/id"
	args := []string{"passphrase", key, "--passphrase-file", "@/pass", "--no-passphrase", "--reason", "a timer uses it"}
	return killCase{name: "passphrase taken away", args: args, done: stateNoted,
		setUp: func(h *home) { agedKey(h, key, keyPass) },
		check: func(h *home) string {
			state := changed(h, key, keyPass, "")
			r := h.ledger().find(h.t, h.publicOf(h.read(key)))
			if r.Unprotected != nil {
				return state + " and recorded"
			}
			return state
		},
		heal: func(h *home, state string) {
			h.run(exitOK, args...)
			r := h.ledger().find(h.t, h.publicOf(h.read(key)))
			if changed(h, key, keyPass, "") != stateNew || r.Unprotected == nil {
				h.t.Errorf("recorded as %+v", r)
			}
		}}
}

func convertCase() killCase {
	const key, made = "~/.ssh/id_pem", "~/.ssh/id_new"
	args := []string{"passphrase", key, "--passphrase-file", "@/pass", "--new-passphrase-file", "@/new", "--kdf-rounds", "16", "--output", made}
	var before string
	return killCase{name: "passphrase of a PEM file, to a new file", args: args, done: stateNew,
		setUp: func(h *home) {
			h.keygen(key, keyPass, "-t", "ecdsa", "-m", "PEM")
			before = h.read(key)
		},
		check: func(h *home) string {
			if h.read(key) != before {
				h.t.Fatal("the old file has changed")
			}
			state, _ := newPair(h, made, newPass)
			return state
		},
		heal: func(h *home, state string) {
			if state == stateOld {
				h.run(exitOK, args...)
				return
			}
			onceMore(h, made, args...)
		}}
}

func makeLedgerCase() killCase {
	args := []string{"adopt", "~/.ssh/id"}
	c := adoptCase()
	c.name, c.cheap = "adopt, and the first ledger", true
	c.setUp = func(h *home) { h.keygen("~/.ssh/id", keyPass) }
	c.args = args
	return c
}

func adoptCase() killCase {
	args := []string{"adopt", "~/.ssh/id", "--service", "shop", "--created", "2024-05-06"}
	recorded := func(h *home) *rotation.Record { return h.ledger().find(h.t, h.publicOf(h.read("~/.ssh/id"))) }
	return killCase{name: "adopt", args: args, done: stateNew,
		setUp: func(h *home) {
			withLedger(h)
			h.keygen("~/.ssh/id", keyPass)
		},
		check: func(h *home) string {
			r := recorded(h)
			if r == nil {
				return stateOld
			}
			if r.Path != h.path("~/.ssh/id") || len(r.Evidence) == 0 {
				h.t.Fatalf("half a record: %+v", r)
			}
			return stateNew
		},
		heal: func(h *home, _ string) {
			h.run(exitOK, args...)
			if r := recorded(h); r == nil || r.Service != "shop" {
				h.t.Errorf("recorded as %+v", r)
			}
		}}
}

const zeros = "overwritten, not yet removed"

// gone looks at a key that is retired: as long as no tombstone forbids it, it is there.
func gone(h *home, name, fingerprint string) (state string) {
	h.t.Helper()
	text, b := h.read(name), h.ledger()
	r := b.find(h.t, fingerprint)
	switch {
	case r == nil:
		h.t.Fatal("the record is gone")
	case strings.Trim(text, "\x00") != "":
		if h.publicOf(text) != fingerprint || !h.opensWith(text, keyPass) {
			h.t.Fatal("the key is damaged")
		}
		if state = stateOld; b.buried[fingerprint] {
			state = "forbidden, still there"
		}
	case !b.buried[fingerprint]:
		h.t.Fatal("the key is gone, and there is no tombstone")
	case text != "" || exists(h, name):
		state = zeros
	default:
		state = "gone"
	}
	if r.Status == rotation.Retired {
		if state != "gone" {
			h.t.Fatalf("retired, and %s", state)
		}
		return stateNoted
	}
	return state
}

func destroyCase() killCase {
	args := []string{"retire", "first", "--destroy"}
	var fingerprint string
	return killCase{name: "retire --destroy", args: args, done: stateNoted,
		setUp: func(h *home) {
			withLedger(h)
			fingerprint = h.publicOf(h.read("~/.ssh/first"))
		},
		check: func(h *home) string { return gone(h, "~/.ssh/first", fingerprint) },
		heal: func(h *home, _ string) {
			h.run(exitOK, args...)
			if state := gone(h, "~/.ssh/first", fingerprint); state != stateNoted {
				h.t.Errorf("in the end %s\n%s", state, h.said)
			}
		}}
}

func archiveCase() killCase {
	args := []string{"retire", "first", "--archive", "@/stick/first.age", "--archive-passphrase-file", "@/backup"}
	c := destroyCase()
	var before, fingerprint string
	check := func(h *home) string {
		state := gone(h, "~/.ssh/first", fingerprint)
		sealed := h.read("@/stick/first.age")
		if sealed == "" && (exists(h, "@/stick/first.age") || state != stateOld) {
			h.t.Fatalf("no archive, and %s", state)
		}
		if sealed != "" {
			holds(h, sealed, before)
		}
		return state
	}
	return killCase{name: "retire --archive", cheap: true, args: args, done: stateNoted,
		setUp: func(h *home) {
			c.setUp(h)
			before = h.read("~/.ssh/first")
			fingerprint = h.publicOf(before)
		},
		check: check,
		heal: func(h *home, _ string) {
			h.run(exitOK, args...)
			if state := check(h); state != stateNoted {
				h.t.Errorf("in the end %s\n%s", state, h.said)
			}
		}}
}

// holds opens an artefact of a backup and wants the key file in it.
func holds(h *home, artefact, keyFile string) {
	h.t.Helper()
	a, err := backup.Read(backup.Input{Data: []byte(artefact)})
	must(h.t, err)
	id, err := backup.ByPassphrase([]byte(backupPass))
	must(h.t, err)
	c, err := a.Open(id)
	must(h.t, err)
	if string(c.KeyFile) != keyFile {
		h.t.Fatal("another key file is in the backup")
	}
}

func compromisedCase() killCase {
	args := []string{"compromised", "first", "--reason", "it was on a stolen laptop"}
	check := func(h *home) string {
		b, fingerprint := h.ledger(), h.publicOf(h.read("~/.ssh/first"))
		if b.find(h.t, fingerprint).Status == rotation.Compromised {
			if b.buried[fingerprint] {
				return stateNoted
			}
			return "recorded, not forbidden yet"
		}
		if b.buried[fingerprint] {
			return "forbidden"
		}
		return stateOld
	}
	return killCase{name: "compromised", args: args, done: stateNoted, setUp: withLedger, check: check,
		heal: func(h *home, _ string) {
			h.run(exitOK, args...)
			if state := check(h); state != stateNoted {
				h.t.Errorf("in the end %s\n%s", state, h.said)
			}
		}}
}

func backupCase(form string) killCase {
	file := "@/stick/first." + map[string]string{"age": "age", "sheet": "html"}[form]
	args := []string{"backup", "first", "--form", form, "-o", "@/stick", "--work-factor", "15", "--backup-passphrase-file", "@/backup"}
	verify := []string{"backup", "verify", "first", file, "--backup-passphrase-file", "@/backup"}
	return killCase{name: "backup, " + form, args: args, done: stateNoted, setUp: withLedger,
		check: func(h *home) string {
			artefact, key := h.read(file), h.read("~/.ssh/first")
			r := h.ledger().find(h.t, h.publicOf(key))
			if artefact == "" {
				if exists(h, file) || len(r.Backups) > 0 {
					h.t.Fatalf("no backup, and the ledger says %+v", r.Backups)
				}
				return stateOld
			}
			holds(h, artefact, key)
			if len(r.Backups) > 0 {
				return stateNoted
			}
			return stateNew
		},
		heal: func(h *home, state string) {
			if state == stateOld {
				h.run(exitOK, args...)
			} else {
				onceMore(h, file, args...)
			}
			h.run(exitOK, verify...)
			r := h.ledger().find(h.t, h.publicOf(h.read("~/.ssh/first")))
			if len(r.Backups) != 1 || r.Backups[0].Verified.IsZero() {
				h.t.Errorf("recorded: %+v", r.Backups)
			}
		}}
}

func restoreCase() killCase {
	const key = "~/.ssh/back"
	args := []string{"restore", "@/stick/first.age", "-o", key, "--backup-passphrase-file", "@/backup"}
	return killCase{name: "restore", args: args, done: stateNew,
		setUp: func(h *home) {
			withLedger(h)
			h.run(exitOK, "backup", "first", "-o", "@/stick", "--work-factor", "15", "--backup-passphrase-file", "@/backup")
		},
		check: func(h *home) string {
			state, _ := newPair(h, key, keyPass)
			if state != stateOld && h.read(key) != h.read("~/.ssh/first") {
				h.t.Fatal("another file comes back")
			}
			return state
		},
		heal: func(h *home, state string) {
			if state == stateOld {
				h.run(exitOK, args...)
				return
			}
			onceMore(h, key, args...)
		}}
}

func restoreWordsCase() killCase {
	const key = "~/.ssh/back"
	args := []string{"restore", "@/stick/first.html", "-o", key, "--new-passphrase-file", "@/new", "--kdf-rounds", "16"}
	return killCase{name: "restore from words", args: args, done: stateNew,
		setUp: func(h *home) {
			withLedger(h)
			h.run(exitOK, "backup", "first", "--form", "sheet", "--payload", "words", "-o", "@/stick", "--passphrase-file", "@/pass")
		},
		check: func(h *home) string {
			state, fingerprint := newPair(h, key, newPass)
			if state != stateOld && fingerprint != h.publicOf(h.read("~/.ssh/first")) {
				h.t.Fatal("another key comes back")
			}
			return state
		},
		heal: func(h *home, state string) {
			if state == stateOld {
				h.run(exitOK, args...)
				return
			}
			onceMore(h, key, args...)
		}}
}
