package hook_test

import (
	"strings"
	"testing"
)

// newServer makes a bare repository with the hook, and a clone that has pushed a first commit.
func newServer(t *testing.T) (r, server *repo) {
	t.Helper()
	r = newRepo(t)
	server = r.at(temp(t))
	server.git("init", "-q", "--bare", "-b", "main")
	if out := server.keysweep("hook", "install"); !strings.Contains(out, "pre-receive: installed") {
		t.Fatalf("not installed: %s", out)
	}
	r.git("remote", "add", "origin", server.dir)
	r.commit("a.txt", "a\n")
	r.git("push", "-q", "origin", "main")
	return r, server
}

const pushRefused = "remote: keysweep: push refused"

func TestServerRefuses(t *testing.T) {
	r, server := newServer(t)
	server.keysweep("hook", "check")
	r.commit("k.txt", apiKey())
	out := r.want(1, []string{pushRefused, "k.txt:1", "pre-receive hook declined"}, "git", "push", "origin", "main")
	if strings.Contains(out, "KEYSWEEP_BYPASS") || strings.Contains(out, "git push -o") {
		t.Errorf("names a bypass that there is not:\n%s", out)
	}
	if strings.Contains(out, "keysweep:allow"+"=") || !strings.Contains(out, "default branch's baseline") {
		t.Errorf("offers a way out that does not count here:\n%s", out)
	}
	r.with("KEYSWEEP_BYPASS=reason").want(1, []string{pushRefused}, "git", "push", "origin", "main")
	r.want(1, []string{pushRefused}, "git", "push", "origin", "HEAD:refs/heads/new", "HEAD~1:refs/heads/harmless")
	r.git("tag", "-a", "-m", "a tag", "v1")
	r.want(1, []string{pushRefused}, "git", "push", "origin", "v1")
	r.git("reset", "-q", "--hard", "HEAD~1")
	r.commit("b.txt", "b\n")
	r.git("push", "-q", "origin", "main", "HEAD:refs/heads/x")
	r.git("push", "-q", "origin", ":refs/heads/x")
	r.git("commit", "-q", "--amend", "-m", "rewritten")
	r.git("push", "-q", "-f", "origin", "main")
}

func TestServerRefusesTheFirstPush(t *testing.T) {
	r := newRepo(t)
	server := r.at(temp(t))
	server.git("init", "-q", "--bare", "-b", "main")
	server.keysweep("hook", "install")
	r.write(".gitleaks.toml", "[allowlist]\npaths = ['''.*''']\n")
	r.git("add", ".gitleaks.toml")
	r.commit("k.txt", privateKey())
	r.want(1, []string{pushRefused, "k.txt:1"}, "git", "push", server.dir, "main")
}

func TestWhatIsPushedSwitchesNothingOff(t *testing.T) {
	everything := "[allowlist]\npaths = ['''.*''']\n"
	tests := []struct {
		name string
		push func(r *repo)
	}{
		{".gitleaks.toml", func(r *repo) { r.commit(".gitleaks.toml", everything) }},
		{".keysweep.toml", func(r *repo) { r.commit(".keysweep.toml", "[scan]\nexclude = ['**']\n") }},
		{".gitleaksignore", func(r *repo) { r.commit(".gitleaksignore", "k.txt:aws-access-token:1\n") }},
		{"baseline", func(r *repo) {
			r.write("k.txt", apiKey())
			r.keysweep("baseline", "create", "--reason", "known")
			r.commit(".keysweep-baseline", r.read(".keysweep-baseline"))
		}},
		{"allow comment", nil},
		{"gitleaks:allow", nil},
		{"attributes", func(r *repo) { r.commit(".gitattributes", "* binary -diff filter=x\n") }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, server := newServer(t)
			secret := apiKey()
			switch {
			case test.push != nil:
				test.push(r)
			case test.name == "allow comment":
				secret = strings.TrimSuffix(secret, "\n") + " # keysweep:" + "allow -- fine\n"
			default:
				secret = strings.TrimSuffix(secret, "\n") + " # gitleaks:" + "allow\n"
			}
			r.commit("k.txt", secret)
			r.want(1, []string{pushRefused, "k.txt:1"}, "git", "push", "origin", "main")
			r.want(1, []string{pushRefused}, "git", "push", "origin", "HEAD:refs/heads/other")
			if test.push == nil {
				server.git("config", "keysweep.allowComments", "true")
				r.git("push", "-q", "origin", "main")
			}
		})
	}
}

func TestServersOwnConfigurationCounts(t *testing.T) {
	r, _ := newServer(t)
	r.commit(".gitleaks.toml", "[extend]\nuseDefault = true\n[allowlist]\npaths = ['''^fixtures/''']\n")
	r.git("push", "-q", "origin", "main")
	r.commit("fixtures/k.txt", apiKey())
	r.git("push", "-q", "origin", "main")
	r.commit("k.txt", apiKey())
	r.want(1, []string{pushRefused}, "git", "push", "origin", "main")
}

func TestServersConfigurationFile(t *testing.T) {
	r, server := newServer(t)
	server.write("rules.toml", "[extend]\nuseDefault = true\n[allowlist]\npaths = ['''^k\\.txt$''']\n")
	r.commit("k.txt", apiKey())
	r.want(1, []string{pushRefused}, "git", "push", "origin", "main")
	server.script("hooks/pre-receive", "#!/bin/sh\nexec '"+program+"' hook run pre-receive --config '"+server.path("rules.toml")+"'\n")
	r.git("push", "-q", "origin", "main")
	server.script("hooks/pre-receive", "#!/bin/sh\nexec '"+program+"' hook run pre-receive --config /nowhere.toml\n")
	r.commit("b.txt", "b\n")
	r.want(1, []string{pushRefused, "nowhere.toml"}, "git", "push", "origin", "main")
}

func TestBypassAtTheServer(t *testing.T) {
	r, server := newServer(t)
	r.commit("k.txt", apiKey())
	server.git("config", "receive.advertisePushOptions", "true")
	push := []string{"push", "-q", "-o", "other=1", "-o", "keysweep.bypass=it is revoked", "origin", "main"}
	r.want(1, []string{pushRefused}, "git", push...)
	r.want(1, []string{pushRefused}, "git", append([]string{"-c", "keysweep.allowBypass=true"}, push...)...)
	server.git("config", "keysweep.allowBypass", "true")
	r.want(1, []string{pushRefused, "git push -o keysweep.bypass="}, "git", "push", "origin", "main")
	r.want(0, []string{"BYPASSED", "it is revoked"}, "git", push...)
	if b := server.record("keysweep/bypass.log"); b.Hook != "pre-receive" || b.Reason != "it is revoked" || b.Findings != 1 {
		t.Errorf("recorded %+v", b)
	}
}

func TestServersOtherHookSeesTheSame(t *testing.T) {
	r, server := newServer(t)
	server.keysweep("hook", "uninstall")
	server.script("hooks/pre-receive", "#!/bin/sh\ncat >>log\ngit cat-file -e \"$(tail -n1 log | cut -d' ' -f2)\"\n")
	server.keysweep("hook", "install")
	head := r.commit("b.txt", "b\n")
	r.git("push", "-q", "origin", "main")
	if got := server.read("log"); !strings.Contains(got, " "+head+" refs/heads/main\n") {
		t.Errorf("the other hook read %q", got)
	}
}
