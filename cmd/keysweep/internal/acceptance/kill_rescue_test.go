//go:build linux

package acceptance

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// endsOld is a provider in files which ends the old value with its answer: ~/valid holds the one that it accepts, ~/made has a line for
// each that it made.
const endsOld = `#!/bin/sh
umask 077; in=$(cat); cd "$HOME"
accepts() { case $in in *"\"$1\":{\"secret\":\"$(cat valid)\""*) true ;; *) false ;; esac; }
said() { if accepts "$1"; then echo '{"ok":true}'; else echo '{"ok":false,"refused":true}'; fi; }
case $in in
*'"step":"describe"'*) echo '{"ok":true,"description":{"protocol":1,"name":"acme","phases":"single","steps":["create","test"]}}' ;;
*'"subject":"current"'*) said current ;;
*'"step":"test"'*) said pending ;;
*) if ! accepts current; then echo '{"ok":false,"refused":true}'; exit; fi
	echo x >> made
	new=nEw7nEw7nEw7-$(wc -l < made | tr -d ' ')
	printf %s "$new" > valid
	echo '{"ok":true,"secret":"'$new'"}' ;;
esac
`

// rotateCredCase replaces a credential where the provider ends the old value at once. Whatever is killed, no value is lost.
func rotateCredCase() killCase {
	args := []string{"rotate", "prod/A_TOKEN"}
	return killCase{name: "rotate a credential", cheap: true, args: args, done: "made 1",
		setUp: func(h *home) {
			h.group = "cred"
			must(h.t, os.WriteFile(h.path("~/valid"), []byte("oLd5oLd5oLd5"), 0o600))
			must(h.t, os.WriteFile(h.path("~/acme"), []byte(endsOld), 0o700))
			h.run(exitOK, "add", "A_TOKEN", "--env", "prod", "--provider", "acme", "--purpose", "tests", "--value-file", "~/valid")
			pinned := h.run(exitOK, "plugin", "pin", "~/acme")
			must(h.t, os.MkdirAll(h.path("~/.config/keysweep"), 0o700))
			must(h.t, os.WriteFile(h.path("~/.config/keysweep/policy.toml"), []byte(pinned), 0o600))
		},
		check: func(h *home) string {
			h.answered()
			return "made " + strconv.Itoa(strings.Count(h.read("~/made"), "x"))
		},
		heal: func(h *home, _ string) {
			if out := h.run(exitOK, args...); strings.Contains(out, "lost on the way") {
				h.t.Errorf("%s", out)
			}
			h.group = "run"
			if out := h.run(exitOK, "--env", "prod", "--", "printenv", "A_TOKEN"); !strings.HasSuffix(out, h.read("~/valid")+"\n") {
				h.t.Errorf("the value in the ledger is not the one that works:\n%s", out)
			}
			h.group = "cred"
			left, err := os.ReadDir(h.path("~/.local/state/keysweep/rescue"))
			if err != nil || len(left) > 0 {
				h.t.Errorf("rescue files are left: %v, %v", left, err)
			}
		}}
}

// answered waits until no provider is being asked any more for a program that was killed.
func (h *home) answered() {
	h.t.Helper()
	entries, _ := os.ReadDir(h.path("~/.local/state/keysweep/journal")) // it may not be there yet
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), "asking-") {
			continue
		}
		f, err := os.OpenFile(h.path("~/.local/state/keysweep/journal/"+e.Name()), os.O_RDWR, 0)
		must(h.t, err)
		for deadline := time.Now().Add(time.Minute); syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				h.t.Fatal("a keeper never ended")
			}
		}
		must(h.t, f.Close())
	}
}
