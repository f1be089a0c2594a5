//go:build linux

package acceptance

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"keysweep/internal/testneed"
	"keysweep/internal/testsshd"
)

// written is a key that the program wrote.
type written struct {
	name     string
	pass     string // "" for none
	from     string // file with the public key that it must be, if another program made it
	make     func(h *home, file string)
	isSigned bool // logs in with its certificate alone
}

func generated(pass string, args ...string) func(*home, string) {
	return func(h *home, file string) {
		if pass != "" {
			args = append(args, "--passphrase-file", "@/pass")
		}
		h.run(exitOK, append([]string{"generate", file, "--no-ledger"}, args...)...)
	}
}

// converted has another program make a key and the program convert it.
func converted(makes func(h *home, file string), args ...string) func(*home, string) {
	return func(h *home, file string) {
		makes(h, file+".old")
		h.run(exitOK, append([]string{"passphrase", file + ".old", "--no-ledger", "--kdf-rounds", "16",
			"--new-passphrase-file", "@/new", "--output", file, "--passphrase-file", "@/pass"}, args...)...)
	}
}

// foreign makes a key with ssh-keygen, in a format of its own or in PuTTY's.
func foreign(format string, args ...string) func(*home, string) {
	return func(h *home, file string) {
		if format != "PPK" {
			h.keygen(file, keyPass, append(args, "-m", format)...)
			must(h.t, os.Rename(h.path(file+".pub"), h.path(file+".public")))
			return
		}
		h.keygen(file+".tmp", "", append(args, "-m", "PEM")...)
		must(h.t, os.Rename(h.path(file+".tmp.pub"), h.path(file+".public")))
		out, err := exec.Command(testneed.Program(h.t, "puttygen"), h.path(file+".tmp"), "-O", "private", "--new-passphrase", h.path("@/pass"),
			"-o", h.path(file)).CombinedOutput()
		if err != nil {
			h.t.Fatalf("puttygen: %v\n%s", err, out)
		}
	}
}

func fromWords(h *home, file string) {
	h.run(exitOK, "generate", file+".first", "--no-ledger", "--passphrase-file", "@/pass", "--kdf-rounds", "16")
	h.run(exitOK, "backup", file+".first", "--no-ledger", "--form", "sheet", "--payload", "words", "-o", "@/stick/words.html", "--passphrase-file", "@/pass")
	h.run(exitOK, "restore", "@/stick/words.html", "-o", file, "--no-ledger", "--new-passphrase-file", "@/new", "--kdf-rounds", "16")
	must(h.t, os.Rename(h.path(file+".first.pub"), h.path(file+".old.public")))
}

// kinds are all kinds of keys. Unless every is set, each curve of ECDSA comes from one format only.
func kinds(user string, every bool) []written {
	all := []written{
		{name: "ed25519, 16 rounds", pass: keyPass, make: generated(keyPass, "--kdf-rounds", "16")},
		{name: "ed25519, 64 rounds", pass: keyPass, make: generated(keyPass)},
		{name: "ed25519, unprotected", make: generated("", "--no-passphrase", "--reason", "a timer uses it")},
		{name: "rsa-4096, 16 rounds", pass: keyPass, make: generated(keyPass, "--type", "rsa-4096", "--kdf-rounds", "16")},
		{name: "rsa-4096, unprotected", make: generated("", "--type", "rsa-4096", "--no-passphrase", "--reason", "a timer uses it")},
		{name: "ed25519 with a certificate", pass: keyPass, isSigned: true,
			make: generated(keyPass, "--kdf-rounds", "16", "--ca", "@/ca", "--principals", user, "--valid-for", "1h")},
		{name: "ed25519 from words", pass: newPass, from: ".old.public", make: fromWords},
		{name: "rsa from PEM", pass: newPass, from: ".old.public", make: converted(foreign("PEM", "-t", "rsa", "-b", "3072"))},
		{name: "rsa from PKCS8", pass: newPass, from: ".old.public", make: converted(foreign("PKCS8", "-t", "rsa", "-b", "2048"))},
		{name: "ed25519 from OpenSSH", pass: newPass, from: ".old.public", make: converted(foreign("RFC4716", "-t", "ed25519"))},
	}
	for i, bits := range []string{"256", "384", "521"} {
		for j, format := range []string{"PEM", "PKCS8", "PPK"} {
			if i != j && !every {
				continue
			}
			all = append(all, written{name: "ecdsa " + bits + " from " + format, pass: newPass, from: ".old.public",
				make: converted(foreign(format, "-t", "ecdsa", "-b", bits))})
		}
	}
	return all
}

// witness holds OpenSSH's programs: an agent, and a server that lets in the keys of the moment.
type witness struct {
	h      *home
	server *testsshd.Server
	agent  string // its socket
	ask    string // a program that answers with the passphrase in the file that $ASKPASS_ANSWER names
	one    sync.Mutex
}

func newWitness(t *testing.T) *witness {
	t.Helper()
	w := &witness{h: newHome(t)}
	w.h.keygen("@/ca", "")
	w.server = testsshd.Start(t, testsshd.Options{Extra: []string{"TrustedUserCAKeys " + w.h.path("@/ca.pub")}})
	w.ask = w.h.path("@/ask")
	must(t, os.WriteFile(w.ask, []byte("#!/bin/sh\ncat \"$ASKPASS_ANSWER\"\n"), 0o700))
	w.agent = filepath.Join(w.server.Dir, "agent")
	agent := exec.Command(testneed.Program(t, "ssh-agent"), "-D", "-a", w.agent)
	must(t, agent.Start())
	t.Cleanup(func() { _ = agent.Process.Kill(); _ = agent.Wait() })
	for range 500 {
		if _, err := os.Stat(w.agent); err == nil {
			return w
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("ssh-agent does not start")
	return nil
}

// runs runs one of OpenSSH's programs, which asks for the passphrase through SSH_ASKPASS.
func (w *witness) runs(t *testing.T, pass, name string, args ...string) string {
	t.Helper()
	answer := map[string]string{keyPass: "pass", newPass: "new", "": "none"}[pass]
	cmd := exec.Command(testneed.Program(t, name), args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + w.h.dir, "SSH_AUTH_SOCK=" + w.agent, "SSH_ASKPASS=" + w.ask,
		"SSH_ASKPASS_REQUIRE=force", "ASKPASS_ANSWER=" + w.h.path("@/"+answer)}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s%s\n%s", name, args, err, out, err.(*exec.ExitError).Stderr, w.server.Log(t))
	}
	return string(out)
}

// login logs in with nothing but this key.
func (w *witness) login(t *testing.T, k written, file, pub string) {
	t.Helper()
	w.one.Lock()
	defer w.one.Unlock()
	_ = os.Remove(w.server.Authorized)
	args := []string{"-F", w.server.Config, "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none", "-i", file}
	if !k.isSigned {
		w.server.Authorize(t, pub)
		args = append(args, "-o", "CertificateFile=none")
	}
	if out := w.runs(t, k.pass, "ssh", append(args, "testhost", "echo let in")...); out != "let in\n" {
		t.Errorf("logging in says %q", out)
	}
}

// TestOpenSSHTakesThem shows every kind of key to ssh-keygen, ssh-add and sshd.
func TestOpenSSHTakesThem(t *testing.T) {
	t.Parallel()
	w := newWitness(t)
	_, every := kills(t)
	for _, k := range kinds(w.server.User, every) {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			must(t, os.WriteFile(h.path("@/ca"), []byte(w.h.read("@/ca")), 0o600))
			const name = "~/.ssh/id"
			k.make(h, name)
			file, pub := h.path(name), h.read(name+".pub")
			key, comment, _, _, err := ssh.ParseAuthorizedKey([]byte(pub))
			must(t, err)
			if k.from != "" {
				if was := strings.Fields(h.read(name + k.from)); was[1] != strings.Fields(pub)[1] {
					t.Errorf("the public key is %s, and was %q", pub, was)
				}
			}
			if got := w.runs(t, k.pass, "ssh-keygen", "-y", "-f", file); strings.Fields(got)[1] != strings.Fields(pub)[1] {
				t.Errorf("ssh-keygen -y says %s, and the .pub file %s", got, pub)
			}
			w.runs(t, k.pass, "ssh-add", "-q", file)
			if list := w.runs(t, "", "ssh-add", "-l"); !strings.Contains(list, ssh.FingerprintSHA256(key)+" "+comment) {
				t.Errorf("the agent has %s, and not %s %s", list, ssh.FingerprintSHA256(key), comment)
			}
			if list := w.runs(t, "", "ssh-add", "-L"); k.isSigned && !strings.Contains(list, strings.Fields(h.read(name + "-cert.pub"))[1]) {
				t.Errorf("the agent has no certificate: %s", list)
			}
			w.login(t, k, file, pub)
		})
	}
}
