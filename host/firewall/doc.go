// Package firewall finds out who may reach a port of a machine: which firewalls are at work there, and what their rules together
// say about a new connection. It states facts; package policy/audit judges them.
//
// Start at Look, then ask Firewall.Reach about a port. Rules of iptables and nftables, ufw's files and firewalld's zones are read into
// one form (table), which is followed for all source addresses at once: chains are walked with the set of the addresses whose packets
// are still under way. What a rule says that is not understood makes an answer unknown for the addresses it is about, and never open
// or closed: each set is kept twice, as what is surely in it and as what may be.
package firewall
