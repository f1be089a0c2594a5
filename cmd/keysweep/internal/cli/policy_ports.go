package cli

import (
	"fmt"
	"strconv"
	"strings"

	"keysweep/policy/audit"
)

// parsePorts reads ports as people write them: "443/tcp", "16124-16129/tcp", "53/udp"; without a protocol it is tcp.
func parsePorts(list []string) (ports []audit.Port, err error) {
	for _, text := range list {
		numbers, protocol, named := strings.Cut(text, "/")
		if !named {
			protocol = "tcp"
		}
		if protocol != "tcp" && protocol != "udp" {
			return nil, fmt.Errorf("%q: the protocol is neither tcp nor udp", text)
		}
		from, to, isRange := strings.Cut(numbers, "-")
		if !isRange {
			to = from
		}
		first, err1 := strconv.ParseUint(from, 10, 16)
		last, err2 := strconv.ParseUint(to, 10, 16)
		if err1 != nil || err2 != nil || first == 0 || first > last {
			return nil, fmt.Errorf("%q is no port from 1 to 65535, and no range of them", text)
		}
		ports = append(ports, audit.Port{First: uint16(first), Last: uint16(last), Protocol: protocol})
	}
	return ports, nil
}

// portWords writes a port as parsePorts reads it.
func portWords(p audit.Port) string {
	if p.First == p.Last {
		return fmt.Sprintf("%d/%s", p.First, p.Protocol)
	}
	return fmt.Sprintf("%d-%d/%s", p.First, p.Last, p.Protocol)
}
