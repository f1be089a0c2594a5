package cli

import (
	"path/filepath"
	"strings"
	"testing"

	"keysweep/rotation"
)

// TestRunPairs wants a secret and the id that belongs with it to be of one time, whatever a rotation does between the reading of the two.
func TestRunPairs(t *testing.T) {
	h := newCredHome(t)
	old, fresh := strings.Repeat("oLd5", 6), strings.Repeat("nEw7", 6)
	h.run(exitOK, old, "add", "AWS_SECRET_ACCESS_KEY", "--env", "prod", "--account", "AKIAOLD", "--purpose", "tests", "-")
	if said := h.run(exitUsage, fresh, "rotate", "prod/AWS_SECRET_ACCESS_KEY", "--manual", "--revoked", "-"); !strings.Contains(said, "belongs with AWS_ACCESS_KEY_ID") {
		t.Errorf("half a pair: %s", said)
	}
	env, _, _ := testEnv(t)
	env.Home, env.Hostname, env.LedgerWork = h.dir, "host", 1
	env.Environ = []string{"HOME=" + h.dir, ledgerPassphraseFile + "=" + filepath.Join(h.dir, "ledger")}
	var o ledgerOptions
	o.pass.fd, o.onlyLook = -1, true
	ledger, before, _, err := lookUpCred(t.Context(), &env, &o, "prod/AWS_SECRET_ACCESS_KEY")
	if err != nil {
		t.Fatal(err)
	}
	plan := func() *runPlan { return &runPlan{wants: []runWant{{record: before}}} }

	if err := ledger.SetSecret(t.Context(), before.ID, []byte(fresh)); err != nil { // so far came a rotation that was killed
		t.Fatal(err)
	}
	p := plan()
	if err := p.read(t.Context(), ledger); err != nil {
		t.Fatal(err)
	}
	if err := p.pairs(t.Context(), ledger); err == nil || !strings.Contains(err.Error(), "not of the same time") || !strings.Contains(hintOf(err), "cred rotate prod/AWS_SECRET_ACCESS_KEY") {
		t.Errorf("a torn pair: %v", err)
	}
	err = ledger.Do(t.Context(), func(tx *rotation.Tx) error {
		mark, err := tx.Mark([]byte(fresh))
		if err != nil {
			return err
		}
		_, err = tx.Change(before.ID, "rotated", func(r *rotation.Record) error {
			r.Mark, r.Account = mark, "AKIANEW"
			return nil
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	p = plan() // the record is older than the secret
	if err := p.read(t.Context(), ledger); err != nil {
		t.Fatal(err)
	}
	if err := p.pairs(t.Context(), ledger); err != nil || p.wants[0].record.Account != "AKIANEW" || string(p.wants[0].value) != fresh {
		t.Errorf("%s, %v", p.wants[0].record.Account, err)
	}
}
