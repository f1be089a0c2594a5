package audit

import (
	"slices"
)

// Rules are what checks compare with. The zero value is not usable; start from Baseline.
type Rules struct {
	Profile string   // name and version: "baseline@1"
	Off     []string // ids of checks that the policy switched off
	Waivers []Waiver // of failed checks, and of what is unknown; Settle applies them

	MaxAuthTries int      // of sshd; at most
	Allow        []Port   // ports that may listen for everybody
	Public       []Port   // ports that may be open to every address on purpose: 443/tcp
	Required     []Port   // ports that must be open
	NodeServices []string // units that must not run as root, beside those that listen outside
	Software     []Software
	UptimeDays   int // the most that is normal between reboots
}

// Port is a range of ports of a protocol.
type Port struct {
	First, Last uint16
	Protocol    string // "tcp", "udp"
}

// Software is a program that must not be older than a version.
type Software struct {
	Name    string
	Command []string // says the version
	Minimum string
}

// Baseline returns the rules that every machine is held to.
func Baseline() *Rules {
	return &Rules{Profile: "baseline@1", MaxAuthTries: 3, UptimeDays: 90}
}

func (r *Rules) off(id string) bool { return slices.Contains(r.Off, id) }

// Has reports whether a list of ports holds a port.
func Has(list []Port, number uint16, protocol string) bool {
	return slices.ContainsFunc(list, func(p Port) bool {
		return p.Protocol == protocol && p.First <= number && number <= p.Last
	})
}
