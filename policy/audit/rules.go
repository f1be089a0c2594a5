package audit

import (
	"net/netip"
	"slices"

	"keysweep/finding"
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
	Known        []netip.Prefix // from where people log in, as the policy says
	UptimeDays   int            // the most that is normal between reboots

	Severities map[string]finding.Severity // of checks, by id, where the policy sets them
	Custom     []Custom                    // the policy's own checks of settings
	Clients    ClientData                  // where data of clients lies
	Contacts   []Contact                   // for incidents
	Channels   []Channel                   // official ones
}

// ClientData says where data of clients lies, and for how long it may.
type ClientData struct {
	Paths []string // absolute, on the machine that is looked at
	Days  int      // files that did not change for longer are to be deleted; 0: nothing is said
	Where string   // file and line of the policy
}

// Custom is a check that the policy describes: a setting in a file, and what it should be.
type Custom struct {
	ID       string // of a practice or check, whose place it takes, or the policy's own: "p2p.per-ip-limit"
	File     string // absolute, on the machine that is looked at
	Format   string // "toml", "yaml", "json", "ini", "properties", "plain"
	Key      string // with dots between tables, sections or maps: "p2p.max_per_ip"
	Op       string // one of CustomOps
	Value    string // compared as a number where both sides are one
	Title    string // what is wrong if it fails; "" for a general one
	Fix      string // "" for a general one
	Severity finding.Severity
	Where    string // file and line of the policy
}

// CustomOps lists how settings are compared: "exists" and "absent" take no value, "matches" takes a regular expression.
func CustomOps() []string {
	return []string{"==", "!=", "<", "<=", ">", ">=", "exists", "absent", "contains", "matches"}
}

// WaiversOf returns the waivers that are about some of the checks, and those that are about a path alone.
func (r *Rules) WaiversOf(checks []Check) (list []Waiver) {
	for _, w := range r.Waivers {
		if w.Check == "" || slices.ContainsFunc(checks, func(c Check) bool { return w.Names(c.ID) }) {
			list = append(list, w)
		}
	}
	return list
}

// MachineChecks returns every check of machines that these rules know: the table's, and the policy's own.
func (r *Rules) MachineChecks() []Check {
	list := HostChecks()
	for i := range r.Custom {
		list = append(list, r.Custom[i].check())
	}
	return list
}

// Keep returns the results of checks that the policy did not switch off, with the severities that it sets.
func (r *Rules) Keep(results []finding.Result) []finding.Result {
	kept := slices.DeleteFunc(slices.Clone(results), func(x finding.Result) bool { return r.off(x.Check) })
	r.Regrade(kept)
	return kept
}

// Regrade gives results of failed and unknown checks the severity that the policy sets for them.
func (r *Rules) Regrade(results []finding.Result) {
	for i := range results {
		x := &results[i]
		if s, set := r.Severities[x.Check]; set && (x.State == finding.Fail || x.State == finding.Undetermined) {
			x.Severity = s
		}
	}
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

// own reports whether a check of the policy's own takes the place of the one that there is.
func (r *Rules) own(id string) bool {
	return slices.ContainsFunc(r.Custom, func(c Custom) bool { return c.ID == id })
}

// Has reports whether a list of ports holds a port.
func Has(list []Port, number uint16, protocol string) bool {
	return slices.ContainsFunc(list, func(p Port) bool {
		return p.Protocol == protocol && p.First <= number && number <= p.Last
	})
}
