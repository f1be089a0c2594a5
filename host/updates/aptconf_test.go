package updates

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"keysweep/host"
	"keysweep/host/hosttest"
	"keysweep/internal/testneed"
)

// dump prints a configuration as apt-config does.
func dump(i *item, prefix string) (lines []string) {
	for _, c := range i.items {
		name := c.name
		if prefix != "" {
			name = prefix + "::" + c.name
		}
		lines = append(lines, fmt.Sprintf("%s \"%s\";", name, c.value.Text))
		lines = append(lines, dump(c, name)...)
	}
	return lines
}

// oracle is what apt says of the files, "" if it does not take them. Names all begin with Test.
func oracle(t *testing.T, program string, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "config")
	write := func(name, text string) {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(config, fmt.Sprintf("Dir::Etc %q;\n", dir+"/apt"))
	write(filepath.Join(dir, "apt/apt.conf.d/.keep"), "")
	for name, text := range files {
		write(filepath.Join(dir, strings.TrimPrefix(name, "/etc")), text)
	}
	cmd := exec.Command(program, "dump")
	cmd.Env = []string{"APT_CONFIG=" + config, "LC_ALL=C"}
	out, err := cmd.Output()
	if err != nil {
		return ""
	}
	var lines []string
	for line := range strings.Lines(string(out)) {
		if line = strings.TrimSpace(line); strings.HasPrefix(strings.ToLower(line), "test") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

func ours(files map[string]string) string {
	c, err := ReadAptConfig(hosttest.New(files))
	if err != nil {
		return ""
	}
	return strings.Join(dump(&c.root, ""), "\n")
}

// tree makes configurations at random, of all that apt.conf(5) knows.
func tree(r *rand.Rand) map[string]string {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	name := func() string {
		return pick("A", "a", "Enable", "List", "Origins-Pattern", "B::C", "B::c::D", "e1", "\"q\"")
	}
	value := func() string {
		return pick(`"1"`, `"0"`, `"a b"`, `"http://x/y;{}"`, "plain", `"# no"`, `"// no"`, `""`, `"/* no */"`, "7")
	}
	gap := func() string { return pick(" ", " ", "\t", "\n  ", " /* c */ ", " // c\n", " # c\n") }
	var statement func(depth int, top bool) string
	statement = func(depth int, top bool) string {
		prefix := ""
		if top {
			prefix = pick("Test::", "test::", "Test::X::", "TEST::Y::")
		}
		switch n := r.IntN(12); {
		case n < 4:
			return prefix + name() + gap() + value() + pick(";", " ;", ";;")
		case n < 6:
			return prefix + name() + "::" + gap() + value() + ";"
		case n < 7 && !top:
			return value() + ";"
		case n < 8 && top:
			return "#clear " + prefix + pick("A", "B", "B::C", "List", "List::") + ";"
		case depth > 0:
			var b strings.Builder
			b.WriteString(prefix + name() + gap() + pick("", "", value()+" ") + "{" + gap())
			for range r.IntN(4) {
				b.WriteString(statement(depth-1, false) + gap())
			}
			return b.String() + pick("};", "}", "} ;")
		}
		return prefix + name() + " " + value() + ";"
	}
	files := map[string]string{}
	for range 1 + r.IntN(4) {
		file := pick("/etc/apt/apt.conf", "/etc/apt/apt.conf.d/10a", "/etc/apt/apt.conf.d/9b", "/etc/apt/apt.conf.d/50x.conf", "/etc/apt/apt.conf.d/50x.bak", "/etc/apt/apt.conf.d/A", "/etc/apt/apt.conf.d/x~", "/etc/apt/apt.conf.d/.hid")
		var b strings.Builder
		for range r.IntN(6) {
			b.WriteString(statement(2, true) + pick("\n", "\n", " ", "\r\n", "\n# c\n", "\n/* Test::No \"1\";\n*/\n"))
		}
		if r.IntN(20) == 0 {
			b.WriteString(pick("Test::Open \"x\n", "Test::Junk a b;\n", "}\n", "Test::End 1\n", "Test { A 1;\n"))
		}
		files[file] = b.String()
	}
	return files
}

// TestAptConfig holds our reading against apt's own.
func TestAptConfig(t *testing.T) {
	program := testneed.Program(t, "apt-config")
	rounds, refused := 400, 0
	if testing.Short() {
		rounds = 100
	}
	for seed := range rounds {
		files := tree(rand.New(rand.NewPCG(uint64(seed), 7)))
		want, got := oracle(t, program, files), ours(files)
		if want == "" {
			refused++
		}
		if got != want {
			t.Fatalf("seed %d: it is\n%s\nfor apt it is\n%s\nof %q", seed, got, want, files)
		}
	}
	if refused == 0 || refused > rounds*2/3 {
		t.Errorf("apt refuses %d of %d", refused, rounds)
	}
}

func TestAptOrigin(t *testing.T) {
	c, err := ReadAptConfig(hosttest.New(map[string]string{
		"/etc/apt/apt.conf.d/20auto": "// automatic\nAPT::Periodic::Unattended-Upgrade \"1\";\n",
		"/etc/apt/apt.conf.d/50u":    "Unattended-Upgrade::Origins-Pattern {\n  \"origin=Debian\";\n  \"origin=Other\";\n};\n",
		"/etc/apt/apt.conf":          "APT::Periodic::Enable \"no\";\n",
	}))
	if err != nil {
		t.Fatal(err)
	}
	if v, ok := c.Get("apt::periodic::unattended-upgrade"); !ok || v.Text != "1" || v.At.String() != "/etc/apt/apt.conf.d/20auto:2" {
		t.Errorf("Get = %+v, %v", v, ok)
	}
	if list := c.List("Unattended-Upgrade::Origins-Pattern"); len(list) != 2 || list[1].At.Line != 3 || list[1].Text != "origin=Other" {
		t.Errorf("List = %+v", list)
	}
	if on, _ := c.True("APT::Periodic::Enable", true); on {
		t.Error("it is on")
	}
	if on, _ := c.True("APT::None", true); !on {
		t.Error("what is not set is not what it is otherwise")
	}
}

func TestAptUnknown(t *testing.T) {
	for name, m := range map[string]*hosttest.Machine{
		"a file that may not be read": hosttest.New(map[string]string{"/etc/apt/apt.conf.d/1": ""}).Deny("/etc/apt/apt.conf.d/1"),
		"a directory":                 hosttest.New(map[string]string{"/etc/apt/apt.conf.d/": ""}).Deny("/etc/apt/apt.conf.d"),
		"not collected":               hosttest.New(nil).NotCollected("/etc/apt"),
		"a loop":                      hosttest.New(map[string]string{"/etc/apt/apt.conf": "#include \"/etc/apt/apt.conf\";"}),
	} {
		if _, err := ReadAptConfig(m); err == nil || host.Missing(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if c, err := ReadAptConfig(hosttest.New(nil)); err != nil || len(c.root.items) != 0 {
		t.Errorf("no apt: %v", err)
	}
}

func FuzzAptConfig(f *testing.F) {
	f.Add("A::B \"c\"; D { \"e\"; F:: g; };\n#clear A;\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ReadAptConfig(hosttest.New(map[string]string{"/etc/apt/apt.conf": text}))
		if err == nil && slices.Contains(dump(&c.root, ""), "") {
			t.Error("an empty line")
		}
	})
}
