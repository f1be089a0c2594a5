package git

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestRefsAreGits lists the refs of repositories of many shapes with and without git's help.
func TestRefsAreGits(t *testing.T) {
	const ours, gits = true, false
	for _, test := range []struct {
		name string
		own  bool // they are listed without git
		make func(s *shape)
	}{
		{"one branch", ours, func(*shape) {}},
		{"none", ours, func(s *shape) { s.git("update-ref", "-d", "refs/heads/main") }},
		{"all sorts", ours, manyRefs},
		{"all sorts, packed", ours, func(s *shape) { manyRefs(s); s.git("pack-refs", "--all") }},
		{"packed, and moved on", ours, func(s *shape) {
			manyRefs(s)
			s.git("pack-refs", "--all")
			s.git("commit", "-q", "--allow-empty", "-m", "more")
			s.git("update-ref", "refs/heads/a/b", "HEAD")
			s.git("update-ref", "-d", "refs/tags/light")
		}},
		{"packed, without a header and out of order", ours, func(s *shape) {
			id := s.git("rev-parse", "HEAD")
			s.write(".git/packed-refs", id+" refs/tags/z\n^"+id+"\n"+id+" refs/tags/a\n"+id+" refs/heads/main\n")
		}},
		{"packed, bare of anything", ours, func(s *shape) { s.write(".git/packed-refs", "") }},
		{"packed twice", gits, func(s *shape) {
			id := s.git("rev-parse", "HEAD")
			s.write(".git/packed-refs", "# pack-refs with: peeled fully-peeled sorted \n"+id+" refs/tags/a\n"+id+" refs/tags/a\n")
		}},
		{"packed, cut off", gits, func(s *shape) { s.write(".git/packed-refs", s.git("rev-parse", "HEAD")+" refs/tags/a") }},
		{"packed, junk", gits, func(s *shape) { s.write(".git/packed-refs", "junk\n") }},
		{"packed, peeled before anything", gits, func(s *shape) { s.write(".git/packed-refs", "^"+s.git("rev-parse", "HEAD")+"\n") }},
		{"packed, odd name", gits, func(s *shape) { s.write(".git/packed-refs", s.git("rev-parse", "HEAD")+" refs/heads/a..b\n") }},
		{"packed, no id", gits, func(s *shape) { s.write(".git/packed-refs", strings.Repeat("0", 40)+" refs/heads/a\n") }},
		{"packed, another hash", gits, func(s *shape) { s.write(".git/packed-refs", strings.Repeat("1", 64)+" refs/heads/a\n") }},
		{"packed, of one work tree", gits, func(s *shape) { s.write(".git/packed-refs", s.git("rev-parse", "HEAD")+" refs/bisect/bad\n") }},
		{"packed refs are a directory", gits, func(s *shape) { s.write(".git/packed-refs/x", "") }},
		{"symbolic", ours, func(s *shape) {
			s.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/heads/main")
			s.git("symbolic-ref", "refs/heads/again", "refs/remotes/origin/HEAD")
			s.git("pack-refs", "--all")
		}},
		{"symbolic, dangling", gits, func(s *shape) { s.git("symbolic-ref", "refs/heads/other", "refs/heads/nowhere") }},
		{"symbolic, in a circle", gits, func(s *shape) {
			s.write(".git/refs/heads/a", "ref: refs/heads/b\n")
			s.write(".git/refs/heads/b", "ref: refs/heads/a\n")
		}},
		{"symbolic, out of refs", gits, func(s *shape) { s.write(".git/refs/heads/a", "ref: HEAD\n") }},
		{"symbolic, long", gits, func(s *shape) {
			for at, next := range []string{"b", "c", "d", "e", "f", "main"} {
				s.write(".git/refs/heads/"+string(rune('a'+at)), "ref: refs/heads/"+next+"\n")
			}
		}},
		{"empty", gits, func(s *shape) { s.write(".git/refs/heads/a", "") }},
		{"no id", gits, func(s *shape) { s.write(".git/refs/heads/a", strings.Repeat("0", 40)+"\n") }},
		{"id and more", gits, func(s *shape) { s.write(".git/refs/heads/a", s.git("rev-parse", "HEAD")+" more\n") }},
		{"junk", gits, func(s *shape) { s.write(".git/refs/heads/a", "junk\n") }},
		{"odd name", gits, func(s *shape) { s.write(".git/refs/heads/a b", s.git("rev-parse", "HEAD")+"\n") }},
		{"name of many letters", ours, func(s *shape) { s.git("update-ref", "refs/heads/ü@b,(1)!/\xff", "HEAD") }},
		{"name with braces", gits, func(s *shape) { s.git("update-ref", "refs/heads/a{b}", "HEAD") }},
		{"a link", gits, func(s *shape) { s.link("main", ".git/refs/heads/linked") }},
		{"a link to a directory", gits, func(s *shape) { s.link("heads", ".git/refs/linked") }},
		{"right below refs", ours, func(s *shape) { s.git("update-ref", "refs/stash", "HEAD") }},
		{"locks and hidden files", ours, func(s *shape) {
			for _, name := range []string{"refs/heads/main.lock", "refs/heads/.hidden", "refs/x.lock/a", "refs/.hidden/a"} {
				s.write(".git/"+name, s.git("rev-parse", "HEAD")+"\n")
			}
		}},
		{"what is not there", ours, func(s *shape) { s.write(".git/refs/heads/a", strings.Repeat("1", 40)+"\n") }},
		{"detached", ours, func(s *shape) {
			s.git("checkout", "-q", "--detach")
			s.git("commit", "-q", "--allow-empty", "-m", "more")
		}},
		{"unborn", ours, func(s *shape) { s.git("checkout", "-q", "--orphan", "new/branch") }},
		{"bisecting", ours, func(s *shape) { s.git("update-ref", "refs/bisect/bad", "HEAD") }},
		{"linked work trees", ours, linkedTrees},
		{"in a linked work tree", ours, func(s *shape) { linkedTrees(s); s.at = "../tree" }},
		{"bisecting in another work tree", gits, func(s *shape) { linkedTrees(s); s.git("update-ref", "refs/bisect/bad", "HEAD"); s.at = "../tree" }},
		{"bisecting in a linked work tree", gits, func(s *shape) {
			linkedTrees(s)
			s.git("-C", "../tree", "update-ref", "refs/bisect/bad", "HEAD")
			s.at = "../tree"
		}},
		{"a work tree's HEAD is odd", ours, func(s *shape) { linkedTrees(s); s.write(".git/worktrees/tree/HEAD", "ref: refs/remotes/x\n") }},
		{"sha256", ours, func(s *shape) {
			s.git("init", "-q", "--object-format=sha256", "../other")
			s.git("-C", "../other", "commit", "-q", "--allow-empty", "-m", "x")
			s.at = "../other"
		}},
		{"namespace", gits, func(s *shape) {
			s.git("update-ref", "refs/namespaces/n/refs/heads/main", "HEAD")
			s.env = append(s.env, "GIT_NAMESPACE=n")
		}},
		{"of a namespace", ours, func(s *shape) { s.git("update-ref", "refs/namespaces/n/refs/heads/main", "HEAD") }},
		{"bare", ours, func(s *shape) {
			manyRefs(s)
			s.git("clone", "-q", "--mirror", ".", "../bare.git")
			s.at = "../bare.git"
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newShape(t)
			test.make(s)
			s.compareRefs(test.own)
		})
	}
}

func manyRefs(s *shape) {
	s.Helper()
	for _, name := range []string{"refs/heads/a/b", "refs/heads/a-b", "refs/heads/a.b", "refs/tags/light", "refs/notes/commits", "refs/pull/1/head", "refs/x"} {
		s.git("update-ref", name, "HEAD")
	}
	s.git("tag", "-a", "-m", "text", "annotated")
	s.git("tag", "-a", "-m", "text", "twice", "annotated")
	s.git("update-ref", "refs/tags/tree", s.git("rev-parse", "HEAD^{tree}"))
}

func linkedTrees(s *shape) {
	s.Helper()
	s.git("worktree", "add", "-q", "-b", "second", "../tree")
	s.git("worktree", "add", "-q", "--detach", "../free")
	s.git("-C", "../free", "commit", "-q", "--allow-empty", "-m", "free")
}

// compareRefs lists refs and HEADs in both ways. own: it takes no git to list the refs.
func (s *shape) compareRefs(own bool) {
	s.Helper()
	r := open(s.T, Options{Dir: filepath.Join(s.dir, s.at), Environ: append(s.env, s.settings...)})
	refs, ok := r.Refs()
	if ok != own {
		s.Errorf("listed without git: %t", ok)
	}
	if !ok {
		return
	}
	var got []string
	for _, ref := range refs {
		got = append(got, ref.OID.String()+" "+ref.Name)
	}
	out, err := r.Output(context.Background(), "for-each-ref", "--format=%(objectname) %(refname)")
	if err != nil {
		s.Fatal(err)
	}
	if want := strings.TrimSuffix(string(out), "\n"); strings.Join(got, "\n") != want {
		s.Errorf("got\n%s\ngit:\n%s", strings.Join(got, "\n"), want)
	}
	s.compareHeads(r)
}

func (s *shape) compareHeads(r *Repo) {
	s.Helper()
	heads, ok := r.Heads()
	if !ok {
		return
	}
	names := []string{"HEAD"}
	if r.GitDir() != r.CommonDir() {
		names = append(names, "main-worktree/HEAD")
	}
	trees, _ := os.ReadDir(filepath.Join(r.CommonDir(), "worktrees"))
	for _, tree := range trees {
		names = append(names, "worktrees/"+tree.Name()+"/HEAD")
	}
	var got, want []string
	for _, id := range heads {
		got = append(got, id.String())
	}
	for _, name := range names {
		if out, err := r.Output(context.Background(), "rev-parse", "--verify", "--quiet", name); err == nil {
			want = append(want, strings.TrimSpace(string(out)))
		}
	}
	if !slices.Equal(got, want) {
		s.Errorf("HEADs %q, git's %q", got, want)
	}
}

// TestHeadsAreLeftToGit has HEADs that lead to where only git knows.
func TestHeadsAreLeftToGit(t *testing.T) {
	for name, make := range map[string]func(s *shape){
		"not a branch":     func(s *shape) { s.write(".git/HEAD", "ref: refs/remotes/origin/x\n") },
		"another's is odd": func(s *shape) { linkedTrees(s); s.write(".git/worktrees/tree/HEAD", "ref: refs/remotes/x\n") },
		"another's is gone": func(s *shape) {
			linkedTrees(s)
			s.remove(".git/worktrees/tree/HEAD")
		},
	} {
		s := newShape(t)
		make(s)
		r := open(t, Options{Dir: s.dir, Environ: s.settings})
		if heads, ok := r.Heads(); ok {
			t.Errorf("%s: %v", name, heads)
		}
	}
}

// FuzzPackedRefs looks for anything that is made up: every ref has its line.
func FuzzPackedRefs(f *testing.F) {
	id := strings.Repeat("12", 20)
	f.Add("# pack-refs with: peeled fully-peeled sorted \n" + id + " refs/heads/a\n^" + id + "\n" + id + " refs/heads/b\n")
	f.Add("^" + id + "\n")
	f.Add(id + " refs/heads/a..b\n\n")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(filepath.Join(dir, "packed-refs"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		r := &Repo{commonDir: dir, format: "sha1"}
		refs, ok := r.packedRefs()
		if !ok {
			return
		}
		lines, at := strings.Split(text, "\n"), 0
		for _, ref := range refs {
			for at < len(lines) && !strings.EqualFold(lines[at], ref.OID.String()+" "+ref.Name) {
				at++
			}
			if at++; at > len(lines) {
				t.Fatalf("%v stands nowhere in %q", ref, text)
			}
		}
	})
}
