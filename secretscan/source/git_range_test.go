package source

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"keysweep/finding"
	"keysweep/internal/git"
	"keysweep/secretscan"
)

// wantAt compares "secret path:line commit" with the commits by the names that the test gave them.
func (r *gitRepo) wantAt(res secretscan.Result, names map[string]string, want ...string) {
	r.Helper()
	var got []string
	for _, f := range res.Findings {
		for _, p := range f.Places {
			commit := "-"
			if p.Commit != nil {
				commit = names[p.Commit.ID]
				if p.Commit.Author != "Ann" || p.Commit.Email != "ann@example.org" || p.Commit.Date.IsZero() || p.Commit.Subject == "" {
					r.Errorf("commit %+v", p.Commit)
				}
			}
			text := fmt.Sprintf("%s %s:%d %s", f.Secret.Reveal(), p.Path, p.Span.Start.Line, commit)
			if p.Kind != finding.KindBlob {
				text += " " + string(p.Kind)
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
		r.Errorf("found %q\nwant  %q", got, want)
	}
}

func (r *gitRepo) noProblems(res secretscan.Result) {
	r.Helper()
	for _, p := range res.Problems {
		r.Errorf("problem %+v", p)
	}
}

func TestRange(t *testing.T) {
	long := []string{"one", "two", "three", "four", "five", "six", "seven", "eight"}
	for _, test := range []struct {
		name string
		do   func(r *gitRepo, name func(string))
		want []string
	}{
		{"added and taken away", func(r *gitRepo, name func(string)) {
			r.commit("a", "MARKold", "MARKnew")
			name("A")
			r.commit("a", "MARKold")
		}, []string{"MARKnew a:2 A"}},
		{"old secret in a changed file", func(r *gitRepo, _ func(string)) { r.commit("a", "MARKold", "x") }, nil},
		{"second change", func(r *gitRepo, name func(string)) {
			r.commit("a", "MARKold", "MARKone")
			name("A")
			r.commit("a", "MARKtwo", "MARKold", "MARKone")
			name("B")
		}, []string{"MARKone a:2 A", "MARKtwo a:1 B"}},
		{"removed and brought back", func(r *gitRepo, name func(string)) {
			r.commit("a", "x")
			r.commit("a", "MARKold")
			name("B")
		}, []string{"MARKold a:1 B"}},
		{"same blob again", func(r *gitRepo, name func(string)) {
			r.commit("b/c", "MARKnew")
			name("A")
			r.commit("d", "MARKnew")
		}, []string{"MARKnew b/c:1 A +d"}},
		{"rename", func(r *gitRepo, _ func(string)) {
			r.git("mv", "a", "b")
			r.git("commit", "-q", "-m", "m")
		}, nil},
		{"rename with change", func(r *gitRepo, name func(string)) {
			r.commit("long", append(long, "MARKone")...)
			name("A")
			r.git("mv", "long", "other")
			r.commit("other", append(long, "MARKone", "MARKtwo")...)
			name("B")
		}, []string{"MARKone long:9 A", "MARKtwo other:10 B"}},
		{"clean merge brings nothing of its own", func(r *gitRepo, name func(string)) {
			r.git("checkout", "-q", "-b", "side")
			r.commit("side", "MARKside")
			name("S")
			r.git("checkout", "-q", "main")
			r.commit("m", "MARKmain")
			name("M")
			r.git("merge", "-q", "side")
		}, []string{"MARKside side:1 S", "MARKmain m:1 M"}},
		{"evil merge", func(r *gitRepo, name func(string)) {
			r.git("checkout", "-q", "-b", "side")
			r.commit("side", "x")
			r.git("checkout", "-q", "main")
			r.commit("m", "x")
			r.git("merge", "-q", "--no-commit", "side")
			r.commit("side", "x", "MARKevil")
			name("E")
		}, []string{"MARKevil side:2 E"}},
		{"octopus", func(r *gitRepo, name func(string)) {
			for _, branch := range []string{"one", "two", "three"} {
				r.git("checkout", "-q", "-b", branch, "main")
				r.commit(branch, "MARK"+branch)
				name(branch)
			}
			r.git("checkout", "-q", "main")
			r.git("merge", "-q", "one", "two", "three")
		}, []string{"MARKone one:1 one", "MARKtwo two:1 two", "MARKthree three:1 three"}},
		{"message", func(r *gitRepo, name func(string)) {
			r.git("commit", "-q", "--allow-empty", "-m", "subject\n\nMARKmessage")
			name("A")
		}, []string{"MARKmessage :3 A message"}},
		{"file becomes a directory", func(r *gitRepo, name func(string)) {
			r.git("rm", "-q", "a")
			r.commit("a/b", "MARKinside")
			name("A")
		}, []string{"MARKinside a/b:1 A"}},
		{"unrelated history", func(r *gitRepo, name func(string)) {
			r.git("checkout", "-q", "--orphan", "other")
			r.git("rm", "-q", "-rf", ".")
			r.commit("o", "MARKorphan")
			name("O")
			r.git("checkout", "-q", "main")
			r.git("merge", "-q", "--allow-unrelated-histories", "other")
		}, []string{"MARKorphan o:1 O"}},
		{"symbolic link", func(r *gitRepo, name func(string)) {
			if err := os.Symlink("MARKlink", filepath.Join(r.dir, "l")); err != nil {
				r.Fatal(err)
			}
			r.commit("x", "x")
			name("A")
		}, []string{"MARKlink l:1 A"}},
		{"nothing", func(*gitRepo, func(string)) {}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newGitRepo(t)
			base := r.commit("a", "MARKold")
			names := map[string]string{}
			test.do(r, func(name string) { names[r.git("rev-parse", "HEAD")] = name })
			src := Range(r.open(), base+"..HEAD")
			res := r.scan(src)
			r.wantAt(res, names, test.want...)
			r.noProblems(res)
			if count := r.git("rev-list", "--count", base+"..HEAD"); count != fmt.Sprint(res.Coverage.Commits) {
				t.Errorf("%d commits covered, want %s", res.Coverage.Commits, count)
			}
			if nothing := r.git("rev-parse", "HEAD") == base; nothing != (src.Empty() != "") {
				t.Errorf("empty is %q", src.Empty())
			}
		})
	}
}

func TestRangeForms(t *testing.T) {
	r := newGitRepo(t)
	base := r.commit("a", "MARKbase")
	r.git("checkout", "-q", "-b", "side")
	side := r.commit("s", "MARKside")
	r.git("tag", "-a", "-m", "MARKtag", "v1")
	r.git("checkout", "-q", "main")
	r.commit("m", "MARKmain")
	for _, test := range []struct {
		ranges []string
		want   string
	}{
		{[]string{"side.."}, "MARKmain"},
		{[]string{"..side"}, "MARKside"},
		{[]string{"main...side"}, "MARKmain MARKside"},
		{[]string{base + "..main", base + "..side"}, "MARKmain MARKside"},
		{[]string{base + "..v1"}, "MARKside MARKtag"},
		{[]string{strings.Repeat("0", 40) + "..side"}, "MARKbase MARKside"},
		{[]string{"side.." + strings.Repeat("0", 40)}, ""},
		{[]string{"main~1..main@{0}"}, "MARKmain"},
	} {
		res := r.scan(Range(r.open(), test.ranges...))
		r.noProblems(res)
		var got []string
		for _, f := range res.Findings {
			got = append(got, f.Secret.Reveal())
		}
		slices.Sort(got)
		if strings.Join(got, " ") != test.want {
			t.Errorf("%q: got %q, want %q", test.ranges, got, test.want)
		}
	}
	r.git("update-ref", "refs/remotes/origin/main", "main")
	r.git("update-ref", "refs/remotes/origin/side", side)
	r.want(r.scan(Range(r.open(), strings.Repeat("0", 40)+".."+side)), "MARKside s:1")
	for _, bad := range []string{"main", "a..b..c", "main....side", "nothing..main", "main..nothing", "--all..main", "main..--all"} {
		engine, err := secretscan.Compile(gitTestRules)
		if err != nil {
			t.Fatal(err)
		}
		_, err = secretscan.Run(context.Background(), engine, Range(r.open(), bad), secretscan.Options{})
		var rev *RevError
		if !errors.As(err, &rev) || !strings.Contains(err.Error(), "\nhint: ") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestPushes(t *testing.T) {
	zero := strings.Repeat("0", 40)
	r := newGitRepo(t)
	base := r.commit("a", "MARKbase")
	r.git("update-ref", "refs/remotes/origin/main", base)
	one := r.commit("a", "MARKbase", "MARKone")
	r.git("checkout", "-q", "-b", "forced", base)
	two := r.commit("b", "MARKtwo")
	r.git("tag", "-a", "-m", "MARKtag", "v1")
	tag := r.git("rev-parse", "v1")
	blob := r.git("hash-object", "-w", filepath.Join(r.dir, "b"))
	for _, test := range []struct {
		name    string
		remote  string
		updates []RefUpdate
		want    []string
	}{
		{"new branch", "origin", []RefUpdate{{"refs/heads/x", zero, one}}, []string{"MARKone a:2"}},
		{"new branch on an empty remote", "other", []RefUpdate{{"refs/heads/x", zero, one}}, []string{"MARKbase a:1", "MARKone a:2"}},
		{"update", "origin", []RefUpdate{{"refs/heads/x", base, one}}, []string{"MARKone a:2"}},
		{"force", "origin", []RefUpdate{{"refs/heads/x", one, two}}, []string{"MARKtwo b:1"}},
		{"unknown old state", "origin", []RefUpdate{{"refs/heads/x", strings.Repeat("12", 20), two}}, []string{"MARKtwo b:1"}},
		{"deletion", "origin", []RefUpdate{{"refs/heads/x", one, zero}}, nil},
		{"several", "origin", []RefUpdate{{"refs/heads/x", zero, one}, {"refs/heads/y", one, zero}, {"refs/heads/z", zero, two}}, []string{"MARKtwo b:1"}},
		{"two", "origin", []RefUpdate{{"refs/heads/x", zero, one}, {"refs/heads/z", zero, two}}, []string{"MARKone a:2", "MARKtwo b:1"}},
		{"tag", "origin", []RefUpdate{{"refs/tags/v1", zero, tag}}, []string{"MARKtag :1", "MARKtwo b:1"}},
		{"blob", "origin", []RefUpdate{{"refs/tags/blob", zero, blob}}, []string{"MARKtwo :1"}},
		{"tree", "origin", []RefUpdate{{"refs/tags/tree", zero, r.git("rev-parse", two+"^{tree}")}}, []string{"MARKbase a:1", "MARKtwo b:1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := &gitRepo{t, r.dir, r.env}
			r.want(r.scan(PrePush(r.open(), test.remote, test.updates)), test.want...)
		})
	}
}

// TestPreReceive pushes into a bare repository whose hook is shown the objects in quarantine; it keeps them for the test.
func TestPreReceive(t *testing.T) {
	r := newGitRepo(t)
	r.commit("a", "MARKbase")
	bare := filepath.Join(t.TempDir(), "bare.git")
	r.git("clone", "-q", "--bare", r.dir, bare)
	hook := "#!/bin/sh\nenv > seen\ncat > updates\ncp -r \"$GIT_OBJECT_DIRECTORY\" kept\nexit 1\n"
	if err := os.WriteFile(filepath.Join(bare, "hooks", "pre-receive"), []byte(hook), 0o755); err != nil {
		t.Fatal(err)
	}
	r.commit("a", "MARKbase", "MARKpushed")
	if _, err := r.try("push", bare, "main", "main:refs/heads/other"); err == nil {
		t.Fatal("the hook did not run")
	}
	server := &gitRepo{t, bare, r.env}
	var environ []string
	text, err := os.ReadFile(filepath.Join(bare, "seen"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, "GIT_OBJECT_DIRECTORY=") {
			line = "GIT_OBJECT_DIRECTORY=kept" // the quarantine itself is gone
		}
		if strings.HasPrefix(line, "GIT_") && !strings.HasPrefix(line, "GIT_QUARANTINE") {
			environ = append(environ, line)
		}
	}
	lines, err := os.ReadFile(filepath.Join(bare, "updates"))
	if err != nil {
		t.Fatal(err)
	}
	var updates []RefUpdate
	for line := range strings.Lines(string(lines)) {
		fields := strings.Fields(line)
		updates = append(updates, RefUpdate{fields[2], fields[0], fields[1]})
	}
	if len(updates) != 2 {
		t.Fatalf("updates %q", lines)
	}
	server.want(server.scan(PreReceive(server.open(environ...), updates)), "MARKpushed a:2")
}

func TestRangeShallow(t *testing.T) {
	r := newGitRepo(t)
	base := r.commit("a", "MARKbase")
	r.commit("b", "MARKmiddle")
	r.commit("c", "MARKlast")
	shallow := &gitRepo{t, filepath.Join(t.TempDir(), "shallow"), r.env}
	r.git("clone", "-q", "--depth=1", "file://"+r.dir, shallow.dir)
	res := shallow.scan(Range(shallow.open(), base+"..HEAD"))
	var where []string
	for _, p := range res.Problems {
		where = append(where, p.Where)
		if !strings.Contains(p.Hint, "--unshallow") {
			t.Errorf("problem %+v", p)
		}
	}
	want := []string{base, shallow.git("rev-parse", "HEAD")}
	slices.Sort(want)
	if !slices.Equal(where, want) {
		t.Errorf("problems at %q, want %q", where, want)
	}
	if got := foundAt(res); strings.Join(got, " ") != "MARKbase a:1 MARKlast c:1 MARKmiddle b:1" {
		t.Errorf("found %q", got)
	}
	var rev *RevError
	engine, _ := secretscan.Compile(gitTestRules)
	_, err := secretscan.Run(context.Background(), engine, Range(shallow.open(), "HEAD~1..HEAD"), secretscan.Options{})
	if !errors.As(err, &rev) || !strings.Contains(rev.Hint, "--unshallow") {
		t.Errorf("got %v", err)
	}
}

// TestRangeBomb scans trees that name each other so often that they stand for 10^12 paths.
func TestRangeBomb(t *testing.T) {
	r := newGitRepo(t)
	base := r.commit("a", "x")
	r.write("f", "MARKbomb")
	id, kind := r.git("hash-object", "-w", "f"), "100644 blob"
	for range 12 {
		var tree strings.Builder
		for i := range 10 {
			fmt.Fprintf(&tree, "%s %s\td%d\n", kind, id, i)
		}
		id, kind = r.gitIn(tree.String(), "mktree"), "040000 tree"
	}
	r.git("update-ref", "refs/heads/bomb", r.git("commit-tree", "-p", base, "-m", "m", id))
	res := r.scan(Range(r.open(), "main..bomb"))
	r.noProblems(res)
	if len(res.Findings) != 1 || len(res.Findings[0].Places) != 1 || len(res.Findings[0].Places[0].Also) != gitAlsoMost {
		t.Errorf("found %d", len(res.Findings))
	}
}

func TestChronicle(t *testing.T) {
	id := func(n int) git.OID { o, _ := git.ParseOID(fmt.Sprintf("%040x", n)); return o }
	//	1 - 2 - 4 - 5    4 claims to be older than its parents; 6 and 7 have nothing to do with the others
	//	  \ 3 /
	commits := []gitDated{
		{id(5), 50, []int32{1, -1}}, {id(4), 5, []int32{2, 3}}, {id(2), 30, []int32{4}}, {id(3), 20, []int32{4}},
		{id(1), 10, nil}, {id(7), 30, nil}, {id(6), 30, []int32{-1}},
	}
	var got []string
	for _, i := range gitChronicle(commits) {
		got = append(got, strings.TrimLeft(commits[i].id.String(), "0"))
	}
	if strings.Join(got, " ") != "1 3 2 4 6 7 5" {
		t.Errorf("got %q", got)
	}
}

func TestRangePushed(t *testing.T) {
	r := newGitRepo(t)
	base := r.commit("a", "plain")
	one := r.commit("a", "MARKone")
	r.git("update-ref", "refs/remotes/origin/main", one)
	two := r.commit("b", "MARKtwo")
	for _, test := range []struct {
		src  secretscan.Source
		want map[string]finding.Tri
	}{
		{Range(r.open(), base+".."+two), map[string]finding.Tri{"MARKone": finding.Yes, "MARKtwo": finding.Unknown}},
		{PrePush(r.open(), "origin", []RefUpdate{{"refs/heads/main", one, two}}), map[string]finding.Tri{"MARKtwo": finding.No}},
	} {
		got := map[string]finding.Tri{}
		for _, f := range r.scan(test.src).Findings {
			got[f.Secret.Reveal()] = f.Places[0].Pushed
		}
		if !maps.Equal(got, test.want) {
			t.Errorf("pushed: %q, want %q", got, test.want)
		}
	}
}
