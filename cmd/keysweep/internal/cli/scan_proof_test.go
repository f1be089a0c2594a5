package cli

import (
	"context"
	"crypto/ed25519"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"keysweep/finding"
	"keysweep/keys"
	"keysweep/keys/inventory"
)

// TestKnownKeyInWords: what is known of a key is told in a few words each, in the same order every time.
func TestKnownKeyInWords(t *testing.T) {
	home := filepath.FromSlash("/home/ann")
	at := func(name string) string { return filepath.Join(home, ".ssh", name) }
	key := &inventory.Key{
		Files: []inventory.File{{Path: at("id_b")}, {Path: at("id_a")}}, PublicFiles: []inventory.PublicFile{{Path: at("id_a.pub")}, {Path: at("x.pub"), Alone: true}},
		Agent: []inventory.AgentKey{{}, {Certificate: true}}, HostKey: true, Authorized: []inventory.Line{{Path: at("authorized_keys"), Number: 3}},
		Hosts: []inventory.Use{
			{Path: at("config"), Line: 2, Patterns: []string{"prod", "stage"}}, {Path: at("config"), Line: 5, Patterns: []string{"*"}},
			{Path: at("config"), Line: 7, Patterns: []string{"git"}, HostName: "git.example.org"},
		},
	}
	public := publicKey(t)
	known := &knownKeys{env: &Env{Home: home}, all: func() map[string]*inventory.Key { return map[string]*inventory.Key{public.SHA256(): key} }}
	want := []string{
		"as a key of this machine's SSH server", "as ~/.ssh/id_a", "as ~/.ssh/id_b", "by its public half ~/.ssh/x.pub", "in the agent, where it is loaded",
		"to let its owner in here (~/.ssh/authorized_keys:3)", "to open any host (~/.ssh/config:5)", "to open git.example.org (~/.ssh/config:7)",
		"to open prod, stage (~/.ssh/config:2)",
	}
	for i := range want {
		want[i] = strings.ReplaceAll(want[i], "~/.ssh/", "~"+string(filepath.Separator)+".ssh"+string(filepath.Separator))
	}
	if got := known.Key(public); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := known.Key(publicKey(t)); got != nil {
		t.Errorf("another key: %q", got)
	}
}

func publicKey(t *testing.T) keys.Public {
	t.Helper()
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	public, err := (&keys.Private{Key: private}).Public()
	if err != nil {
		t.Fatal(err)
	}
	return public
}

// TestServerTellsNothingOfItsKeys: who pushes a key learns what kind it is, and not that the server has it.
func TestServerTellsNothingOfItsKeys(t *testing.T) {
	private, err := keys.Generate(t.Context(), "ed25519", "")
	if err != nil {
		t.Fatal(err)
	}
	text, err := private.MarshalOpenSSH(nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	public, err := private.Public()
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, ".ssh"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, ".ssh", "authorized_keys"), public.Line("someone"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, receive := range []bool{true, false} {
		s := &scan{env: &Env{Home: home, Now: time.Now}, opts: &scanOptions{push: &pushScan{receive: receive}}}
		f := finding.Finding{Secret: finding.NewSecret(string(text)), Rules: []string{"private-key"}}
		s.prover(context.Background())(&f)
		told := slices.ContainsFunc(f.Proof, func(fact finding.Fact) bool { return fact.Name == finding.FactKnown })
		if len(f.Proof) < 3 || told == receive {
			t.Errorf("receiving a push: %v; told %v", receive, f.Proof)
		}
	}
}
