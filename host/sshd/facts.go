package sshd

import (
	"context"
	"fmt"
	"net/netip"
	"path"
	"slices"
	"strings"
	"time"

	"keysweep/host"
)

// Facts are what is known of the SSH server of a machine.
type Facts struct {
	Binary    string // where sshd is installed
	BinaryErr error  // fs.ErrNotExist: it is not
	Config    *Config
	ConfigErr error // why its main file could not be read

	// Unit is what sshd is started with at the next start; Config.Arguments are those of the sshd that runs, if one does.
	Unit Arguments

	Test    *host.Output // what sshd -t says
	TestErr error        // why it was not asked
	Answers []Answer     // what sshd says holds, for connections that may differ
	AskErr  error        // why sshd was not asked, or did not answer
	// Disputes are the keywords of which it says something else than was read of its files.
	Disputes []Dispute

	Loaded    time.Time // when the running sshd read its configuration: the time of its pid file
	LoadedErr error     // fs.ErrNotExist: none runs
	Changed   time.Time // of the newest of its configuration's files
	Newest    string    // that file

	Socket Socket
}

// Login is a user that is asked about, and his groups.
type Login struct {
	User   string
	Groups []string
}

// Answer is what sshd -T -C says for a connection.
type Answer struct {
	Connection Connection
	Values     map[string][]string // by keyword, in the order of its lines
}

// NoSuchUser is the name that stands for users who do not exist.
const NoSuchUser = "keysweep-no-such-user"

// Addresses that stand for the rest of the world (RFC 5737) and for the machine itself.
const (
	PublicAddress   = "203.0.113.9"
	LoopbackAddress = "127.0.0.1"
)

// maxAnswers bounds how often sshd is asked; one answer takes it about ten milliseconds.
const maxAnswers = 24

// Look finds out all of it. On a live machine it asks sshd for the logins given.
func Look(ctx context.Context, src host.Source, logins []Login) *Facts {
	f := &Facts{}
	f.Binary, f.BinaryErr = Binary(src)
	f.Socket = LookSocket(src)
	running, unit := Started(ctx, src, f.Socket)
	f.Unit = unit
	if running.Running {
		unit = running
	}
	f.Config, f.ConfigErr = ReadWith(src, Path, unit)
	f.LoadedErr = host.ErrNotRun
	if f.Config == nil || f.BinaryErr != nil {
		return f
	}
	f.times(src)
	f.Test, f.TestErr = src.Run(ctx, append([]string{"sshd", "-t"}, f.Config.Arguments.asked()...)...)
	f.ask(ctx, src, logins)
	f.Disputes = f.disputes()
	return f
}

func (f *Facts) times(src host.Source) {
	for _, name := range f.Config.Files {
		if info, err := src.Stat(name); err == nil && info.Time.After(f.Changed) {
			f.Changed, f.Newest = info.Time, name
		}
	}
	if src.Kind() == host.Image {
		return
	}
	pid := f.Config.Resolve(Connection{}).Get("pidfile")
	if pid.Err != nil || pid.is("none") {
		f.LoadedErr = fmt.Errorf("sshd writes no pid file: %w", host.ErrNotCollected)
		return
	}
	info, err := src.Stat(pid.String())
	f.Loaded, f.LoadedErr = info.Time, err
}

// ask asks sshd for each login and each address that a Match line sets apart.
func (f *Facts) ask(ctx context.Context, src host.Source, logins []Login) {
	for _, c := range f.Config.Probes(logins) {
		if len(f.Answers) >= maxAnswers {
			return
		}
		out, err := src.Run(ctx, append([]string{"sshd", "-T", "-C", specification(c)}, f.Config.Arguments.asked()...)...)
		if err != nil {
			f.AskErr = err
			return
		}
		if out.Exit != 0 {
			said, _, _ := strings.Cut(strings.TrimSpace(string(out.Stderr)), "\n")
			f.AskErr = fmt.Errorf("sshd -T ended with %d: %s", out.Exit, said)
			return
		}
		f.Answers = append(f.Answers, Answer{c, parseAnswer(string(out.Stdout))})
	}
}

func specification(c Connection) string {
	return fmt.Sprintf("user=%s,host=%s,addr=%s,laddr=%s,lport=%d,rdomain=%s", c.User, c.Host, c.Addr, c.LocalAddr, c.LocalPort, c.RDomain)
}

func parseAnswer(text string) map[string][]string {
	all := map[string][]string{}
	for l := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimRight(l, "\r\n"), " ")
		all[name] = append(all[name], value)
	}
	return all
}

// Probes are connections that may differ: root, the logins given and a user who does not exist, from anywhere, from the machine itself
// and from one address of each network that a Match line names.
func (c *Config) Probes(logins []Login) []Connection {
	addresses := c.addresses()
	list := slices.Clone(logins)
	if !slices.ContainsFunc(list, func(l Login) bool { return l.User == "root" }) {
		list = append(list, Login{"root", []string{"root"}})
	}
	slices.SortStableFunc(list, func(a, b Login) int { return rank(a) - rank(b) })
	list = slices.Insert(list, 1, Login{User: NoSuchUser})
	var probes []Connection
	for _, addr := range addresses {
		for _, l := range list {
			if plainName(l.User) {
				probes = append(probes, c.connection(l, addr))
			}
		}
	}
	return probes
}

// rank puts root first.
func rank(l Login) int {
	if l.User == "root" {
		return 0
	}
	return 1
}

// connection is one as sshd sees it, at its first port; the host is the address, as without UseDNS.
func (c *Config) connection(l Login, addr string) Connection {
	local := "198.51.100.1"
	if addr == LoopbackAddress {
		local = addr
	}
	number := 22
	if ports := c.Resolve(Connection{}).Get("port").Words; len(ports) > 0 {
		if n, err := strict(ports[0], 65535); err == nil {
			number = int(n)
		}
	}
	return Connection{User: l.User, Groups: l.Groups, Host: addr, Addr: addr, LocalAddr: local, LocalPort: number, RDomain: "none",
		Invalid: l.User == NoSuchUser}
}

func plainName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_.", r)
	})
}

// maxNetworks bounds from how many networks of Match lines is asked.
const maxNetworks = 6

func (c *Config) addresses() []string {
	list := []string{PublicAddress, LoopbackAddress}
	for _, b := range c.blocks {
		for _, k := range b.Criteria {
			if k.Name != "address" {
				continue
			}
			for e := range strings.SplitSeq(k.Arg, ",") {
				p, kind := parseNetwork(strings.TrimPrefix(e, "!"))
				if a := within(p); kind == aNetwork && !slices.Contains(list, a) && len(list) < maxNetworks {
					list = append(list, a)
				}
			}
		}
	}
	return list
}

// within is an address of a network: the second one, or the only one.
func within(p netip.Prefix) string {
	a := p.Addr()
	if n := a.Next(); n.IsValid() && p.Contains(n) {
		a = n
	}
	return a.String()
}

// Dispute is a keyword that sshd and this package see differently.
type Dispute struct {
	Keyword    string
	Connection Connection
	Ours, Real string
}

// disputes compares what sshd answered with what was read of its files.
func (f *Facts) disputes() []Dispute {
	var list []Dispute
	for _, a := range f.Answers {
		v := f.Config.Resolve(a.Connection)
		for _, name := range slices.Sorted(mapKeys(a.Values)) {
			ours := v.Get(name)
			said, sounds := strings.Join(a.Values[name], " "), ours.String()
			if ours.Err != nil || ours.Words == nil || said == sounds || name == "hostkey" {
				continue
			}
			list = append(list, Dispute{name, a.Connection, sounds, said})
		}
	}
	return list
}

// Socket is the unit of systemd that listens for sshd.
type Socket struct {
	Unit    string   // "ssh.socket"; "" if there is none that is started at boot
	Streams []string // what it listens on: "22", "0.0.0.0:2222"
	Origin  host.Origin
	Err     error // why it is not known
}

// unitDirs are where systemd looks for units, the first one first, and what a generator of Ubuntu's writes.
var unitDirs = []string{"/etc/systemd/system", "/run/systemd/system", "/run/systemd/generator", "/usr/lib/systemd/system", "/lib/systemd/system"}

// LookSocket finds the unit that listens for sshd: one that is started at boot.
func LookSocket(src host.Source) Socket {
	for _, unit := range []string{"ssh.socket", "sshd.socket"} {
		_, err := src.Lstat("/etc/systemd/system/sockets.target.wants/" + unit)
		if host.Missing(err) {
			continue
		}
		s := Socket{Unit: unit, Err: err}
		for _, dir := range unitDirs {
			f, err := src.Read(path.Join(dir, unit))
			if err == nil {
				s.read(f)
				break
			}
			if !host.Missing(err) {
				s.Err = err
			}
		}
		s.dropIns(src)
		return s
	}
	return Socket{}
}

// dropIns reads the files beside the unit, in the order of their names; of two with one name the first directory's counts.
func (s *Socket) dropIns(src host.Source) {
	files := map[string]string{}
	for _, dir := range unitDirs {
		list, err := host.Glob(src, path.Join(dir, s.Unit+".d", "*.conf"))
		if err != nil {
			s.Err = err
		}
		for _, e := range list {
			if _, hidden := files[e.Name]; !hidden {
				files[e.Name] = path.Join(dir, s.Unit+".d", e.Name)
			}
		}
	}
	for _, name := range slices.Sorted(mapKeys(files)) {
		f, err := src.Read(files[name])
		if err != nil {
			s.Err = err
			continue
		}
		s.read(f)
	}
}

func (s *Socket) read(f *host.File) {
	for i, l := range strings.Split(string(f.Data), "\n") {
		name, value, ok := strings.Cut(strings.TrimSpace(l), "=")
		if !ok || strings.TrimSpace(name) != "ListenStream" || len(s.Streams) > 100 {
			continue
		}
		s.Origin = host.Origin{Path: f.Path, Line: i + 1, Text: strings.TrimSpace(l)}
		if value = strings.TrimSpace(value); value == "" {
			s.Streams = nil
			continue
		}
		s.Streams = append(s.Streams, value)
	}
}

// Ports are the numbers that the socket listens on; sockets that are no ports are left out.
func (s *Socket) Ports() []string {
	var list []string
	for _, w := range s.Streams {
		p := w[strings.LastIndexByte(w, ':')+1:]
		if _, err := strict(p, 65535); err == nil && !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	return list
}
