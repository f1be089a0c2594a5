package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"keysweep/finding"
	"keysweep/keys"
	"keysweep/keys/inventory"
	"keysweep/rotation"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// good is a key with nothing wrong.
func good() inventory.Key {
	return inventory.Key{
		Public: &keys.Public{Type: "ssh-ed25519", Bits: 256, Blob: []byte("blob")}, Type: "ssh-ed25519", Bits: 256,
		Files: []inventory.File{{
			Path: "/home/ann/.ssh/id", Format: keys.FormatOpenSSH, Protected: true, Cipher: "aes256-ctr",
			KDF: keys.KDF{Name: "bcrypt", Rounds: 64}, Pub: inventory.PubMatches, PubPath: "/home/ann/.ssh/id.pub",
			Access: inventory.Access{Known: true, Mode: 0o600, UID: 1000, Owner: inventory.OwnerSelf, DirMode: 0o700, DirUID: 1000, DirOwner: inventory.OwnerSelf},
			Place:  inventory.Place{Path: "/home/ann/.ssh/id"},
		}},
		Evidence: []inventory.Evidence{{Source: inventory.FromBirth, At: now.Add(-10 * day)}},
	}
}

// record is what the ledger holds of it, with nothing wrong either.
func record() rotation.Record {
	return rotation.Record{
		ID: "1", Kind: rotation.KindSSH, Name: "work key", Service: "github", Status: rotation.Active, Fingerprint: "SHA256:x",
		Backups: []rotation.Backup{{ID: "b", Form: "age", At: now.Add(-9 * day), Verified: now.Add(-8 * day)}},
	}
}

// verdictsOf lists "check severity" of what a key is charged with.
func verdictsOf(list []Verdict) (words []string) {
	for _, v := range list {
		word := v.Check + " " + v.Severity.String()
		if v.Excused != nil {
			word += " excused"
		}
		words = append(words, word)
	}
	slices.Sort(words)
	return words
}

func TestGoodKey(t *testing.T) {
	k := good()
	if got := Key(&k, Ledger{Records: []rotation.Record{record()}}, DefaultKeyRules(), now); len(got) != 0 {
		t.Errorf("a good key: %v", verdictsOf(got))
	}
}

// file changes the key's file.
func file(change func(f *inventory.File)) func(*inventory.Key, *Ledger) {
	return func(k *inventory.Key, _ *Ledger) { change(&k.Files[0]) }
}

func kdf(k keys.KDF) func(*inventory.Key, *Ledger) {
	return file(func(f *inventory.File) { f.KDF = k })
}

func typed(name string, bits int) func(*inventory.Key, *Ledger) {
	return func(k *inventory.Key, _ *Ledger) { k.Type, k.Bits = name, bits }
}

func aged(d time.Duration) func(*inventory.Key, *Ledger) {
	return func(k *inventory.Key, _ *Ledger) { k.Evidence[0].At = now.Add(-d) }
}

func repo(state inventory.GitState, history inventory.Answer) func(*inventory.Key, *Ledger) {
	return file(func(f *inventory.File) {
		f.Place.Repository = &inventory.Repository{Root: "/home/ann", State: state, InHistory: history, Commit: strings.Repeat("c", 40)}
	})
}

func spot(kind inventory.SpotKind, dir, why string) func(*inventory.Key, *Ledger) {
	return file(func(f *inventory.File) {
		f.Place.Spots = append(f.Place.Spots, inventory.Spot{Kind: kind, Dir: dir, Name: "Name", Why: why})
	})
}

func recorded(change func(r *rotation.Record)) func(*inventory.Key, *Ledger) {
	return func(_ *inventory.Key, l *Ledger) {
		r := record()
		change(&r)
		l.Records = append(l.Records, r)
	}
}

func hosts(patterns ...string) func(*inventory.Key, *Ledger) {
	return func(k *inventory.Key, _ *Ledger) {
		for _, p := range patterns {
			k.Hosts = append(k.Hosts, inventory.Use{Patterns: []string{p}})
		}
	}
}

func TestKeyChecks(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*inventory.Key, *Ledger)
		want   []string
	}{
		{"no passphrase", file(func(f *inventory.File) { f.Protected, f.Cipher = false, "none" }), []string{"key-no-passphrase high"}},
		{"no passphrase on purpose", func(k *inventory.Key, l *Ledger) {
			k.Files[0].Protected = false
			recorded(func(r *rotation.Record) { r.Unprotected = &rotation.Exception{Reason: "cron", At: now} })(k, l)
		}, []string{"key-no-passphrase low"}},
		{"found without one at adoption", func(k *inventory.Key, l *Ledger) {
			k.Files[0].Protected = false
			recorded(func(r *rotation.Record) {
				r.Unprotected = &rotation.Exception{Reason: rotation.FoundUnprotected, At: now}
			})(k, l)
		}, []string{"key-no-passphrase high"}},
		{"host key without one", func(k *inventory.Key, _ *Ledger) { k.Files[0].Protected, k.HostKey = false, true }, nil},
		{"device key without one", func(k *inventory.Key, _ *Ledger) {
			k.Files[0].Protected, k.Type = false, "sk-ssh-ed25519@openssh.com"
		}, []string{"key-no-passphrase info"}},

		{"MD5", kdf(keys.KDF{Name: "MD5", Rounds: 1}), []string{"key-weak-kdf medium"}},
		{"SHA-1", kdf(keys.KDF{Name: "SHA-1", Rounds: 1}), []string{"key-weak-kdf medium"}},
		{"bcrypt 15", kdf(keys.KDF{Name: "bcrypt", Rounds: 15}), []string{"key-weak-kdf info"}},
		{"bcrypt 16", kdf(keys.KDF{Name: "bcrypt", Rounds: 16}), nil},
		{"PBKDF2 just below", kdf(keys.KDF{Name: "PBKDF2-HMAC-SHA256", Rounds: 599_999}), []string{"key-weak-kdf low"}},
		{"PBKDF2 enough", kdf(keys.KDF{Name: "PBKDF2-HMAC-SHA256", Rounds: 600_000}), nil},
		{"PBKDF2 SHA-1 just below", kdf(keys.KDF{Name: "PBKDF2-HMAC-SHA1", Rounds: 1_299_999}), []string{"key-weak-kdf low"}},
		{"PBKDF2 SHA-512 enough", kdf(keys.KDF{Name: "PBKDF2-HMAC-SHA512", Rounds: 210_000}), nil},
		{"PBKDF2 SHA-512 just below", kdf(keys.KDF{Name: "PBKDF2-HMAC-SHA512", Rounds: 209_999}), []string{"key-weak-kdf low"}},
		{"scrypt of OpenSSL", kdf(keys.KDF{Name: "scrypt", Rounds: 16384, MemoryKiB: 16 << 10, Parallelism: 1}), []string{"key-weak-kdf low"}},
		{"scrypt enough", kdf(keys.KDF{Name: "scrypt", Rounds: 1 << 17, MemoryKiB: 128 << 10, Parallelism: 1}), nil},
		{"scrypt with less memory", kdf(keys.KDF{Name: "scrypt", Rounds: 1 << 13, MemoryKiB: 8 << 10, Parallelism: 10}), nil},
		{"scrypt with one pass less", kdf(keys.KDF{Name: "scrypt", Rounds: 1 << 13, MemoryKiB: 8 << 10, Parallelism: 9}), []string{"key-weak-kdf low"}},
		{"Argon2 of PuTTY", kdf(keys.KDF{Name: "Argon2id", Rounds: 13, MemoryKiB: 8192, Parallelism: 1}), nil},
		{"Argon2 at the bound", kdf(keys.KDF{Name: "Argon2id", Rounds: 2, MemoryKiB: 19 << 10, Parallelism: 1}), nil},
		{"Argon2 just below", kdf(keys.KDF{Name: "Argon2id", Rounds: 2, MemoryKiB: 19<<10 - 1, Parallelism: 1}), []string{"key-weak-kdf low"}},
		{"DES", file(func(f *inventory.File) { f.Cipher = "DES-CBC" }), []string{"key-weak-cipher high"}},
		{"triple DES", file(func(f *inventory.File) { f.Cipher = "DES-EDE3-CBC" }), []string{"key-weak-cipher low"}},
		{"PEM", file(func(f *inventory.File) { f.Format = keys.FormatPEM }), []string{"key-old-format low"}},
		{"PPK v2", file(func(f *inventory.File) { f.Format = keys.FormatPPK2 }), []string{"key-old-format low"}},
		{"PPK v3", file(func(f *inventory.File) { f.Format = keys.FormatPPK3 }), nil},

		{"DSA", typed("ssh-dss", 1024), []string{"key-weak-type high"}},
		{"ECDSA", typed("ecdsa-sha2-nistp256", 256), []string{"key-weak-type low"}},
		{"ECDSA of a device", typed("sk-ecdsa-sha2-nistp256@openssh.com", 256), []string{"key-weak-type info"}},
		{"ed25519 of a device", typed("sk-ssh-ed25519@openssh.com", 256), nil},
		{"RSA 2047", typed("ssh-rsa", 2047), []string{"key-short-rsa critical"}},
		{"RSA 2048", typed("ssh-rsa", 2048), []string{"key-short-rsa high"}},
		{"RSA 3071", typed("ssh-rsa", 3071), []string{"key-short-rsa high"}},
		{"RSA 3072", typed("ssh-rsa", 3072), []string{"key-short-rsa low"}},
		{"RSA 4095", typed("ssh-rsa", 4095), []string{"key-short-rsa low"}},
		{"RSA 4096", typed("ssh-rsa", 4096), nil},
		{"RSA of unknown size", typed("ssh-rsa", 0), nil},

		{"mode 0640", file(func(f *inventory.File) { f.Access.Mode = 0o640 }), []string{"key-readable high"}},
		{"mode 0604", file(func(f *inventory.File) { f.Access.Mode = 0o604 }), []string{"key-readable high"}},
		{"mode 0700", file(func(f *inventory.File) { f.Access.Mode = 0o700 }), nil},
		{"mode unknown", file(func(f *inventory.File) { f.Access = inventory.Access{Mode: 0o666} }), nil},
		{"directory for the group", file(func(f *inventory.File) { f.Access.DirMode = 0o770 }), []string{"key-directory-writable medium"}},
		{"directory for all", file(func(f *inventory.File) { f.Access.DirMode = 0o777 }), []string{"key-directory-writable high"}},
		{"directory that all may read", file(func(f *inventory.File) { f.Access.DirMode = 0o755 }), nil},
		{"another owner", file(func(f *inventory.File) { f.Access.UID, f.Access.Owner = 1001, inventory.OwnerOther }), []string{"key-wrong-owner high"}},
		{"another user's home", file(func(f *inventory.File) {
			f.Access.UID, f.Access.DirUID, f.Access.Owner = 1001, 1001, inventory.OwnerOther
		}), nil},
		{"wrong .pub", file(func(f *inventory.File) { f.Pub = inventory.PubMismatch }), []string{"key-pub-mismatch medium"}},
		{"damaged .pub", file(func(f *inventory.File) { f.Pub = inventory.PubDamaged }), []string{"key-pub-mismatch low"}},
		{"no .pub", file(func(f *inventory.File) { f.Pub = inventory.PubMissing }), nil},

		{"tracked", repo(inventory.GitTracked, inventory.Yes), []string{"key-in-repository critical"}},
		{"staged only", repo(inventory.GitTracked, inventory.No), []string{"key-in-repository critical"}},
		{"in history", repo(inventory.GitIgnored, inventory.Yes), []string{"key-in-repository critical"}},
		{"untracked", repo(inventory.GitUntracked, inventory.No), []string{"key-in-repository medium"}},
		{"ignored", repo(inventory.GitIgnored, inventory.No), []string{"key-in-repository low"}},
		{"unknown to git", repo(inventory.GitUnknown, inventory.Unknown), []string{"key-in-repository medium"}},
		{"inside .git", repo(inventory.GitInternal, inventory.No), nil},
		{"synced", spot(inventory.SpotSynced, "/home/ann/Dropbox", "its name"), []string{"key-in-synced-folder high"}},
		{"downloads", spot(inventory.SpotDownloads, "/home/ann/Downloads", "its name"), []string{"key-in-exposed-place medium"}},
		{"shared above", spot(inventory.SpotShared, "/home/ann", "everybody may write there"), []string{"key-in-exposed-place medium"}},
		{"open directory, said once", func(k *inventory.Key, l *Ledger) {
			spot(inventory.SpotShared, "/home/ann/.ssh", "everybody may write there")(k, l)
			k.Files[0].Access.DirMode = 0o777
		}, []string{"key-directory-writable high"}},
		{"copies", func(k *inventory.Key, _ *Ledger) {
			f := k.Files[0]
			f.Path, f.Place.Path = "/home/ann/old/id", "/home/ann/old/id"
			k.Files = append(k.Files, f)
		}, []string{"key-copies low"}},
		{"spoilt by an editor", func(k *inventory.Key, _ *Ledger) { k.Files[0].Quirk = "Windows line ends" }, []string{"key-unreadable-by-ssh low"}},
		{"perhaps another key", func(k *inventory.Key, _ *Ledger) {
			f := k.Files[0]
			f.Path, f.Place.Path, f.Pub = "/home/ann/old/id", "/home/ann/old/id", inventory.PubUnproven
			k.Files = append(k.Files, f)
		}, nil},
		{"a link is no copy", func(k *inventory.Key, _ *Ledger) {
			f := k.Files[0]
			f.Path = "/home/ann/link"
			k.Files = append(k.Files, f)
		}, nil},

		{"two domains", hosts("github.com", "gitlab.com"), []string{"key-shared medium"}},
		{"one domain", hosts("a.example.org", "b.example.org", "work", "*.com", "192.0.2.1"), nil},
		{"two services", func(k *inventory.Key, l *Ledger) {
			recorded(func(*rotation.Record) {})(k, l)
			recorded(func(r *rotation.Record) { r.Service = "gitlab" })(k, l)
		}, []string{"key-shared medium"}},
		{"two environments", func(k *inventory.Key, l *Ledger) {
			recorded(func(*rotation.Record) {})(k, l)
			recorded(func(r *rotation.Record) { r.Env = "prod" })(k, l)
		}, []string{"key-shared medium"}},
		{"compromised", recorded(func(r *rotation.Record) { r.Status = rotation.Compromised }), []string{"key-compromised critical"}},
		{"retired", recorded(func(r *rotation.Record) { r.Status = rotation.Retired }), []string{"key-retired high"}},
		{"buried", func(_ *inventory.Key, l *Ledger) { l.Grave = &rotation.Tombstone{Reason: "lost", At: now} }, []string{"key-retired high"}},
		{"certificate at its end", func(k *inventory.Key, _ *Ledger) { k.Certificates = []inventory.Certificate{{Until: now}} }, []string{"key-certificate-expired low"}},
		{"certificate a second before", func(k *inventory.Key, _ *Ledger) {
			k.Certificates = []inventory.Certificate{{Until: now.Add(time.Second)}, {}}
		}, nil},

		{"90 days", aged(90 * day), []string{"key-overdue medium"}},
		{"a second less", aged(90*day - time.Second), []string{"key-due-soon info"}},
		{"76 days", aged(76 * day), []string{"key-due-soon info"}},
		{"a second less than that", aged(76*day - time.Second), nil},
		{"no evidence", func(k *inventory.Key, _ *Ledger) { k.Evidence = nil }, []string{"key-age-unknown low"}},
		{"the future", aged(-time.Hour), []string{"key-age-unknown low"}},
		{"a clock a little off", aged(-9 * time.Minute), nil},
		{"older in the ledger", recorded(func(r *rotation.Record) {
			r.Evidence = []rotation.Evidence{{Source: "stated by owner", At: now.Add(-400 * day)}}
		}), []string{"key-overdue medium"}},
		{"an old host key", func(k *inventory.Key, l *Ledger) { aged(900*day)(k, l); k.HostKey = true }, nil},

		{"no backup", recorded(func(r *rotation.Record) { r.Backups = nil }), []string{"key-no-backup medium"}},
		{"never verified", recorded(func(r *rotation.Record) { r.Backups[0].Verified = time.Time{} }), []string{"key-backup-unverified medium"}},
		{"verified 180 days ago", recorded(func(r *rotation.Record) { r.Backups[0].Verified = now.Add(-180 * day) }), nil},
		{"verified longer ago", recorded(func(r *rotation.Record) { r.Backups[0].Verified = now.Add(-180*day - time.Second) }), []string{"key-backup-stale low"}},
		{"another backup is proven", recorded(func(r *rotation.Record) {
			r.Backups = append(r.Backups, rotation.Backup{At: now.Add(-day)})
		}), nil},

		{"only public", func(k *inventory.Key, _ *Ledger) { k.Files, k.Evidence = nil, nil }, nil},
		{"only public, and weak", func(k *inventory.Key, _ *Ledger) { k.Files, k.Evidence, k.Type = nil, nil, "ssh-dss" }, []string{"key-weak-type high"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := good()
			var l Ledger
			c.change(&k, &l)
			got := Key(&k, l, DefaultKeyRules(), now)
			if words := verdictsOf(got); !slices.Equal(words, c.want) {
				t.Errorf("got %v, want %v", words, c.want)
			}
			for _, v := range got {
				if v.Title == "" || v.Why == "" || v.Fix == "" || v.Evidence == "" {
					t.Errorf("a verdict without words: %+v", v)
				}
			}
		})
	}
}

func TestChecksAreDescribed(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range KeyChecks() {
		if !strings.HasPrefix(c.ID, "key-") || c.Title == "" || c.Why == "" || c.Reference == "" || strings.Contains(c.Reference, "://") || seen[c.ID] {
			t.Errorf("check %+v", c)
		}
		seen[c.ID] = true
	}
	if !slices.IsSortedFunc(KeyChecks(), func(a, b Check) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("the checks are not sorted")
	}
}

func TestWorstFirst(t *testing.T) {
	k := good()
	k.Files[0].Format, k.Files[0].Protected, k.Type, k.Bits = keys.FormatPEM, false, "ssh-rsa", 1024
	got := Key(&k, Ledger{}, DefaultKeyRules(), now)
	if len(got) != 3 || got[0].Severity != finding.Critical || got[2].Severity != finding.Low {
		t.Errorf("%v", verdictsOf(got))
	}
	if worst, any := Worst(got); !any || worst != finding.Critical {
		t.Errorf("worst %v", worst)
	}
}

func TestExemptions(t *testing.T) {
	k := good()
	k.Files[0].Protected = false
	l := Ledger{Records: []rotation.Record{record()}}
	today := now.Truncate(day)
	for name, c := range map[string]struct {
		e       Exemption
		excused bool
	}{
		"by path":        {Exemption{Check: "key-no-passphrase", Key: "/home/ann/.ssh/id"}, true},
		"by fingerprint": {Exemption{Check: "key-no-passphrase", Key: k.Fingerprint()}, true},
		"by name":        {Exemption{Check: "key-no-passphrase", Key: "work key"}, true},
		"another check":  {Exemption{Check: "key-readable", Key: "work key"}, false},
		"another key":    {Exemption{Check: "key-no-passphrase", Key: "/home/ann/.ssh/id2"}, false},
		"today":          {Exemption{Check: "key-no-passphrase", Key: "work key", Until: today}, true},
		"yesterday":      {Exemption{Check: "key-no-passphrase", Key: "work key", Until: today.Add(-day)}, false},
	} {
		rules := DefaultKeyRules()
		rules.Exemptions = []Exemption{c.e}
		got := Key(&k, l, rules, now)
		if len(got) != 1 || (got[0].Excused != nil) != c.excused {
			t.Errorf("%s: %v", name, verdictsOf(got))
		}
		if _, any := Worst(got); any == c.excused {
			t.Errorf("%s: Worst counts it: %v", name, any)
		}
	}
}

func TestRulesCanBeSet(t *testing.T) {
	k := good()
	k.Type, k.Bits, k.Evidence[0].At = "ecdsa-sha2-nistp384", 384, now.Add(-100*day)
	maxAge := 365 * day
	rules := KeyRules{Rotation: RotationRules{Rules: []RotationRule{{MaxAge: &maxAge}}}, Verify: day, RSABits: 3072, Types: []string{"ecdsa", "rsa"}}
	if got := Key(&k, Ledger{}, rules, now); len(got) != 0 {
		t.Errorf("%v", verdictsOf(got))
	}
	k.Type, k.Bits = "ssh-rsa", 3072
	if got := Key(&k, Ledger{}, rules, now); len(got) != 0 {
		t.Errorf("%v", verdictsOf(got))
	}
}

func TestFixesAreQuoted(t *testing.T) {
	for word, want := range map[string]string{"plain": "plain", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, "-rf": "'-rf'", "$(id)": "'$(id)'", "~/x": "'~/x'"} {
		if got := quote(word); got != want {
			t.Errorf("quote(%q) = %s, want %s", word, got, want)
		}
	}
	k := good()
	k.Files[0].Path, k.Files[0].Protected = "/home/ann/my keys/id", false
	if got := Key(&k, Ledger{}, DefaultKeyRules(), now); !strings.Contains(fmt.Sprint(got), "passphrase '/home/ann/my keys/id'") {
		t.Errorf("%+v", got)
	}
}

// TestCommandsDoNoHarm wants commands to copy that replace no other key and take away none that is in use.
func TestCommandsDoNoHarm(t *testing.T) {
	k := good()
	k.Files[0].Path, k.Files[0].PubPath = "/home/ann/Downloads/id", "/home/ann/Downloads/id.pub"
	k.Files[0].Place = inventory.Place{Path: "/home/ann/Downloads/id", Spots: []inventory.Spot{{Kind: inventory.SpotDownloads, Dir: "/home/ann/Downloads"}}}
	second := good().Files[0]
	k.Files = append(k.Files, second)
	k.Hosts = []inventory.Use{{File: second.Path}}
	want := map[string]string{
		"key-in-exposed-place": "move it away: mv -i /home/ann/Downloads/id /home/ann/Downloads/id.pub ~/.ssh/",
		"key-copies":           "keep one and remove the others, if nothing uses them: rm /home/ann/Downloads/id",
		"key-no-backup":        "keysweep key backup 'work key' -o DIRECTORY",
	}
	r := record()
	r.Backups = nil
	for _, v := range Key(&k, Ledger{Records: []rotation.Record{r}}, DefaultKeyRules(), now) {
		if want[v.Check] != v.Fix {
			t.Errorf("%s: %q, want %q", v.Check, v.Fix, want[v.Check])
		}
		delete(want, v.Check)
	}
	if len(want) > 0 {
		t.Errorf("not said: %v", want)
	}
	for place, form := range map[string]string{"": "words", " /media/usb/k.age": "age", " FILE": "sheet"} {
		r.Backups = []rotation.Backup{{Form: form, Place: strings.TrimSpace(place), At: now}}
		k = good()
		got := Key(&k, Ledger{Records: []rotation.Record{r}}, DefaultKeyRules(), now)
		if len(got) != 1 || got[0].Fix != "keysweep key backup verify 'work key'"+place {
			t.Errorf("%s: %+v", form, got)
		}
	}
}

// A key that keysweep made is as old as that, although its files are a moment older; an older proof still counts.
func TestAgeOfKeyMadeHere(t *testing.T) {
	made := time.Date(2026, 3, 1, 12, 0, 1, 0, time.UTC)
	l := Ledger{Records: []rotation.Record{{Evidence: []rotation.Evidence{{Source: rotation.MadeHere, At: made}}}}}
	for source, at := range map[string]time.Time{rotation.MadeHere: made.Add(-time.Second), inventory.FromBirth: made.AddDate(0, 0, -9)} {
		k := &inventory.Key{Evidence: []inventory.Evidence{{Source: inventory.FromBirth, At: at}}}
		if e, _, ok := Age(k, l, made.AddDate(0, 0, 5)); !ok || e.Source != source {
			t.Errorf("files of %s: %+v, %v; want %s", at, e, ok, source)
		}
	}
}
