package remedy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"keysweep/host"
	"keysweep/host/firewall"
)

// nft is the service that loads a file of rules. Ours are a table of our own, in a file of our own which that file includes: what another
// table drops is dropped, whatever ours says, and what ours drops no other table can let in.
type nft struct{ main string }

const (
	nftOwn     = "/etc/nftables.d/zz-keysweep.nft"
	nftInclude = "include \"/etc/nftables.d/*keysweep.nft\"" // a pattern, which may fit no file
	nftTable   = "inet keysweep"
	nftHeader  = "# Made by keysweep fix; taken back by keysweep fix ID --revert. What is dropped here no other table can let in.\n" +
		"table " + nftTable + "\nflush table " + nftTable + "\n"
)

func (m nft) put(src host.Source, id string, w want) (changes []Change, notes []string, err error) {
	own, err := openOwn(src, nftOwn, nftHeader, "")
	if err != nil {
		return nil, nil, err
	}
	own.set(id, nftRules(id, w))
	changes = own.changes(0o644)
	notes = []string{"the table " + nftTable + " is beside the others: to let a port in again that it closes, take the fix back"}
	if slices.Contains(firewall.Look(context.Background(), boot(src, changes)).Kinds(), "nftables table "+nftTable) {
		return changes, notes, nil // it is included already
	}
	main, err := openBlock(src, m.main)
	if err != nil {
		return nil, nil, err
	}
	if main.state == nil {
		return nil, nil, fmt.Errorf("%s is not there", m.main)
	}
	main.set("include", nftInclude, atEnd)
	return append(changes, main.changes()...), notes, nil
}

func (m nft) take(src host.Source, id string) (changes []Change, err error) {
	own, err := openOwn(src, nftOwn, nftHeader, "")
	if err != nil || own.state == nil {
		return nil, err
	}
	own.set(id, "")
	if len(own.dropIn.lines) == 0 && m.main != "" {
		main, err := openBlock(src, m.main)
		if err != nil {
			return nil, err
		}
		main.set("include", "", atEnd)
		changes = main.changes()
	}
	return append(changes, own.changes(0o644)...), nil
}

func (nft) loaded(_ context.Context, src host.Source, now *firewall.Firewall, _ string) bool {
	_, err := src.Stat(nftOwn)
	return host.Missing(err) && slices.Contains(now.Kinds(), "nftables table "+nftTable)
}

func (nft) command() string { return "nft -f " + nftOwn }

// test has nft read our file, and the whole of what is loaded at boot if that is on the disk.
func (m nft) test(ctx context.Context, s *Situation, src host.Source) error {
	state, err := current(src, nftOwn)
	if err != nil {
		return err
	}
	if state != nil {
		err = scratch(map[string]string{"own.nft": string(state.Data)}, func(path map[string]string) error {
			_, err := s.run(ctx, "nft", "-c", "-f", path["own.nft"])
			return err
		})
	}
	if _, candidate := src.(overlay); err != nil || candidate || m.main == "" {
		return err
	}
	_, err = s.run(ctx, "nft", "-c", "-f", m.main)
	return err
}

// load replaces our table in one step; the tables of others stay as they are, with all that they learned.
func (nft) load(ctx context.Context, s *Situation) error {
	state, err := current(s.Open(), nftOwn)
	if err != nil {
		return err
	}
	text := "table " + nftTable + "\ndelete table " + nftTable + "\n"
	if state != nil {
		text += string(state.Data)
	}
	return scratch(map[string]string{"load.nft": text}, func(path map[string]string) error {
		_, err := s.run(ctx, "nft", "-f", path["load.nft"])
		return err
	})
}

// nftRules are a chain for a fix. It comes after those of others, at whose priority most chains are (0).
func nftRules(id string, w want) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, "\t\t"+format+"\n", args...) }
	b.WriteString("table " + nftTable + " {\n\tchain " + strings.NewReplacer(".", "_", "-", "_").Replace(id) + " {\n")
	line("type filter hook input priority 10; policy accept;")
	line("ct state established,related accept")
	line("iifname \"lo\" accept")
	for _, name := range inner {
		line("iifname \"%s*\" accept", name)
	}
	verdict := func(list []Port, what string) {
		for _, protocol := range []string{"tcp", "udp"} {
			if words := spans(list, protocol, "-"); len(words) > 0 {
				line("%s dport { %s } %s", protocol, strings.Join(words, ", "), what)
			}
		}
	}
	if w.deny {
		line("meta l4proto { icmp, ipv6-icmp } accept")
		line("udp dport { 68, 546 } accept") // answers of DHCP
		verdict(w.open, "accept")
		for _, family := range w.families {
			line("meta nfproto %s drop", strings.ToLower(family.String()))
		}
	}
	verdict(w.close, "drop")
	b.WriteString("\t}\n}")
	return b.String()
}
