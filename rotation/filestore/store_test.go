package filestore

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"keysweep/internal/testneed"
	"keysweep/rotation"
	"keysweep/rotation/internal/smallfile"
)

func put(t *testing.T, s *Store, name, data string) {
	t.Helper()
	if err := s.Update(t.Context(), func(txn rotation.Txn) error { return txn.Put(name, []byte(data)) }); err != nil {
		t.Fatal(err)
	}
}

func content(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func overwrite(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestCreate(t *testing.T) {
	place, s := create(t)
	if _, err := Create(t.Context(), options(place), testSecret()); !errors.Is(err, ErrExists) {
		t.Errorf("a second ledger: %v, want ErrExists", err)
	}
	put(t, s, "a-telling-name", "a telling content")
	if len(s.Notes()) > 0 || len(reopen(t, place).Notes()) > 0 {
		t.Errorf("notes %q, want none", s.Notes())
	}
	err := filepath.Walk(place, func(path string, info os.FileInfo, err error) error {
		if err != nil || path == place {
			return err
		}
		if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %o", path, info.Mode())
		}
		if !info.IsDir() && bytes.Contains(content(t, path), []byte("telling")) || strings.Contains(path, "telling") {
			t.Errorf("%s tells", path)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if exists, err := Exists(options(t.TempDir()).Dir); exists || err != nil {
		t.Errorf("exists: %v, %v", exists, err)
	}
	if _, err := Open(t.Context(), options(t.TempDir()), testSecret()); !errors.Is(err, ErrNone) {
		t.Errorf("open nothing: %v, want ErrNone", err)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	dir := t.TempDir()
	for _, o := range []Options{
		{Dir: "relative"}, {Dir: dir, Anchor: "relative"}, {Dir: dir, Anchor: filepath.Join(dir, "anchor")}, {Dir: dir, WorkFactor: 21}, {Dir: dir, WorkFactor: -1},
	} {
		if _, err := Create(t.Context(), o, testSecret()); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
	if _, err := Create(t.Context(), Options{Dir: dir}, nil); err == nil {
		t.Error("an empty passphrase was taken")
	}
}

func TestPassphrase(t *testing.T) {
	place, s := create(t)
	put(t, s, "a", "data")
	fresh := []byte(strings.Repeat("other ", 3))
	if _, err := Open(t.Context(), options(place), fresh); !errors.Is(err, rotation.ErrLocked) {
		t.Errorf("wrong passphrase: %v, want ErrLocked", err)
	}
	if err := s.ChangePassphrase(t.Context(), fresh); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), options(place), testSecret()); !errors.Is(err, rotation.ErrLocked) {
		t.Errorf("old passphrase: %v, want ErrLocked", err)
	}
	again, err := Open(t.Context(), options(place), fresh)
	if err != nil {
		t.Fatal(err)
	}
	if data, err := again.Get(t.Context(), "a"); err != nil || string(data) != "data" {
		t.Errorf("after the change: %q, %v", data, err)
	}
	if err := s.ChangePassphrase(t.Context(), nil); err == nil {
		t.Error("an empty passphrase was taken")
	}
}

// TestOtherAgeOpensIt opens identity.age and head.age with age's own passphrase code: the format is age's, not ours.
func TestOtherAgeOpensIt(t *testing.T) {
	place, s := create(t)
	other, err := age.NewScryptIdentity(string(testSecret()))
	if err != nil {
		t.Fatal(err)
	}
	plain := decrypt(t, filepath.Join(place, "ledger", identityFile), other)
	var id identity
	if err := json.Unmarshal(plain, &id); err != nil || id.Store != s.id.Store {
		t.Fatalf("identity %s: %v", id.Store, err)
	}
	key, err := age.ParseX25519Identity(id.X25519)
	if err != nil {
		t.Fatal(err)
	}
	if head := decrypt(t, filepath.Join(place, "ledger", headFile), key); !bytes.Contains(head, []byte(`"seq":1`)) {
		t.Errorf("head: %q", head)
	}
	recipient, err := age.NewScryptRecipient(string(testSecret()))
	if err != nil {
		t.Fatal(err)
	}
	recipient.SetWorkFactor(2)
	var file bytes.Buffer
	w, err := age.Encrypt(&file, recipient)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write(plain)
	_ = w.Close()
	if got, err := unwrapIdentity(file.Bytes(), testSecret()); err != nil || got.X25519 != id.X25519 {
		t.Errorf("what age encrypts does not open here: %v", err)
	}
}

func decrypt(t *testing.T, path string, id age.Identity) []byte {
	t.Helper()
	r, err := age.Decrypt(bytes.NewReader(content(t, path)), id)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func TestDamagedIdentity(t *testing.T) {
	place, _ := create(t)
	path := filepath.Join(place, "ledger", identityFile)
	good := content(t, path)
	costly := bytes.Replace(good, []byte(" 1\n"), []byte(" 30\n"), 1)
	if bytes.Equal(costly, good) {
		t.Fatal("the work factor was not found")
	}
	for name, data := range map[string][]byte{
		"cut": good[:len(good)-5], "empty": {}, "text": []byte("hello"), "costly": costly, "large": make([]byte, maxIdentity+1),
		"flipped in the body": flip(good, len(good)-20), "flipped in the header": flip(good, 5),
	} {
		overwrite(t, path, data)
		_, err := Open(t.Context(), options(place), testSecret())
		var file *smallfile.Error
		if !errors.As(err, &file) || file.Hint() == "" || !strings.Contains(err.Error(), path) || errors.Is(err, rotation.ErrLocked) {
			t.Errorf("%s: error %v: want one that names the file and has a hint", name, err)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), options(place), testSecret()); err == nil || errors.Is(err, ErrNone) {
		t.Errorf("a directory: %v", err)
	}
}

func flip(data []byte, at int) []byte {
	data = bytes.Clone(data)
	data[at] ^= 1
	return data
}

// TestTamperingIsNamed wants to be told which item it was, and what was done to it.
func TestTamperingIsNamed(t *testing.T) {
	place, s := create(t)
	put(t, s, "one", "1")
	put(t, s, "two", "2")
	one, two := s.itemPath("one"), s.itemPath("two")
	old, second := content(t, one), content(t, two)
	put(t, s, "one", "11")
	now := content(t, one)
	for _, test := range []struct {
		what string
		data []byte
		want string
	}{
		{"rolled back", old, "was put back to an older state"},
		{"swapped", second, "was swapped: its file holds the item two"},
		{"damaged", flip(now, len(now)-3), "is damaged"},
		{"large", make([]byte, maxFile+1), "is damaged"},
	} {
		overwrite(t, one, test.data)
		_, err := reopen(t, place).Get(t.Context(), "one")
		wantTamper(t, err, "item one", test.want, one)
		if data, err := s.Get(t.Context(), "two"); err != nil || string(data) != "2" {
			t.Errorf("%s: the other item: %q, %v", test.what, data, err)
		}
	}
	if err := os.Remove(one); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), options(place), testSecret())
	wantTamper(t, err, "item one", "is gone")
	overwrite(t, one, now)
	overwrite(t, s.path("00.age"), now)
	_, err = s.List(t.Context())
	wantTamper(t, err, "00.age", "was added")
}

// TestForgery writes files as somebody could who knows the public key and nothing else.
func TestForgery(t *testing.T) {
	place, s := create(t)
	put(t, s, "one", "1")
	forger := keyring{key: s.keys.key, mac: make([]byte, macKeySize)}
	forged, _, err := forger.sealItem("one", 2, []byte("9"))
	if err != nil {
		t.Fatal(err)
	}
	good := content(t, s.itemPath("one"))
	overwrite(t, s.itemPath("one"), forged)
	_, err = s.Get(t.Context(), "one")
	wantTamper(t, err, "item one", "was not written by keysweep")
	overwrite(t, s.itemPath("one"), good)
	head, err := forger.seal("head", []byte(`{"schema":1,"store":"`+s.id.Store+`","seq":99,"items":{}}`))
	if err != nil {
		t.Fatal(err)
	}
	overwrite(t, s.path(headFile), head)
	_, err = Open(t.Context(), options(place), testSecret())
	wantTamper(t, err, "head", "was not written by keysweep")
}

// TestRolledBack puts the whole directory back to an older state, and what the anchor says of it.
func TestRolledBack(t *testing.T) {
	place, s := create(t)
	put(t, s, "a", "old")
	ledger, older := filepath.Join(place, "ledger"), filepath.Join(place, "older")
	copyDir(t, ledger, older)
	put(t, s, "a", "new")
	newer := filepath.Join(place, "newer")
	copyDir(t, ledger, newer)
	copyDir(t, older, ledger)
	_, err := Open(t.Context(), options(place), testSecret())
	wantTamper(t, err, "directory", "was put back to an older state")
	_, err = s.Get(t.Context(), "a") // the process that wrote it remembers, without an anchor too
	wantTamper(t, err, "directory", "was put back to an older state")

	without := options(place)
	without.Anchor = ""
	if _, err := Open(t.Context(), without, testSecret()); err != nil {
		t.Errorf("without an anchor it cannot be noticed: %v", err)
	}

	// Two machines went on from the same state: the other one has made as many changes.
	other, err := Open(t.Context(), without, testSecret())
	if err != nil {
		t.Fatal(err)
	}
	put(t, other, "a", "other")
	_, err = Open(t.Context(), options(place), testSecret())
	wantTamper(t, err, "changed by another machine")

	copyDir(t, newer, ledger)
	if err := os.Remove(options(place).Anchor); err != nil {
		t.Fatal(err)
	}
	if again := reopen(t, place); len(again.Notes()) != 1 {
		t.Errorf("a new machine: notes %q, want one", again.Notes())
	}
	if again := reopen(t, place); len(again.Notes()) != 0 {
		t.Errorf("the second time: notes %q, want none", again.Notes())
	}
}

func copyDir(t *testing.T, from, to string) {
	t.Helper()
	if err := os.RemoveAll(to); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.CopyFS(to, os.DirFS(from)), os.Chmod(to, 0o700)); err != nil {
		t.Fatal(err)
	}
}

func TestAnchorOfAnother(t *testing.T) {
	place, _ := create(t)
	anchor := options(place).Anchor
	good := content(t, anchor)
	for name, data := range map[string][]byte{
		"damaged": good[:20], "changed": bytes.Replace(good, []byte(`"seq":1`), []byte(`"seq":9`), 1), "large": make([]byte, 1<<16),
	} {
		overwrite(t, anchor, data)
		_, err := Open(t.Context(), options(place), testSecret())
		wantTamper(t, err, "anchor", anchor)
		if t.Failed() {
			t.Fatal(name)
		}
	}
	second, _ := create(t)
	overwrite(t, anchor, content(t, options(second).Anchor))
	_, err := Open(t.Context(), options(place), testSecret())
	wantTamper(t, err, "another ledger")
}

// TestNothingIsMadeOverARest refuses to make a ledger where one is gone.
func TestNothingIsMadeOverARest(t *testing.T) {
	place, _ := create(t)
	if err := os.RemoveAll(filepath.Join(place, "ledger")); err != nil {
		t.Fatal(err)
	}
	_, err := Create(t.Context(), options(place), testSecret())
	wantTamper(t, err, "is gone: there was a ledger on this machine")
	if err := os.Remove(options(place).Anchor); err != nil {
		t.Fatal(err)
	}
	s, err := Create(t.Context(), options(place), testSecret())
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "a", "1")
	_ = os.Remove(options(place).Anchor)
	_ = os.Remove(s.path(identityFile))
	_, err = Create(t.Context(), options(place), testSecret())
	wantTamper(t, err, "identity is gone, and items are there")
}

// TestEveryCrash stops an update after each of its writes, as a killed process would, and opens the ledger.
func TestEveryCrash(t *testing.T) {
	change := func(txn rotation.Txn) error {
		return errors.Join(txn.Put("a", []byte("2")), txn.Delete("gone"), txn.Put("new", []byte("2")), txn.Put("a", []byte("3")))
	}
	states := []string{"a=1 gone=1", "a=2 gone=1", "a=2", "a=2 new=2", "a=3 new=2"}
	for steps, want := range states {
		place, s := create(t)
		put(t, s, "a", "1")
		put(t, s, "gone", "1")
		h, _, err := s.load()
		if err != nil {
			t.Fatal(err)
		}
		tx := &txn{store: s, seq: h.Seq + 1, items: h.Items, pending: map[string][]byte{}}
		before := h.Items
		tx.items = map[string]entry{"a": before["a"], "gone": before["gone"]}
		if err := change(tx); err != nil {
			t.Fatal(err)
		}
		if _, err := s.save(head{1, s.id.Store, h.Seq + 1, before, tx.steps}); err != nil {
			t.Fatal(err)
		}
		for i := range steps {
			if err := s.do(tx.steps[i], tx.files[i]); err != nil {
				t.Fatal(err)
			}
		}
		overwrite(t, s.path(".head.age.123.tmp"), []byte("litter"))
		if got := all(t, s); got != want { // the process goes on reading: nothing is repaired yet
			t.Errorf("%d steps: read %q, want %q", steps, got, want)
		}
		again := reopen(t, place)
		if got := all(t, again); got != want {
			t.Errorf("%d steps: %q, want %q", steps, got, want)
		}
		if h, _, err := again.load(); err != nil || len(h.Intent) > 0 {
			t.Errorf("%d steps: not repaired: %v, %v", steps, h.Intent, err)
		}
		if _, err := os.Stat(s.path(".head.age.123.tmp")); !errors.Is(err, os.ErrNotExist) {
			t.Error("litter was left")
		}
	}
}

func all(t *testing.T, s *Store) string {
	t.Helper()
	names, err := s.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var text []string
	for _, name := range names {
		data, err := s.Get(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, fmt.Sprintf("%s=%s", name, data))
	}
	return strings.Join(text, " ")
}

// TestTamperingDuringUpdate changes an item that a killed process was about to change: neither old nor new is there.
func TestTamperingDuringUpdate(t *testing.T) {
	place, s := create(t)
	put(t, s, "a", "0")
	older := content(t, s.itemPath("a"))
	put(t, s, "a", "1")
	h, _, err := s.load()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.save(head{1, s.id.Store, h.Seq + 1, h.Items, []step{{"a", &entry{h.Seq + 1, "00", nil}}}}); err != nil {
		t.Fatal(err)
	}
	overwrite(t, s.itemPath("a"), older)
	_, err = Open(t.Context(), options(place), testSecret())
	wantTamper(t, err, "item a", "while an update was under way")
}

// TestFullDisk lets writing fail, and wants the ledger to be as it was and to say what to do.
func TestFullDisk(t *testing.T) {
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		t.Skip("needs root on Linux, to mount a small file system")
	}
	mount := testneed.Program(t, "mount")
	place := t.TempDir()
	if out, err := exec.Command(mount, "-t", "tmpfs", "-o", "size=64k", "tmpfs", place).CombinedOutput(); err != nil {
		testneed.Missing(t, "to mount a file system, which cannot be done here: %v: %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", place).Run() })
	s, err := Create(t.Context(), options(place), testSecret())
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "a", "small")
	var full error
	for i := 0; full == nil && i < 100; i++ {
		full = s.Update(t.Context(), func(txn rotation.Txn) error {
			return txn.Put(fmt.Sprint("filler-", i), bytes.Repeat([]byte{'x'}, rotation.MaxItem))
		})
	}
	var hint interface{ Hint() string }
	if full == nil || !errors.As(full, &hint) || !strings.Contains(hint.Hint(), "free some space") {
		t.Errorf("error %v: want a hint", full)
	}
	names, err := s.List(t.Context())
	if err != nil || !slices.Contains(names, "a") {
		t.Errorf("after that: %v, %v", names, err)
	}
	if data, err := s.Get(t.Context(), "a"); err != nil || string(data) != "small" {
		t.Errorf("after that: %q, %v", data, err)
	}
}

func TestOpenDirectoryIsNoted(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes say nothing there")
	}
	place, _ := create(t)
	if err := os.Chmod(filepath.Join(place, "ledger"), 0o755); err != nil {
		t.Fatal(err)
	}
	if notes := reopen(t, place).Notes(); len(notes) != 1 || !strings.Contains(notes[0], "chmod 700") {
		t.Errorf("notes %q", notes)
	}
}

func FuzzOpenFiles(f *testing.F) {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		f.Fatal(err)
	}
	k := keyring{key, make([]byte, macKeySize)}
	item, _, err := k.sealItem("name", 7, []byte("data"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(item)
	f.Add(flip(item, 30))
	f.Fuzz(func(t *testing.T, data []byte) {
		if name, seq, held, err := k.unsealItem(data, nil); err == nil && (name != "name" || seq != 7 || string(held) != "data") {
			t.Errorf("opened %q, %d, %q", name, seq, held)
		}
	})
}
