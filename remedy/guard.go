package remedy

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"keysweep/host"
	"keysweep/host/accounts"
	"keysweep/host/sshd"
	"keysweep/keys"
	"keysweep/keys/authorized"
)

func firstLine(text string) string {
	l, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return l
}

// guard says who would be locked out with a configuration.
func (f sshFix) guard(s *Situation, src host.Source, after *sshd.Config) []string {
	var refused []string
	a := accounts.Look(src)
	if a.Err != nil || a.GroupErr != nil {
		return []string{"who may log in is not known: /etc/passwd or /etc/group could not be read"}
	}
	g := gate{src: src, accounts: a, config: after, at: s}
	if f.shuts {
		if why := g.anybody(); why != "" {
			refused = append(refused, why)
		}
	}
	if s.Session != nil {
		if why := g.session(*s.Session, f.shuts); why != "" {
			refused = append(refused, why)
		}
	}
	return refused
}

// keeps says who would be locked out when a fix that opened a way in is taken back: without keys, a password must do.
func (f sshFix) keeps(s *Situation, src host.Source, after *sshd.Config) []string {
	v := after.Resolve(sshd.Connection{})
	if v.Get("pubkeyauthentication").Is("yes") || v.Get("passwordauthentication").Is("yes") || v.Get("kbdinteractiveauthentication").Is("yes") {
		return nil
	}
	shut := f
	shut.shuts = true
	return shut.guard(s, src, after)
}

// gate is sshd with a configuration.
type gate struct {
	src      host.Source
	accounts *accounts.Accounts
	config   *sshd.Config
	at       *Situation
}

// connections are how a user comes in: as in the session at hand, or from anywhere, by each port and address that sshd or its socket
// listens at. Those of the loopback count only if there are no others.
func (g gate) connections(u accounts.User) []sshd.Connection {
	c := sshd.Connection{User: u.Name, Groups: u.Groups, Addr: sshd.PublicAddress, Host: sshd.PublicAddress, LocalPort: 22}
	if s := g.at.Session; s != nil {
		c.Addr, c.Host, c.LocalAddr, c.LocalPort = s.Addr, s.Addr, s.LocalAddr, s.LocalPort
		return []sshd.Connection{c}
	}
	var list, inside []sshd.Connection
	for _, word := range g.listens() {
		at, err := netip.ParseAddrPort(word)
		if err != nil {
			continue
		}
		each := c
		if each.LocalPort = int(at.Port()); !at.Addr().IsUnspecified() {
			each.LocalAddr = at.Addr().Unmap().WithZone("").String()
		}
		if at.Addr().IsLoopback() {
			inside = append(inside, each)
		} else if !slices.ContainsFunc(list, func(o sshd.Connection) bool { return o.LocalPort == each.LocalPort && o.LocalAddr == each.LocalAddr }) {
			list = append(list, each)
		}
	}
	switch {
	case len(list) > 0:
		return list
	case len(inside) > 0:
		return inside
	}
	return []sshd.Connection{c}
}

// listens are the addresses with ports that sshd listens at, or, where systemd listens for it, its socket.
func (g gate) listens() (list []string) {
	if socket := sshd.LookSocket(g.src); socket.Unit != "" {
		for _, port := range socket.Ports() {
			list = append(list, "0.0.0.0:"+port)
		}
		return list
	}
	for _, word := range g.config.Resolve(sshd.Connection{}).Get("listenaddress").Words {
		word, _, _ = strings.Cut(word, " ")
		list = append(list, word)
	}
	return list
}

// byKey says why a user does not get in with a key; "" if he does, by one of the ports.
func (g gate) byKey(u accounts.User) string {
	first := ""
	for i, c := range g.connections(u) {
		why := g.byKeyAt(u, c)
		if why == "" {
			return ""
		}
		if i == 0 {
			first = why
		}
	}
	return first
}

func (g gate) byKeyAt(u accounts.User, c sshd.Connection) string {
	v := g.config.Resolve(c)
	if why := g.door(u, v, c); why != "" {
		return why
	}
	files, methods := v.Get("authorizedkeysfile"), v.Get("authenticationmethods")
	switch {
	case !v.Get("pubkeyauthentication").Is("yes"):
		return "keys are switched off"
	case files.Err != nil || methods.Err != nil:
		return "how he logs in is not known"
	case !keyAlone(methods):
		return "AuthenticationMethods asks for more than a key"
	}
	why, gone := revoked(g.src, v)
	if why != "" {
		return why
	}
	unread := ""
	for _, f := range accounts.KeyFiles(g.src, u, files.Words) {
		for _, l := range accounts.UsableKeys([]accounts.KeyFile{f}, g.at.Now) {
			switch {
			case !free(l.Options) || !takes(v, l.Public) || gone(l.Public):
			case !readable(g.src, u, f.Path):
				unread = "he may not read " + f.Path + ", as sshd does with his rights"
			default:
				return ""
			}
		}
	}
	if unread != "" {
		return unread
	}
	if !v.Get("trustedusercakeys").Is("none") {
		return "no key of his is one that sshd would take, and whether he has a certificate is not known here"
	}
	return "no key of his is one that sshd would take"
}

// takes reports whether sshd takes keys of this kind and size.
func takes(v sshd.Values, key keys.Public) bool {
	least, err := strconv.Atoi(v.Get("requiredrsasize").String())
	return v.AcceptsKey(key.Type) && (key.Type != "ssh-rsa" || err != nil || key.Bits >= least)
}

// free reports whether a key lets its owner work from anywhere: it is tied to no command and no address, and is no authority.
func free(options authorized.Options) bool {
	for _, name := range []string{"command", "from", "cert-authority"} {
		if _, tied := options.Get(name); tied {
			return false
		}
	}
	return true
}

func keyAlone(methods sshd.Value) bool {
	for _, m := range methods.Words {
		if m == "any" || m == "publickey" {
			return true
		}
	}
	return false
}

// door says why sshd would not let a user in at all.
func (g gate) door(u accounts.User, v sshd.Values, c sshd.Connection) string {
	ok, by := v.Admits(c)
	root := v.Get("permitrootlogin")
	switch {
	case !u.Login:
		return "his shell lets nobody in"
	case by.Err != nil:
		return "whether he may log in is not known"
	case !ok:
		return fmt.Sprintf("%s at %s keeps him out", by.Keyword, by.Origin)
	case u.UID == 0 && !root.Is("yes") && !root.Is("without-password"):
		return "root may not log in"
	}
	return g.account(u, v)
}

// anybody says why nobody who can repair the machine would get in with a key; "" if somebody does.
func (g gate) anybody() string {
	var why []string
	for _, u := range g.accounts.LoginUsers() {
		may, quiet, _ := g.accounts.Sudo.Root(u)
		if u.UID != 0 && !may {
			continue
		}
		reason := g.byKey(u)
		if reason == "" && u.UID != 0 && !quiet && u.Password != accounts.Usable {
			reason = "he has no password for sudo"
		}
		if reason == "" {
			return ""
		}
		if len(why) < 5 {
			why = append(why, u.Name+": "+reason)
		}
	}
	if !g.accounts.Sudo.Known() {
		why = append(why, "sudo: its rules could not be read")
	}
	return "nobody who may become root would get in with a key (" + strings.Join(why, "; ") + ")"
}

// session says why the user of the connection in use would not get in again by it.
func (g gate) session(s Session, shuts bool) string {
	u, ok := g.accounts.Find(s.User)
	if !ok {
		return fmt.Sprintf("you are logged in as %s, who is not in /etc/passwd: whether you get in again is not known", s.User)
	}
	if why := g.port(s.LocalPort); why != "" {
		return why
	}
	c := g.connections(u)[0]
	v := g.config.Resolve(c)
	if why := g.door(u, v, c); why != "" {
		return fmt.Sprintf("you are logged in as %s, and would not get in again: %s", u.Name, why)
	}
	if why := g.byKey(u); why != "" && shuts {
		return fmt.Sprintf("you are logged in as %s, and would not get in again with a key: %s", u.Name, why)
	}
	return ""
}

// port says why the port of the session in use would not be there any more: neither sshd listens at it nor its socket.
func (g gate) port(port int) string {
	ports := g.config.Resolve(sshd.Connection{}).Get("listenaddress")
	if port == 0 || ports.Err == nil && hasPort(ports.Words, port) {
		return ""
	}
	socket := sshd.LookSocket(g.src)
	switch {
	case socket.Err != nil:
		return fmt.Sprintf("you are logged in through port %d, and what %s listens at is not known: %v", port, socket.Unit, socket.Err)
	case slices.Contains(socket.Ports(), strconv.Itoa(port)):
		return ""
	case socket.Unit != "":
		return fmt.Sprintf("you are logged in through port %d, and %s, which listens for sshd, would not listen there (%s)", port, socket.Unit, socket.Origin)
	}
	return fmt.Sprintf("you are logged in through port %d, and sshd would not listen there", port)
}

func hasPort(addresses []string, port int) bool {
	suffix := fmt.Sprintf(":%d", port)
	for _, a := range addresses {
		a, _, _ = strings.Cut(a, " ")
		if strings.HasSuffix(a, suffix) {
			return true
		}
	}
	return false
}
