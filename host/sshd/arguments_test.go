package sshd

import (
	"errors"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"keysweep/host"
	"keysweep/host/hosttest"
)

// TestArgumentsLikeSSHD compares what sshd -T prints with arguments, on random configurations. The same runs show that a reading without
// the arguments, and one in which they stand behind the files, would be seen.
func TestArgumentsLikeSSHD(t *testing.T) {
	groups := realGroups(t)
	r := newReal(t)
	without, behind, compared, refused := 0, 0, 0, 0
	for i := range rounds() / 4 {
		g := &generator{rand.New(rand.NewPCG(11, uint64(i))), r.dir, map[string]string{}}
		src := r.write(t, g.tree())
		file := filepath.Join(r.dir, "sshd_config")
		a := Arguments{Words: g.arguments(), Origin: host.Origin{Path: CommandLine}}
		c, err := ReadWith(src, file, a)
		if err != nil {
			t.Fatal(err)
		}
		conn := g.connection(groups)
		theirs, err := r.dump(conn, a.Words...)
		if (err != nil) != (c.Broken() != nil) {
			t.Fatalf("configuration %d, %q: sshd says %v; ours %v\n%s", i, a.Words, err, c.Problems, g.show())
		}
		if err != nil {
			refused++
			continue
		}
		compared++
		v := c.Resolve(conn)
		for name := range theirs {
			if errors.Is(v.Get(name).Err, errSuite) {
				delete(theirs, name)
			}
		}
		if diff := differences(printed(v), theirs); len(diff) > 0 {
			t.Fatalf("configuration %d, %q, %s:\n%s\n%s", i, a.Words, testSpec(conn), strings.Join(diff, "\n"), g.show())
		}
		plain, err := ReadFile(src, file)
		if err != nil || len(differences(printed(plain.Resolve(conn)), theirs)) > 0 {
			without++
		}
		late := *c
		late.steps = nil
		for _, onLine := range []bool{false, true} {
			for _, s := range c.steps {
				if (s.setting != nil && s.setting.Origin.Path == CommandLine) == onLine {
					late.steps = append(late.steps, s)
				}
			}
		}
		if len(differences(printed(late.Resolve(conn)), theirs)) > 0 {
			behind++
		}
	}
	t.Logf("%d answers equal, %d refused by both; without arguments %d differ, with arguments behind the files %d", compared, refused, without, behind)
	if without < compared/3 || behind < compared/40 || compared < rounds()/10 {
		t.Error("the comparison would not see a wrong reading, or hardly any was valid")
	}
}

// arguments are a few of those of sshd(8).
func (g *generator) arguments() (words []string) {
	for range g.IntN(5) {
		switch g.IntN(8) {
		case 0:
			words = append(words, "-p", g.pick("22", "2222", "2022"))
		case 1:
			words = append(words, "-p"+g.pick("22", "2222"))
		case 2:
			words = append(words, g.pick("-4", "-6", "-D4", "-De"))
		case 3:
			words = append(words, "-g", g.pick("30", "2m", "0"))
		case 4:
			words = append(words, "-o"+g.pick("Port=2223", "PermitRootLogin no", "PasswordAuthentication=no", "MaxAuthTries \"2\"", "PermitRootLogin=Yes", "AddressFamily=inet6", "LoginGraceTime=7"))
		default:
			words = append(words, "-o", strings.TrimSpace(g.setting(false)))
		}
	}
	return words
}

func TestParseArguments(t *testing.T) {
	for text, want := range map[string]string{
		"-D": "", "-De -E log": "", "-o A=b -oC d": "A=b", "-D -f /x -p 22 -p2222": "Port=22|Port=2222 in /x", "-4 -6": "AddressFamily=inet6",
		"-o AddressFamily=any -4": "AddressFamily=inet", "-g 5 -g 6": "LoginGraceTime=6", "-h k -c c": "HostKey=k|HostCertificate=c", "-De4of=x": "AddressFamily=inet|f=x", "-o": "",
	} {
		a := Arguments{Words: strings.Fields(text)}
		p := a.parse()
		var lines []string
		for _, l := range p.lines {
			lines = append(lines, l.text)
		}
		got := strings.Join(lines, "|")
		if p.config != "" {
			got += " in " + p.config
		}
		if text == "-o A=b -oC d" {
			want = "A=b|C"
		}
		if got != want || (p.err != nil) != (text == "-o") {
			t.Errorf("%q is %q, %v", text, got, p.err)
		}
	}
}

// TestStarted has units, files of variables and processes say what sshd is started with.
func TestStarted(t *testing.T) {
	const debian = "[Service]\nEnvironmentFile=-/etc/default/ssh\nExecStartPre=/usr/sbin/sshd -t\nExecStart=/usr/sbin/sshd -D $SSHD_OPTS\n[Install]\nWantedBy=multi-user.target\nAlias=sshd.service\n"
	const redHat = "[Service]\nEnvironmentFile=-/etc/crypto-policies/back-ends/opensshserver.config\nEnvironmentFile=-/etc/sysconfig/sshd\nExecStart=/usr/sbin/sshd -D $OPTIONS $CRYPTO_POLICY\n"
	lib := func(unit string) *hosttest.Machine {
		return hosttest.New(map[string]string{"/usr/lib/systemd/system/ssh.service": unit})
	}
	running := func(m *hosttest.Machine, said string) *hosttest.Machine {
		return m.File("/run/sshd.pid", "77\n").Program("ps -ww -C sshd -o pid=,args=", said)
	}
	title := "    5 /usr/sbin/sshd -o PermitRootLogin=yes\n   77 sshd: /usr/sbin/sshd -D -p 2222 [listener] 0 of 10-100 startups\n   90 sshd: root [priv]\n"
	for name, c := range map[string]struct {
		m    *hosttest.Machine
		want string
	}{
		"nothing":           {hosttest.New(nil), ""},
		"plain":             {lib(debian), "-D"},
		"empty":             {lib(debian).File("/etc/default/ssh", "SSHD_OPTS=\n"), "-D"},
		"options":           {lib(debian).File("/etc/default/ssh", "# x\nSSHD_OPTS='-o PermitRootLogin=yes -p 2222' # no comment\n"), "-D|-o|PermitRootLogin=yes|-p|2222"},
		"quoted":            {lib(debian).File("/etc/default/ssh", "SSHD_OPTS=-o \"AllowUsers a b\"\n"), "-D|-o|AllowUsers a b"},
		"drop-in":           {lib(debian).File("/etc/systemd/system/ssh.service.d/x.conf", "[Service]\nExecStart=\nExecStart=/usr/sbin/sshd -D -o \"MaxAuthTries 9\" -p ${P} $$x\nEnvironment=P=22\n"), "-D|-o|MaxAuthTries 9|-p|22|$x"},
		"red hat":           {lib("").File("/usr/lib/systemd/system/sshd.service", redHat).File("/etc/sysconfig/sshd", "OPTIONS=\"-u0\"\n").File("/etc/crypto-policies/back-ends/opensshserver.config", "CRYPTO_POLICY='-oCiphers=a,b -oMACs=c'\n"), "-D|-u0|-oCiphers=a,b|-oMACs=c"},
		"another program":   {lib("[Service]\nExecStart=/bin/sh -c 'exec sshd'\n"), "unknown"},
		"specifier":         {lib("[Service]\nExecStart=/usr/sbin/sshd -D -f /etc/ssh/%i\n"), "unknown"},
		"unreadable":        {lib(debian).File("/etc/default/ssh", "").Deny("/etc/default/ssh"), "unknown"},
		"withheld":          {lib("[Service]\nEnvironment=withheld\nEnvironment=A=withheld\nExecStart=/usr/sbin/sshd $A\n"), "unknown"},
		"open quote":        {lib("[Service]\nExecStart=/usr/sbin/sshd -o 'a\n"), "unknown"},
		"no systemd":        {hosttest.New(map[string]string{"/etc/default/ssh": "SSHD_OPTS=\"-p 2222\"\n"}), "-p|2222"},
		"alpine":            {hosttest.New(map[string]string{"/etc/conf.d/sshd": "SSHD_OPTS=\"-4\"\n"}), "-4"},
		"made by a shell":   {hosttest.New(map[string]string{"/etc/default/ssh": "SSHD_OPTS=\"-p $PORT\"\n"}), "unknown"},
		"running":           {running(lib(debian), title), "-D|-p|2222"},
		"running, of old":   {running(lib(debian), "   77 /usr/sbin/sshd -D -4\n"), "-D|-4"},
		"running, cut off":  {running(lib(debian), "   77 sshd: /usr/sbin/sshd -D -o Perm\n"), "-D"},
		"running, its unit": {running(lib(debian).File("/etc/default/ssh", "SSHD_OPTS='-o \"AllowUsers a b\"'\n"), "   77 sshd: /usr/sbin/sshd -D -o AllowUsers a b [listener] 0 of 10-100 startups\n"), "-D|-o|AllowUsers a b"},
	} {
		running, unit := Started(t.Context(), c.m, Socket{})
		a := unit
		if running.Running {
			a = running
		}
		got := strings.Join(a.Words, "|")
		if a.Err != nil {
			got = "unknown"
		}
		if got != c.want {
			t.Errorf("%s: %q, %v", name, got, a.Err)
		}
	}
}

// TestCommandLineWins has values of the command line stand above those of the files, and what is not known of it above both.
func TestCommandLineWins(t *testing.T) {
	m := machine(map[string]string{Path: "PermitRootLogin no\nPort 22\n", "/usr/sbin/sshd": "", "/etc/ssh/other": "MaxAuthTries 2\n",
		"/usr/lib/systemd/system/ssh.service": "[Service]\nExecStart=/usr/sbin/sshd -D -oPermitRootLogin=yes -p 2222\n"})
	f := Look(t.Context(), m, nil)
	v := f.Config.Resolve(Connection{}).Get("permitrootlogin")
	if !v.Is("yes") || v.Origin.String() != "/usr/lib/systemd/system/ssh.service:2" || len(v.Shadowed) != 1 || !f.Config.On(v.Origin) {
		t.Errorf("PermitRootLogin is %+v", v)
	}
	if p := f.Config.Resolve(Connection{}).Get("port"); !slices.Equal(p.Words, []string{"2222"}) {
		t.Errorf("ports %+v", p)
	}
	m.File("/etc/systemd/system/ssh.service.d/a.conf", "[Service]\nExecStart=\nExecStart=/usr/sbin/sshd -f /etc/ssh/other -D\n")
	if f = Look(t.Context(), m, nil); f.Config.Path != "/etc/ssh/other" || !f.Config.Resolve(Connection{}).Get("maxauthtries").Is("2") {
		t.Errorf("the file is %s", f.Config.Path)
	}
	m.File("/etc/systemd/system/ssh.service.d/b.conf", "[Service]\nEnvironmentFile=/etc/gone\n")
	if f = Look(t.Context(), m, nil); f.Config.Resolve(Connection{}).Get("maxauthtries").Err == nil {
		t.Error("with a command line that is not known, a value is known")
	}
}

func FuzzArguments(f *testing.F) {
	f.Add("-D $A ${B}x 'a b' -oPort=1", "A='-p 22'\nB=c\n")
	f.Fuzz(func(t *testing.T, command, variables string) {
		m := hosttest.New(map[string]string{Path: "Port 22\n", "/a": variables, "/usr/lib/systemd/system/ssh.service": "[Service]\nEnvironmentFile=-/a\nExecStart=/usr/sbin/sshd " + command + "\n"})
		_, unit := Started(t.Context(), m, Socket{})
		if _, err := ReadWith(m, Path, unit); err != nil && unit.parse().config == "" {
			t.Error(err)
		}
	})
}
