package listen

import (
	"errors"
	"fmt"
	"net/netip"
	"path"
	"slices"
	"strings"

	"keysweep/host"
)

// Opening is a setting of a node by which its RPC answers every address.
type Opening struct {
	Setting string // as it is written: "rpcallowip=0.0.0.0/0"
	Node    string // what it is a setting of: "bitcoin.conf", "node.service"
	Origin  host.Origin
}

// nodeFiles are the settings of Bitcoin and those that descend from it, Flux among them; where "~" stands, each home directory is meant.
func nodeFiles() []string {
	return []string{"/etc/bitcoin/bitcoin.conf", "~/.bitcoin/bitcoin.conf", "~/.zelcash/zelcash.conf", "~/.flux/flux.conf", "~/.litecoin/litecoin.conf", "~/.zcash/zcash.conf"}
}

// openings finds them in files and in the commands of units. Files that are not there are passed over; other errors are returned.
func openings(s host.Source) (list []Opening, err error) {
	for _, name := range nodeFiles() {
		for _, file := range expand(s, name) {
			f, readErr := s.Read(file)
			switch {
			case host.Missing(readErr) || errors.Is(readErr, host.ErrNotCollected): // they hold passwords, and are not collected
			case readErr != nil:
				err = errors.Join(err, fmt.Errorf("read a node's settings: %s: %w", file, readErr))
			default:
				list = append(list, confOpenings(file, string(f.Data))...)
			}
		}
	}
	units, globErr := host.Glob(s, "/etc/systemd/system/*.service")
	if globErr != nil {
		return list, errors.Join(err, fmt.Errorf("look for nodes' units: %w", globErr))
	}
	for _, u := range units {
		f, readErr := s.Read(path.Join("/etc/systemd/system", u.Name))
		if host.Missing(readErr) {
			continue
		}
		if readErr != nil {
			err = errors.Join(err, fmt.Errorf("look for nodes' units: %s: %w", u.Name, readErr))
			continue
		}
		list = append(list, unitOpenings(path.Join("/etc/systemd/system", u.Name), string(f.Data))...)
	}
	return list, err
}

// maxHomes is how many home directories are looked at.
const maxHomes = 200

// expand puts each home directory of /etc/passwd in place of "~".
func expand(s host.Source, name string) []string {
	rest, ok := strings.CutPrefix(name, "~")
	if !ok {
		return []string{name}
	}
	f, err := s.Read("/etc/passwd")
	if err != nil {
		return nil
	}
	var list []string
	for line := range strings.SplitSeq(string(f.Data), "\n") {
		fields := strings.Split(line, ":")
		if len(fields) < 7 || !path.IsAbs(fields[5]) || fields[5] == "/" || len(list) >= maxHomes {
			continue
		}
		if file := path.Join(fields[5], rest); !slices.Contains(list, file) {
			list = append(list, file)
		}
	}
	return list
}

// confOpenings reads NAME=VALUE lines: rpcallowip says who may ask (bitcoind -help); without it only the machine itself may.
func confOpenings(file, text string) (list []Opening) {
	number := 0
	for line := range strings.SplitSeq(text, "\n") {
		number++
		line, _, _ = strings.Cut(line, "#")
		name, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if ok && strings.TrimSpace(name) == "rpcallowip" && everybody(strings.TrimSpace(value)) {
			setting := "rpcallowip=" + strings.TrimSpace(value)
			list = append(list, Opening{setting, path.Base(file), host.Origin{Path: file, Line: number, Text: setting}})
		}
	}
	return list
}

// everybody reports whether a value of rpcallowip stands for half of all addresses or more: "0.0.0.0/0", "0.0.0.0/0.0.0.0", "::/0", "*".
func everybody(value string) bool {
	if value == "*" {
		return true
	}
	addr, mask, ok := strings.Cut(value, "/")
	if _, err := netip.ParseAddr(addr); err != nil || !ok {
		return false
	}
	return mask == "0" || mask == "1" || mask == "0.0.0.0" || mask == "128.0.0.0"
}

// unitOpenings reads the commands that a unit starts: --http.addr 0.0.0.0 of go-ethereum (geth --help), --rpc-external of Substrate,
// --rpc.laddr of Tendermint, -rpcallowip of Bitcoin.
func unitOpenings(file, text string) (list []Opening) {
	number, inside := 0, false
	for line := range strings.SplitSeq(text, "\n") {
		number++
		command, starts := strings.CutPrefix(strings.TrimSpace(line), "ExecStart=")
		if !starts && !inside {
			continue
		}
		inside = strings.HasSuffix(command, "\\")
		words := strings.Fields(command)
		for i, word := range words {
			word = "-" + strings.TrimLeft(strings.Trim(word, `"'`), "-")
			name, value, joined := strings.Cut(word, "=")
			shown := words[i]
			if !joined && i+1 < len(words) {
				value = strings.Trim(words[i+1], `"'`)
			}
			open := false
			switch name {
			case "-http.addr", "-ws.addr", "-rpcaddr", "-wsaddr", "-authrpc.addr", "-graphql.addr", "-rpc.laddr":
				open = wildcard(value)
				if !joined {
					shown += " " + value
				}
			case "-rpc-external", "-unsafe-rpc-external", "-ws-external", "-unsafe-ws-external":
				open = true
			case "-rpcallowip":
				open = joined && everybody(value)
			}
			if open {
				list = append(list, Opening{shown, path.Base(file), host.Origin{Path: file, Line: number, Text: shown}})
			}
		}
	}
	return list
}

// wildcard reports whether an address to listen at stands for all of the machine's: "0.0.0.0", "tcp://0.0.0.0:26657", "::".
func wildcard(value string) bool {
	_, rest, ok := strings.Cut(value, "://")
	if ok {
		value = rest
	}
	if ap, err := netip.ParseAddrPort(value); err == nil {
		return ap.Addr().IsUnspecified()
	}
	a, err := netip.ParseAddr(strings.Trim(value, "[]"))
	return err == nil && a.IsUnspecified()
}
