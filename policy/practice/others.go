package practice

import "strings"

// Other is a line of a guide that asks for nothing.
type Other struct {
	Line
	Kind string // "heading": a title, a number or the lead to a list; "prose": an introduction, a motivation or a reference
	Text string // what it says, in our words
}

// Others lists the lines of the guides that no practice comes from, in the order of the guides.
func Others() (list []Other) {
	for line := range strings.Lines(others) {
		where, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		kind, text, _ := strings.Cut(rest, " ")
		for _, l := range at(where) {
			list = append(list, Other{l, kind, text})
		}
	}
	return list
}

const others = `000:1 heading link past the navigation
000:3 heading title
000:5 prose what the guide is for
000:7 heading accounts
000:9 heading protecting credentials
000:13 heading phishing
000:18 heading SSH keys
000:22 heading the list on SSH keys
000:29 prose where connecting is explained
000:31 heading API keys
000:33 prose what API keys are for
000:35 heading the list on API keys
000:43 heading monitoring
000:45 heading lead to the list of what to look at
000:50 heading lead to the list of alerts
000:55 prose where billing is explained
000:57 heading instances
000:59 heading their network
000:64 heading their system
000:69 heading their startup scripts
000:75 prose where startup scripts are shown
000:77 heading channels and support
000:90 heading reporting
000:92 heading lead to the list of first steps
000:97 heading lead to the list of what to report
000:102 heading the guide's own checklist
000:104 heading its accounts
000:107 heading its keys
000:112 heading its instances
000:118 heading further reading
001:1 heading publisher
001:2 heading section of the site
001:4 heading title
001:6 prose what the guide is for
001:8 prose how long it takes to read
001:9 prose key words
001:11 heading lead: who runs nodes answers for clients, too
001:13 heading keys and wallets
001:15 prose the principle: keys are what matters most
001:26 heading servers
001:28 prose why servers are attacked
001:30 heading SSH
001:32 prose why SSH comes first
001:34 heading number of a step
001:40 heading number of a step
001:46 heading number of a step
001:52 heading number of a step
001:58 heading title of the listing for sshd_config
001:67 heading firewall
001:71 heading title of the listing for ufw
001:73 heading comment in the listing: defaults
001:77 heading comment in the listing: SSH
001:80 heading comment in the listing: ports of the node
001:89 heading comment in the listing: switching it on
001:94 heading maintenance
001:104 heading title of the listing for automatic updates
001:109 heading comment in the listing: proof
001:112 heading credentials of clients
001:114 prose why they are protected
001:122 heading backups
001:124 prose what backups are for
001:126 heading head of the table of backups
001:133 heading incidents
001:137 heading number of a step
001:143 heading number of a step
001:149 heading number of a step
001:155 heading number of a step
001:161 heading number of a step
001:167 heading number of a step
002:1 heading front matter
002:2 heading title
002:3 heading front matter
002:5 heading surroundings
002:10 heading people
002:16 heading facilities
002:25 heading communication
002:31 heading login
002:38 heading system
002:43 heading ports
002:48 heading versions
002:53 heading services
002:62 heading logs
002:67 heading backup
`
