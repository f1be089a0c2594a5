//go:build unix

package inventory

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"keysweep/internal/testneed"
)

func walk(t *testing.T, env Env, o Options) *Inventory {
	t.Helper()
	if o.SystemDir == "" {
		o.SystemDir = t.TempDir()
	}
	found, err := Walk(t.Context(), env, o)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// keyAt returns the key that a file holds, by the file's name.
func keyAt(t *testing.T, found *Inventory, name string) *Key {
	t.Helper()
	for i := range found.Keys {
		for _, f := range found.Keys[i].Files {
			if filepath.Base(f.Path) == name {
				return &found.Keys[i]
			}
		}
	}
	t.Fatalf("no key in a file %s: %+v", name, found.Keys)
	return nil
}

func TestWalkJoins(t *testing.T) {
	env := testEnv(t)
	ssh := filepath.Join(env.Home, ".ssh")
	at := func(name string) string { return filepath.Join(ssh, name) }
	newKey(t, env, at("one"), "", "-C", "one@home")
	newKey(t, env, at("two"), "", "-C", "two")
	if err := os.MkdirAll(at("old"), 0o700); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(at("one"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, at("old/holiday.jpg"), string(data)) // the content decides, not the name
	one, err := os.ReadFile(at("one.pub"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, at("authorized_keys"), "# mine\n\nfrom=\"10.0.0.0/8\",no-pty "+string(one)+"not a key\n")
	old := time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(at("authorized_keys"), old, old); err != nil {
		t.Fatal(err)
	}
	write(t, at("config"), "Include conf.d/*\nIdentityFile ~/.ssh/gone\nHost git* github.com\n  IdentityFile ~/.ssh/one\n  IdentitiesOnly yes\nMatch user ann\n  IdentityFile %d/.ssh/one\nHost %n\n  IdentityFile ~/.ssh/%h\n")
	write(t, at("conf.d/work"), "Host work\n  HostName work.example.org\n  IdentityFile "+at("two")+"\n")
	write(t, at("known_hosts"), "example.org "+string(one))
	found := walk(t, env, Options{})
	if len(found.Keys) != 2 || len(found.Problems) != 0 {
		t.Fatalf("%d keys, problems %v; want 2 and none: %+v", len(found.Keys), found.Problems, found.Keys)
	}
	k := keyAt(t, found, "one")
	if len(k.Files) != 2 || len(k.Authorized) != 1 || len(k.Hosts) != 2 || k.Comment != "one@home" {
		t.Errorf("%+v", k)
	}
	if a := k.Authorized[0]; a.Number != 3 || a.Options != `from="10.0.0.0/8",no-pty` || a.Refused || a.CA {
		t.Errorf("authorized %+v", a)
	}
	if u := k.Hosts[0]; !slices.Equal(u.Patterns, []string{"git*", "github.com"}) || !u.Only || u.Match || u.Line != 4 {
		t.Errorf("use %+v", u)
	}
	if u := k.Hosts[1]; !u.Match || u.File != at("one") {
		t.Errorf("use %+v", u)
	}
	if e, _ := k.Oldest(); e.Source != FromAuthorized || !e.At.Equal(old) {
		t.Errorf("oldest %+v", e)
	}
	if u := keyAt(t, found, "two").Hosts; len(u) != 1 || u[0].HostName != "work.example.org" || u[0].Path != at("conf.d/work") {
		t.Errorf("included: %+v", u)
	}
	if len(found.Missing) != 1 || found.Missing[0].File != at("gone") || found.Missing[0].Line != 2 {
		t.Errorf("missing: %+v", found.Missing)
	}
	if len(found.Skipped) != 1 || !strings.Contains(found.Skipped[0].Reason, "depend on the connection") {
		t.Errorf("skipped: %+v", found.Skipped)
	}
}

func TestWalkOddities(t *testing.T) {
	env := testEnv(t)
	ssh := filepath.Join(env.Home, ".ssh")
	at := func(name string) string { return filepath.Join(ssh, name) }
	outside := filepath.Join(env.Home, "outside")
	if err := os.MkdirAll(outside, 0o700); err != nil {
		t.Fatal(err)
	}
	newKey(t, env, filepath.Join(outside, "linked"), "")
	newKey(t, env, filepath.Join(outside, "elsewhere"), "")
	for name, target := range map[string]string{"id": filepath.Join(outside, "linked"), "dir": outside, "nowhere": at("none"), "loop": at("loop")} {
		if err := os.Symlink(target, at(name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(at("fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", at("socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	write(t, at("large"), strings.Repeat("x", maxSmall+1))
	header := "-----BEGIN " + "OPENSSH PRIVATE KEY-----"
	write(t, at("damaged"), header+"\nAAAA\n")
	write(t, at("notes"), "a key starts with "+header+"\n")
	found := walk(t, env, Options{})
	if len(found.Keys) != 1 || found.Keys[0].Files[0].Target != resolve(filepath.Join(outside, "linked")) {
		t.Errorf("keys %+v; want the one that a link to a file leads to", found.Keys)
	}
	got := map[string]int{}
	for _, s := range found.Skipped {
		got[s.Reason] = len(s.Paths)
	}
	for reason, n := range map[string]int{"devices, sockets and FIFOs": 2, "symbolic links to directories": 1, "symbolic links to nowhere": 1, "files over 1 MiB": 1} {
		if got[reason] != n {
			t.Errorf("%s: %d, want %d (%v)", reason, got[reason], n, got)
		}
	}
	var where []string
	for _, p := range found.Problems {
		where = append(where, filepath.Base(p.Where))
	}
	if slices.Sort(where); !slices.Equal(where, []string{"damaged", "loop"}) {
		t.Errorf("problems %+v", found.Problems)
	}
	named := walk(t, env, Options{Paths: []string{outside, at("none")}})
	if len(named.Keys) != 2 || len(named.Problems) != 3 {
		t.Errorf("with paths: %d keys, problems %+v", len(named.Keys), named.Problems)
	}
}

func TestWalkEmpty(t *testing.T) {
	env := testEnv(t)
	if err := os.Remove(filepath.Join(env.Home, ".ssh")); err != nil {
		t.Fatal(err)
	}
	found := walk(t, env, Options{})
	if len(found.Keys)+len(found.Problems)+len(found.Skipped) != 0 || found.Agent != "none" {
		t.Errorf("%+v", found)
	}
}

func TestWalkUnreadable(t *testing.T) {
	env := testEnv(t)
	path := filepath.Join(env.Home, ".ssh", "id")
	newKey(t, env, path, "")
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	testneed.Modes(t)
	if found := walk(t, env, Options{}); len(found.Problems) != 1 || found.Problems[0].Where != path {
		t.Errorf("problems %+v", found.Problems)
	}
}

func TestWalkHostKeys(t *testing.T) {
	env := testEnv(t)
	system := t.TempDir()
	newKey(t, env, filepath.Join(system, "ssh_host_ed25519_key"), "")
	if found := walk(t, env, Options{SystemDir: system}); len(found.Keys) != 0 {
		t.Errorf("without System: %+v", found.Keys)
	}
	if found := walk(t, env, Options{SystemDir: system, System: true}); len(found.Keys) != 1 || !found.Keys[0].HostKey {
		t.Errorf("with System: %+v", found.Keys)
	}
}

func TestWalkDepthIsBounded(t *testing.T) {
	env := testEnv(t)
	if err := os.MkdirAll(filepath.Join(env.Home, ".ssh", strings.Repeat("d/", maxDepth+1)), 0o700); err != nil {
		t.Fatal(err)
	}
	if found := walk(t, env, Options{}); len(found.Problems) != 1 || !strings.Contains(found.Problems[0].Err.Error(), "deep") {
		t.Errorf("problems %+v", found.Problems)
	}
}

func TestWalkAgent(t *testing.T) {
	env := testEnv(t)
	path := filepath.Join(env.Home, ".ssh", "id")
	newKey(t, env, path, "", "-C", "in the agent")
	newKey(t, env, filepath.Join(env.Home, "gone"), "", "-C", "only in the agent")
	dir, err := os.MkdirTemp("", "agent")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	env.Agent = filepath.Join(dir, "s")
	if found := walk(t, env, Options{}); len(found.Problems) != 0 || !strings.HasPrefix(found.Agent, "none listens at ") {
		t.Errorf("an agent that is gone: %q, %v", found.Agent, found.Problems)
	}
	cmd := exec.Command(testneed.Program(t, "ssh-agent"), "-D", "-a", env.Agent)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	env.Environ = append(env.Environ, "SSH_AUTH_SOCK="+env.Agent)
	run(t, env, "ssh-add", "-q", path, filepath.Join(env.Home, "gone"))
	found := walk(t, env, Options{})
	if found.Agent != "2 keys" || len(found.Keys) != 2 || len(found.Keys[0].Agent) != 1 || found.Keys[0].Path() != path {
		t.Fatalf("agent %q, keys %+v", found.Agent, found.Keys)
	}
	if only := found.Keys[1]; only.Comment != "only in the agent" || only.Protected() != Unknown || only.Path() != "" {
		t.Errorf("%+v", only)
	}
}
