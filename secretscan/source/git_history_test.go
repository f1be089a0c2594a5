package source

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"keysweep/finding"
	"keysweep/internal/git"
	"keysweep/secretscan"
)

// wantHistory compares "secret path commit [kind] [head] [pushed] [+also]".
func (r *gitRepo) wantHistory(res secretscan.Result, names map[string]string, want ...string) {
	r.Helper()
	var got []string
	for _, f := range res.Findings {
		for _, p := range f.Places {
			text := f.Secret.Reveal() + " " + p.Path
			if p.Commit != nil {
				text += " " + names[p.Commit.ID]
			}
			if p.Kind != finding.KindBlob {
				text += " " + string(p.Kind)
			}
			if p.InHead == finding.Yes {
				text += " head"
			}
			if p.Pushed == finding.Yes {
				text += " pushed"
			}
			for _, also := range p.Also {
				text += " +" + also
			}
			got = append(got, text)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		r.Errorf("found\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func TestHistory(t *testing.T) {
	r := newGitRepo(t)
	names := map[string]string{}
	name := func(n string) { names[r.git("rev-parse", "HEAD")] = n }
	r.commit("a", "MARKgone")
	name("first")
	r.commit("a", "MARKstays")
	name("second")
	r.git("update-ref", "refs/remotes/origin/main", "HEAD")
	r.commit("sub/b", "MARKstays")
	name("third")
	r.git("checkout", "-q", "-b", "side")
	r.commit("allowed/c", "MARKmoved")
	name("side1")
	r.git("mv", "allowed/c", "d")
	r.commit("allowed/e", "MARKhidden")
	name("side2")
	r.git("tag", "-a", "-m", "MARKtag", "v1")
	r.git("checkout", "-q", "main")
	r.git("branch", "-q", "-D", "side")
	r.git("tag", "tree-tag", "v1^{tree}")
	r.git("notes", "add", "-m", "MARKnote")
	names[r.git("rev-parse", "refs/notes/commits")] = "notes"
	r.git("commit", "-q", "--allow-empty", "-m", "subject", "-m", "MARKmessage")
	name("message")
	for _, n := range []string{"one", "two"} {
		r.write("a", "MARKstash"+n)
		r.git("stash", "-q")
		names[r.git("rev-parse", "refs/stash")] = "stash-" + n
		names[r.git("rev-parse", "refs/stash^2")] = "stash-" + n + "-index"
	}
	r.git("checkout", "-q", "--detach")
	r.commit("f", "MARKdetached")
	name("detached")
	r.write("g", "MARKindex")
	r.git("add", "g")
	res := r.scan(History(r.open(), HistoryOptions{}))
	r.noProblems(res)
	note := res.Findings[slices.IndexFunc(res.Findings, func(f finding.Finding) bool { return f.Secret.Reveal() == "MARKnote" })].Places[0].Path
	r.wantHistory(res, names,
		"MARKgone a first pushed", "MARKstays a second head pushed +sub/b", "MARKmoved d side2", "MARKtag  tag",
		"MARKnote "+note+" notes note", "MARKmessage  message message", "MARKstashone a stash-one", "MARKstashtwo a stash-two",
		"MARKdetached f detached head", "MARKindex g index")
	if want := r.git("rev-list", "--count", "--all", "HEAD", "stash@{1}"); fmt.Sprint(res.Coverage.Commits) != want {
		t.Errorf("%d commits covered, want %s", res.Coverage.Commits, want)
	}
	t.Run("of some revisions", func(t *testing.T) {
		r := &gitRepo{t, r.dir, r.env}
		res := r.scan(History(r.open(), HistoryOptions{Revs: []string{"origin/main"}}))
		r.noProblems(res)
		r.wantHistory(res, names, "MARKgone a first pushed", "MARKstays a second head pushed")
		res = r.scan(History(r.open(), HistoryOptions{Revs: []string{"main..HEAD", "v1"}}))
		r.noProblems(res)
		var rev *RevError
		engine, _ := secretscan.Compile(gitTestRules)
		_, err := secretscan.Run(context.Background(), engine, History(r.open(), HistoryOptions{Revs: []string{"--all"}}), secretscan.Options{})
		if !errors.As(err, &rev) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("same in every run", func(t *testing.T) {
		again := (&gitRepo{t, r.dir, r.env}).scan(History(r.open(), HistoryOptions{}))
		if fmt.Sprintf("%v", again.Findings) != fmt.Sprintf("%v", res.Findings) && len(again.Findings) != len(res.Findings) {
			t.Error("two runs differ")
		}
	})
}

func TestHistoryReflog(t *testing.T) {
	r := newGitRepo(t)
	r.commit("a", "x")
	r.commit("a", "MARKreset")
	r.git("reset", "-q", "--hard", "HEAD~1")
	r.want(r.scan(History(r.open(), HistoryOptions{})))
	r.want(r.scan(History(r.open(), HistoryOptions{Reflog: true})), "MARKreset a:1")
}

func TestHistoryEmpty(t *testing.T) {
	r := newGitRepo(t)
	src := History(r.open(), HistoryOptions{})
	r.want(r.scan(src))
	if src.Empty() == "" {
		t.Error("an empty repository is not told of")
	}
	r.write("a", "MARKindex")
	r.git("add", ".")
	r.want(r.scan(History(r.open(), HistoryOptions{})), "MARKindex a:1")
}

func TestHistoryInHeadElsewhere(t *testing.T) {
	r := newGitRepo(t)
	r.commit("a", "old = MARKsame")
	r.git("rm", "-q", "a")
	r.commit("b", "new = MARKsame", "more")
	res := r.scan(History(r.open(), HistoryOptions{}))
	for _, p := range res.Findings[0].Places {
		if p.InHead != finding.Yes || p.Pushed != finding.No {
			t.Errorf("place %+v", p)
		}
	}
}

// TestHistoryDamaged harms one object: the secrets everywhere else are still found, and the object is named.
func TestHistoryDamaged(t *testing.T) {
	remove := func(r *gitRepo, id string) {
		if err := os.Remove(r.loose(id)); err != nil {
			r.Fatal(err)
		}
	}
	flip := func(r *gitRepo, path string, at int64) {
		data, err := os.ReadFile(path)
		if err != nil {
			r.Fatal(err)
		}
		if at < 0 {
			at += int64(len(data))
		}
		data[at] ^= 0xff
		if err := os.Chmod(path, 0o644); err != nil {
			r.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			r.Fatal(err)
		}
	}
	noise := make([]string, 300)
	for i := range noise {
		noise[i] = fmt.Sprintf("%x", i*i*7919+i*104729)
	}
	all := []string{"MARKone", "MARKtwo", "MARKthree", "MARKfour", "MARKfive"}
	for _, test := range []struct {
		name string
		rev  string // the object that is harmed
		harm func(r *gitRepo, id string)
		lost []string // what cannot be found any more
	}{
		{"blob removed", "HEAD~2:dir/two", remove, []string{"MARKtwo"}},
		{"tree removed", "HEAD~2:dir", remove, []string{"MARKtwo"}},
		{"root tree removed", "HEAD~2^{tree}", remove, []string{"MARKtwo"}},
		{"commit removed", "HEAD~2", remove, []string{"MARKone", "MARKtwo"}},
		{"tip removed", "HEAD", remove, []string{"MARKone", "MARKtwo", "MARKfour"}},
		{"HEAD's tree removed", "HEAD^{tree}", remove, []string{"MARKfour"}},
		{"blob's header flipped", "HEAD~2:dir/two", func(r *gitRepo, id string) { flip(r, r.loose(id), 0) }, []string{"MARKtwo"}},
		{"blob's end flipped", "HEAD~2:dir/two", func(r *gitRepo, id string) { flip(r, r.loose(id), -1) }, []string{"MARKtwo"}},
		{"tree flipped", "HEAD~2:dir", func(r *gitRepo, id string) { flip(r, r.loose(id), 12) }, []string{"MARKtwo"}},
		{"commit flipped", "HEAD~2", func(r *gitRepo, id string) { flip(r, r.loose(id), 20) }, []string{"MARKone", "MARKtwo"}},
		{"empty object", "HEAD~2:dir/two", func(r *gitRepo, id string) {
			_ = os.Chmod(r.loose(id), 0o644)
			if err := os.WriteFile(r.loose(id), nil, 0o644); err != nil {
				r.Fatal(err)
			}
		}, []string{"MARKtwo"}},
		{"packed blob flipped", "HEAD~2:dir/two", func(r *gitRepo, id string) {
			r.git("gc", "-q")
			packs, err := filepath.Glob(filepath.Join(r.dir, ".git", "objects", "pack", "*.pack"))
			if err != nil || len(packs) != 1 {
				r.Fatal(packs, err)
			}
			for line := range strings.Lines(r.git("verify-pack", "-v", strings.TrimSuffix(packs[0], ".pack")+".idx")) {
				if f := strings.Fields(line); f[0] == id {
					var at, size int64
					fmt.Sscan(f[4], &at)
					fmt.Sscan(f[3], &size)
					flip(r, packs[0], at+size/2)
				}
			}
		}, []string{"MARKtwo"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newGitRepo(t)
			r.commit("a", "MARKone")
			r.commit("dir/two", append(slices.Clone(noise), "MARKtwo")...)
			r.commit("dir/two", "taken away")
			r.git("checkout", "-q", "-b", "side")
			r.commit("three", "MARKthree")
			r.git("checkout", "-q", "main")
			r.git("rm", "-q", "a")
			r.commit("b", "MARKfour")
			r.write("c", "MARKfive")
			r.git("add", "c")
			id := r.git("rev-parse", test.rev)
			test.harm(r, id)
			if !strings.Contains(test.name, "pack") { // the index names no tree that is gone
				r.git("read-tree", "--empty")
				r.git("update-index", "--add", "--cacheinfo", "100644,"+r.git("hash-object", "-w", "c")+",c")
			}
			res := r.scan(History(r.open(), HistoryOptions{}))
			var got []string
			for _, f := range res.Findings {
				got = append(got, f.Secret.Reveal())
			}
			for _, secret := range all {
				if !slices.Contains(got, secret) && !slices.Contains(test.lost, secret) {
					t.Errorf("%s was not found", secret)
				}
			}
			if !slices.ContainsFunc(res.Problems, func(p finding.Problem) bool { return strings.Contains(p.Where, id) && p.Hint != "" }) {
				t.Errorf("%s is not named in %+v", id, res.Problems)
			}
		})
	}
}

func TestHistoryShallow(t *testing.T) {
	r := newGitRepo(t)
	r.commit("a", "MARKbase")
	r.commit("b", "MARKmiddle")
	last := r.commit("c", "MARKlast")
	shallow := &gitRepo{t, filepath.Join(t.TempDir(), "shallow"), r.env}
	r.git("clone", "-q", "--depth=1", "file://"+r.dir, shallow.dir)
	res := shallow.scan(History(shallow.open(), HistoryOptions{}))
	if len(res.Problems) != 1 || res.Problems[0].Where != last || !strings.Contains(res.Problems[0].Hint, "--unshallow") {
		t.Errorf("problems %+v", res.Problems)
	}
	if got := foundAt(res); strings.Join(got, " ") != "MARKbase a:1 MARKlast c:1 MARKmiddle b:1" {
		t.Errorf("found %q", got)
	}
	if _, isShallow, err := RootCommits(context.Background(), shallow.open()); !isShallow || err != nil {
		t.Error(isShallow, err)
	}
}

func TestHistoryPartialClone(t *testing.T) {
	r := newGitRepo(t)
	r.commit("a", "MARKgone")
	gone := r.git("rev-parse", "HEAD:a")
	r.commit("a", "MARKhere")
	r.git("config", "uploadpack.allowFilter", "true")
	partial := &gitRepo{t, filepath.Join(t.TempDir(), "partial"), r.env}
	r.git("clone", "-q", "--filter=blob:none", "file://"+r.dir, partial.dir)
	res := partial.scan(History(partial.open(), HistoryOptions{}))
	if got := foundAt(res); strings.Join(got, " ") != "MARKhere a:1" {
		t.Errorf("found %q", got)
	}
	if len(res.Problems) != 1 || !strings.Contains(res.Problems[0].Where, gone+" (a in commit ") || !strings.Contains(res.Problems[0].Hint, "partial clone") {
		t.Errorf("problems %+v", res.Problems)
	}
}

func TestHistoryBareSHA256(t *testing.T) {
	r := newGitRepo(t, "--object-format=sha256")
	r.commit("a", "MARKgone")
	r.commit("a", "x")
	bare := &gitRepo{t, filepath.Join(t.TempDir(), "bare"), r.env}
	r.git("clone", "-q", "--bare", r.dir, bare.dir)
	res := bare.scan(History(bare.open(), HistoryOptions{}))
	bare.want(res, "MARKgone a:1")
	if p := res.Findings[0].Places[0]; p.Pushed != finding.Unknown || p.InHead != finding.No {
		t.Errorf("place %+v", p)
	}
}

func TestHistoryCancelled(t *testing.T) {
	r := newGitRepo(t)
	r.commit("a", "MARKgone")
	repo := r.open()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	engine, err := secretscan.Compile(gitTestRules)
	if err != nil {
		t.Fatal(err)
	}
	for _, src := range []secretscan.Source{History(repo, HistoryOptions{}), Range(repo, "HEAD..HEAD"), Staged(repo)} {
		if _, err := secretscan.Run(ctx, engine, src, secretscan.Options{}); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
}

func TestRootCommits(t *testing.T) {
	r := newGitRepo(t)
	ctx := context.Background()
	if id, shallow, err := RootCommits(ctx, r.open()); id != "" || shallow || err != nil {
		t.Error(id, shallow, err)
	}
	one := r.commit("a", "x")
	r.git("checkout", "-q", "--orphan", "other")
	r.git("commit", "-q", "-m", "second root")
	two := r.git("rev-parse", "HEAD")
	r.git("merge", "-q", "--allow-unrelated-histories", "main")
	if id, _, err := RootCommits(ctx, r.open()); id != min(one, two) || err != nil {
		t.Errorf("got %s, %v", id, err)
	}
	r.git("checkout", "-q", "main")
	if id, _, err := RootCommits(ctx, r.open()); id != one || err != nil {
		t.Errorf("got %s, %v", id, err)
	}
}

// A scan tells the root as git does, however it went about its work.
func TestRootOfScannedHistory(t *testing.T) {
	r := newGitRepo(t)
	memory := &Memory{Dirs: []string{t.TempDir()}, Key: []byte("mine"), Engine: "1"}
	step := 0
	check := func() {
		t.Helper()
		step++
		want, _, err := RootCommits(t.Context(), r.open())
		if err != nil {
			t.Fatal(err)
		}
		for way, src := range map[string]*HistorySource{
			"git":        History(r.open(git.AskGit+"=1"), HistoryOptions{}),
			"sweep":      History(r.open(), HistoryOptions{}),
			"remembered": History(r.open(), HistoryOptions{Memory: memory}),
			"reflogs":    History(r.open(), HistoryOptions{Reflog: true}),
		} {
			r.scan(src)
			if got, _, err := src.Root(t.Context()); got != want || err != nil {
				t.Errorf("step %d: by %s %q, %v; want %q", step, way, got, err, want)
			}
		}
	}
	check()
	r.commit("a", "MARKone")
	check()
	r.git("checkout", "-q", "--orphan", "other")
	check() // no commit, but there are refs
	r.git("commit", "-q", "--allow-empty", "-m", "second root")
	check()
	r.git("merge", "-q", "--allow-unrelated-histories", "-m", "merged", "main")
	check()
	r.git("checkout", "-q", "main")
	check()
}

func TestHistoryBrokenRefAndWorktrees(t *testing.T) {
	r := newGitRepo(t)
	r.commit("a", "x")
	tree := &gitRepo{t, filepath.Join(t.TempDir(), "tree"), r.env}
	r.git("worktree", "add", "-q", "--detach", tree.dir)
	tree.commit("a", "MARKelsewhere")
	r.write(".git/refs/heads/broken", "")
	r.write(".git/refs/heads/main 2", r.git("rev-parse", "main"))
	res := r.scan(History(r.open(), HistoryOptions{}))
	if got := foundAt(res); strings.Join(got, " ") != "MARKelsewhere a:1" {
		t.Errorf("found %q", got)
	}
	if len(res.Problems) != 2 || res.Problems[0].Where != "refs/heads/broken" || res.Problems[1].Where != "refs/heads/main 2" {
		t.Errorf("problems %+v", res.Problems)
	}
}

// TestHistoryPartialCloneOfMuch has more missing objects than git could be started again for.
func TestHistoryPartialCloneOfMuch(t *testing.T) {
	r := newGitRepo(t)
	var in strings.Builder
	const many = 1500
	for i := 1; i <= many; i++ {
		fmt.Fprintf(&in, "commit refs/heads/main\ncommitter C <c@example.org> %d +0000\ndata 1\nx\n", 1700000000+i)
		text := fmt.Sprint("MARK", i)
		fmt.Fprintf(&in, "M 100644 inline a\ndata %d\n%s\n", len(text), text)
	}
	r.gitIn(in.String(), "fast-import", "--quiet")
	r.git("config", "uploadpack.allowFilter", "true")
	partial := &gitRepo{t, filepath.Join(t.TempDir(), "partial"), r.env}
	r.git("clone", "-q", "--filter=blob:none", "file://"+r.dir, partial.dir)
	res := partial.scan(History(partial.open(), HistoryOptions{}))
	if got := foundAt(res); strings.Join(got, " ") != fmt.Sprintf("MARK%d a:1", many) || len(res.Problems) != many-1 {
		t.Errorf("found %q, %d problems", got, len(res.Problems))
	}
}
