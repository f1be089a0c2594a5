package sshd

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"keysweep/host"
	"keysweep/host/hosttest"
	"keysweep/internal/testneed"
)

// realSSHD is the sshd of this machine, which tests compare with.
type realSSHD struct {
	path, key, dir string
	banner         host.Output
	release        []byte
}

func newReal(t testing.TB) *realSSHD {
	t.Helper()
	path, _ := Binary(hereOnly{})
	if path == "" {
		path = testneed.Program(t, "/usr/sbin/sshd")
	}
	dir := t.TempDir()
	r := &realSSHD{path: path, key: filepath.Join(dir, "hostkey"), dir: filepath.Join(dir, "conf")}
	if out, err := exec.Command(testneed.Program(t, "ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", r.key).CombinedOutput(); err != nil {
		t.Fatalf("ssh-keygen: %v\n%s", err, out)
	}
	said, _ := exec.Command(path, "-V").CombinedOutput() // before 9.3 it ends with 1
	r.banner = host.Output{Stderr: said}
	r.release, _ = os.ReadFile("/etc/os-release")
	return r
}

// hereOnly answers Stat from the real machine.
type hereOnly struct{ host.Source }

func (hereOnly) Stat(path string) (host.Info, error) {
	_, err := os.Stat(path)
	return host.Info{}, err
}

// dump asks sshd for a connection; the answer is keyword -> lines, in its order. The first host key, which is the test's, is left out.
func (r *realSSHD) dump(conn Connection, arguments ...string) (map[string][]string, error) {
	cmd := exec.Command(r.path, append([]string{"-T", "-f", filepath.Join(r.dir, "sshd_config"), "-h", r.key, "-C", testSpec(conn)}, arguments...)...)
	cmd.Dir = "/"
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, said.String())
	}
	all := map[string][]string{}
	for l := range strings.Lines(string(out)) {
		name, value, _ := strings.Cut(strings.TrimRight(l, "\n"), " ")
		all[name] = append(all[name], value)
	}
	all["hostkey"] = all["hostkey"][1:]
	for i, path := range all["hostkey"] {
		if path == "(null)" { // a host key that is none
			all["hostkey"][i] = "none"
		}
	}
	if len(all["hostkey"]) == 0 {
		delete(all, "hostkey")
	}
	return all, nil
}

func testSpec(c Connection) string {
	return fmt.Sprintf("user=%s,host=%s,addr=%s,laddr=%s,lport=%d,rdomain=%s", c.User, c.Host, c.Addr, c.LocalAddr, c.LocalPort, c.RDomain)
}

// printed are our values in the form of sshd -T.
func printed(v Values) map[string][]string {
	all := map[string][]string{}
	for _, name := range v.Keywords() {
		value := v.Get(name)
		if len(value.Words) == 0 || errors.Is(value.Err, errSuite) || name == "debianbanner" || name == "pamservicename" { // sshd -T leaves them out
			continue
		}
		if slices.Contains(onePerLine, name) {
			all[name] = value.Words
			continue
		}
		all[name] = []string{value.String()}
	}
	if v.Get("hostkey").Origin == (host.Origin{}) {
		delete(all, "hostkey") // the defaults are off if a key is given on the command line
	}
	return all
}

// onePerLine are the keywords that sshd -T prints with a line for each word.
var onePerLine = []string{"port", "listenaddress", "hostkey", "hostcertificate", "allowusers", "denyusers", "allowgroups", "denygroups",
	"acceptenv", "setenv", "subsystem"}

// differences compares the two, whatever the order of keywords.
func differences(ours, theirs map[string][]string) []string {
	for _, all := range []map[string][]string{ours, theirs} {
		if slices.Equal(all["channeltimeout"], []string{"none"}) { // sshd prints it only if a Match block says so
			delete(all, "channeltimeout")
		}
	}
	var list []string
	for name, want := range theirs {
		if !slices.Equal(ours[name], want) {
			list = append(list, fmt.Sprintf("%s: ours %q, sshd %q", name, ours[name], want))
		}
	}
	for name, got := range ours {
		if _, ok := theirs[name]; !ok {
			list = append(list, fmt.Sprintf("%s: ours %q, sshd prints none", name, got))
		}
	}
	slices.Sort(list)
	return list
}

// write puts a tree of files where sshd finds them, and into a machine.
func (r *realSSHD) write(t testing.TB, tree map[string]string) host.Source {
	t.Helper()
	if err := os.RemoveAll(r.dir); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for name, content := range tree {
		path := filepath.Join(r.dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
		files[path] = content
	}
	files["/etc/os-release"] = string(r.release)
	files["/etc/services"] = "ssh\t22/tcp\t\t# SSH\n"
	return hosttest.New(files).Result("sshd -V", r.banner)
}

// rounds is how many configurations are tried: 500, or as many as KEYSWEEP_SSHD_ROUNDS says.
func rounds() int {
	if n, err := strconv.Atoi(os.Getenv("KEYSWEEP_SSHD_ROUNDS")); err == nil {
		return n
	}
	return 500
}

// TestLikeSSHD compares every keyword that sshd -T prints, and whether sshd starts at all, on random configurations. The same runs show
// that two wrong readings would be seen: one in which Match leaks out of an included file, one in which the last value wins.
func TestLikeSSHD(t *testing.T) {
	groups := realGroups(t)
	const parts = 2
	for part := range parts {
		t.Run(strconv.Itoa(part), func(t *testing.T) {
			t.Parallel()
			compare(t, groups, part, parts)
		})
	}
}

// compare tries every so many-th configuration, from one on.
func compare(t *testing.T, groups map[string][]string, from, every int) {
	r := newReal(t)
	var leaks, lasts, compared, refused int
	for i := from; i < rounds(); i += every {
		g := &generator{rand.New(rand.NewPCG(7, uint64(i))), r.dir, map[string]string{}}
		src := r.write(t, g.tree())
		c, err := ReadFile(src, filepath.Join(r.dir, "sshd_config"))
		if err != nil {
			t.Fatal(err)
		}
		if c.Version.Newer() {
			t.Fatalf("the version of the real sshd is not known: %q", r.banner.Stderr)
		}
		for range 3 {
			conn := g.connection(groups)
			theirs, err := r.dump(conn)
			if (err != nil) != (c.Broken() != nil) {
				t.Fatalf("configuration %d, %s: sshd says %v; ours %v\n%s", i, testSpec(conn), err, c.Problems, g.show())
			}
			if err != nil {
				refused++
				break
			}
			compared++
			v := c.Resolve(conn)
			for name := range theirs { // algorithms of builds whose lists are not in the tables
				if errors.Is(v.Get(name).Err, errSuite) {
					delete(theirs, name)
				}
			}
			if diff := differences(printed(v), theirs); len(diff) > 0 {
				t.Fatalf("configuration %d, %s:\n%s\n%s", i, testSpec(conn), strings.Join(diff, "\n"), g.show())
			}
			if len(differences(printed(leaking(c).Resolve(conn)), theirs)) > 0 {
				leaks++
			}
			if len(differences(printed(lastWins(c).Resolve(conn)), theirs)) > 0 {
				lasts++
			}
		}
	}
	t.Logf("%d answers equal, %d configurations refused by both; the leaking reading differs in %d, the one in which the last wins in %d",
		compared, refused, leaks, lasts)
	if leaks < compared/50 || lasts < compared/10 || compared < rounds()/every {
		t.Error("the comparison would not see a wrong reading, or hardly any configuration was valid")
	}
}

// leaking is a reading that forgets to go back to the Match line of the includer at the end of an included file.
func leaking(c *Config) *Config {
	wrong := *c
	wrong.steps = nil
	var leak []*condition
	for i, s := range c.steps {
		if s.setting != nil && i > 0 && c.steps[i-1].setting != nil {
			before := c.steps[i-1]
			out := before.setting.Origin.Path != s.setting.Origin.Path && len(before.chain) > len(s.chain)
			switch {
			case out:
				leak = before.chain
			case leak != nil && !slices.Equal(s.chain, c.steps[i-1].chain):
				leak = nil
			}
		}
		if leak != nil {
			s.chain = leak
		}
		wrong.steps = append(wrong.steps, s)
	}
	return &wrong
}

// lastWins is a reading in which the last of several lines counts.
func lastWins(c *Config) *Config {
	wrong := *c
	wrong.steps = slices.Clone(c.steps)
	slices.Reverse(wrong.steps)
	return &wrong
}

// realGroups are the groups of some users of this machine, as sshd sees them.
func realGroups(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{"nosuchuser": nil}
	for _, name := range []string{"root", "daemon", "nobody", "backup"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		ids, err := u.GroupIds()
		if err != nil {
			t.Fatal(err)
		}
		all[name] = nil
		for _, id := range ids {
			if g, err := user.LookupGroupId(id); err == nil {
				all[name] = append(all[name], g.Name)
			}
		}
	}
	return all
}
