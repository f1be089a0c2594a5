package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"keysweep/internal/testneed"
)

// smallDisk mounts a small file system where ledger and state lie.
func (h *credHome) smallDisk() (disk string) {
	h.t.Helper()
	mount := testneed.Program(h.t, "mount")
	if os.Geteuid() != 0 {
		testneed.Missing(h.t, "root, to mount a small file system")
	}
	disk = filepath.Join(h.dir, ".local")
	if err := os.Mkdir(disk, 0o700); err != nil {
		h.t.Fatal(err)
	}
	if out, err := exec.Command(mount, "-t", "tmpfs", "-o", "size=512k", "tmpfs", disk).CombinedOutput(); err != nil {
		testneed.Missing(h.t, "to mount a file system, which cannot be done here: %v: %s", err, out)
	}
	h.t.Cleanup(func() { _ = exec.Command("umount", disk).Run() })
	return disk
}

// TestCredRotateDiskFills fills the disk in the moment between the provider's answer and the ledger. Nobody is there; nothing is lost.
func TestCredRotateDiskFills(t *testing.T) {
	h := newCredHome(t)
	disk := h.smallDisk()
	old, fresh := strings.Repeat("oLd5", 6), strings.Repeat("nEw7", 6)
	filler := filepath.Join(disk, "filler")
	h.shellPlugin(`cat /dev/zero > '` + filler + `' 2> /dev/null; echo '{"ok":true,"account":"id-7","secret":"` + fresh + `"}'`)
	h.add("A_TOKEN", old)
	if item := h.rotationStatus(exitOK, "prod/A_TOKEN"); item["under_way"] != false || item["step"] != "" {
		t.Errorf("before: %v", item)
	}
	said := h.run(exitIncomplete, "", "rotate", "prod/A_TOKEN")
	if !strings.Contains(said, "it is safe, sealed for this ledger, in ") || !strings.Contains(said, "hint: see that the ledger can be written to") {
		t.Fatalf("%s", said)
	}
	said += h.run(exitIncomplete, "", "rotate", "prod/A_TOKEN") // still full
	h.wantNowhere(said, old)
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	unfit := filepath.Join(h.dir, "unfit") // run would put a real program in this one's place
	if err := os.WriteFile(unfit, []byte("#!/nowhere/interpreter\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"run --env prod -- " + unfit, "rotate-due", "status"} {
		env, _, errs := testEnv(t, strings.Fields(args)...)
		env.Dir, env.Home, env.Hostname, env.LedgerWork = h.dir, h.dir, "host", 1
		env.Environ = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + h.dir, ledgerPassphraseFile + "=" + filepath.Join(h.dir, "ledger")}
		var out strings.Builder
		env.Stdout = &out
		Main(t.Context(), env)
		if words := out.String() + errs.String(); !strings.Contains(words, "of prod/A_TOKEN waits outside the ledger") {
			t.Errorf("%s: %s", args, words)
		}
	}
	h.damagedRescue()
	said += h.run(exitFindings, "", "rotate", "prod/A_TOKEN", "--status")
	if !strings.Contains(said, "the ledger could not take: it waits, sealed") {
		t.Errorf("%s", said)
	}
	if item := h.rotationStatus(exitFindings, "prod/A_TOKEN"); item["stuck"] != true || item["rescue"] == "" || item["step"] != "creating" {
		t.Errorf("%v", item)
	}
	for _, args := range [][]string{{"show", "prod/A_TOKEN"}, {"list"}} {
		words := h.run(exitOK, "", args...)
		if !strings.Contains(words, "note: a new value of prod/A_TOKEN waits outside the ledger") {
			t.Errorf("%q: %s", args, words)
		}
	}
	if words := h.run(exitUsage, "", "remove", "prod/A_TOKEN", "--yes"); !strings.Contains(words, "hint: take it in first") {
		t.Errorf("%s", words)
	}
	said += h.run(exitOK, "", "rotate", "prod/A_TOKEN")
	if !strings.Contains(said, "the new value that waited outside the ledger is taken in") {
		t.Errorf("%s", said)
	}
	if r := h.wantOnly("A_TOKEN", fresh); r.Account != "id-7" {
		t.Errorf("account %q", r.Account)
	}
	h.noRescue()
	_ = os.Remove(filepath.Join(h.dir, "acme")) // which has the new value in it, being the provider
	h.wantNowhere(said, old, fresh)
}

// damagedRescue has --status not say that a new value waits which nobody can read.
func (h *credHome) damagedRescue() {
	h.t.Helper()
	files, err := filepath.Glob(filepath.Join(h.dir, ".local", "state", "keysweep", "rescue", "*.rescue"))
	if err != nil || len(files) != 1 {
		h.t.Fatal(files, err)
	}
	whole, err := os.ReadFile(files[0])
	if err != nil {
		h.t.Fatal(err)
	}
	for what, data := range map[string][]byte{"value": append(whole[:len(whole)-1:len(whole)-1], 1), "all of it": nil} {
		if err := os.WriteFile(files[0], data, 0o600); err != nil {
			h.t.Fatal(err)
		}
		said := h.run(exitFindings, "", "rotate", "prod/A_TOKEN", "--status")
		if strings.Contains(said, "it waits, sealed") || !strings.Contains(said, "a new value may have been lost") || !strings.Contains(said, "the provider may have ended it") {
			h.t.Errorf("%s: %s", what, said)
		}
		document := h.run(exitFindings, "", "rotate", "prod/A_TOKEN", "--status", "--format", "json")
		if !strings.Contains(document, `"rescue": ""`) || !strings.Contains(document, `"text": "a new value may have been lost: `) {
			h.t.Errorf("%s: %s", what, document)
		}
	}
	if err := os.WriteFile(files[0], whole, 0o600); err != nil {
		h.t.Fatal(err)
	}
}

// noRescue wants nothing to wait outside the ledger.
func (h *credHome) noRescue() {
	h.t.Helper()
	entries, err := os.ReadDir(filepath.Join(h.dir, ".local", "state", "keysweep", "rescue"))
	if err != nil || len(entries) != 0 {
		h.t.Errorf("rescue files: %v, %v", entries, err)
	}
}

// TestCredRotateNoShelter wants a provider that ends the old value not to be asked if there is no place for its answer.
func TestCredRotateNoShelter(t *testing.T) {
	h := newCredHome(t)
	asked := filepath.Join(h.dir, "asked")
	h.shellPlugin(`: > '` + asked + `'; echo '{"ok":true,"secret":"` + strings.Repeat("nEw7", 6) + `"}'`)
	old := strings.Repeat("oLd5", 6)
	h.add("A_TOKEN", old)
	h.write(filepath.Join(".local", "state", "keysweep", "rescue"), "in the way")
	said := h.run(exitIncomplete, "", "rotate", "prod/A_TOKEN")
	if !strings.Contains(said, "the rescue file for the new one cannot be made ready") || !strings.Contains(said, "hint: the old value is in use") {
		t.Errorf("%s", said)
	}
	if _, err := os.Stat(asked); err == nil {
		t.Error("the provider was asked")
	}
	h.wantOnly("A_TOKEN", old)
}

// TestCredRotateManualDiskFills keeps what a person has entered.
func TestCredRotateManualDiskFills(t *testing.T) {
	h := newCredHome(t)
	disk := h.smallDisk()
	old, fresh := strings.Repeat("oLd5", 6), strings.Repeat("nEw7", 6)
	h.add("A_TOKEN", old)
	h.run(exitUsage, "", "rotate", "prod/A_TOKEN", "--manual", "-") // begun
	filler := filepath.Join(disk, "filler")
	_ = os.WriteFile(filler, make([]byte, 1<<20), 0o600)
	said := h.run(exitIncomplete, fresh, "rotate", "prod/A_TOKEN", "--manual", "-")
	if !strings.Contains(said, "it is safe, sealed for this ledger, in ") {
		t.Fatalf("%s", said)
	}
	h.wantNowhere(said, old, fresh)
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	h.run(exitOK, "", "rotate", "prod/A_TOKEN", "--revoked")
	h.wantOnly("A_TOKEN", fresh)
	h.noRescue()
}

// TestCredRotateOtherLedger wants a new value that belongs to another ledger to be named, and left alone.
func TestCredRotateOtherLedger(t *testing.T) {
	h := newCredHome(t)
	disk := h.smallDisk()
	old := strings.Repeat("oLd5", 6)
	filler := filepath.Join(disk, "filler")
	h.shellPlugin(`cat /dev/zero > '` + filler + `' 2> /dev/null; echo '{"ok":true,"secret":"` + strings.Repeat("nEw7", 6) + `"}'`)
	h.add("A_TOKEN", old)
	h.run(exitIncomplete, "", "rotate", "prod/A_TOKEN")
	for _, lost := range []string{"filler", "share", filepath.Join("state", "keysweep", "ledger-home.json")} {
		if err := os.RemoveAll(filepath.Join(disk, lost)); err != nil {
			t.Fatal(err)
		}
	}
	_ = os.RemoveAll(filepath.Join(disk, "state", "keysweep", "ledger"))
	h.policy("")
	entries, err := os.ReadDir(filepath.Join(disk, "state", "keysweep"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != "rescue" {
			_ = os.RemoveAll(filepath.Join(disk, "state", "keysweep", e.Name()))
		}
	}
	h.add("A_TOKEN", old+"2")
	said := h.run(exitOK, "", "list")
	if !strings.Contains(said, "this ledger cannot open it") {
		t.Errorf("%s", said)
	}
	h.run(exitOK, "", "remove", "prod/A_TOKEN", "--yes")
	if entries, err := os.ReadDir(filepath.Join(disk, "state", "keysweep", "rescue")); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
}
