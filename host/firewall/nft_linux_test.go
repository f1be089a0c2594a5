package firewall_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"keysweep/host/firewall"
)

// TestNftablesFilesAreReadAsNftDoes has nft load random and handwritten rulesets, and compares what the kernel then says with what we read from the text.
func TestNftablesFilesAreReadAsNftDoes(t *testing.T) {
	if !inside(t) {
		return
	}
	sh(t, "mount -t sysfs none /sys; ip link set lo up; ip link add eth0 type veth peer name eth1")
	texts := handwritten
	for seed := range uint64(60) {
		texts = append(texts, randomNft(rand.New(rand.NewPCG(seed, 23))))
	}
	for i, text := range texts {
		file := filepath.Join(t.TempDir(), "rules")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		sh(t, "nft flush ruleset; nft -f "+file)
		live, read := look(t), firewall.Look(context.Background(), nftImage(text))
		if read.Err != nil {
			t.Fatalf("%d: %v\n%s", i, read.Err, text)
		}
		read.Interfaces = live.Interfaces
		sameAnswers(t, fmt.Sprintf("ruleset %d", i), live, read)
		if t.Failed() {
			t.Fatal(text)
		}
	}
}
