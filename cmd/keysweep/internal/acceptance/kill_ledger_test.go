//go:build linux

package acceptance

import (
	"encoding/json"
	"os"
	"strings"

	"keysweep/internal/testkeyring"
)

// moveLedgerCase moves the ledger from files to pass, whose files lie in the home and are put back with it. Before and after, and
// in between, the home file names one ledger, and that is whole.
func moveLedgerCase() killCase {
	args := []string{"move", "pass"}
	return killCase{name: "move the ledger", cheap: true, args: args, done: "pass",
		setUp: func(h *home) {
			withLedger(h)
			store := testkeyring.StartPass(h.t)
			id, err := os.ReadFile(store.Dir + "/.gpg-id")
			must(h.t, err)
			must(h.t, os.Mkdir(h.path("~/.password-store"), 0o700))
			must(h.t, os.WriteFile(h.path("~/.password-store/.gpg-id"), id, 0o600))
			h.group, h.also = "ledger", []string{"GNUPGHOME=" + store.GnuPGHome}
		},
		check: func(h *home) string {
			var chosen struct{ Home string }
			must(h.t, json.Unmarshal([]byte(h.read("~/.local/state/keysweep/ledger-home.json")), &chosen))
			said := h.said
			if out := h.run(exitOK, "verify"); !strings.Contains(out, "1 record") || !strings.Contains(out, "as keysweep left it") {
				h.t.Fatalf("the ledger in %s is not whole:\n%s", chosen.Home, out)
			}
			h.said = said
			return chosen.Home
		},
		heal: func(h *home, _ string) {
			h.run(exitOK, args...)
			if out := h.run(exitOK, "show"); !strings.Contains(out, "pass") || strings.Contains(out, "not finished") || strings.Contains(out, "not taken away") || !strings.Contains(out, "1 record") {
				h.t.Errorf("after the move it says\n%s", out)
			}
			if exists(h, "~/.local/share/keysweep/ledger/identity.age") {
				h.t.Error("the old ledger is still there")
			}
		}}
}
