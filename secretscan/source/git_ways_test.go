package source

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"keysweep/internal/git"
	"keysweep/secretscan"
)

// report writes all that a result says about findings, in an order of its own.
func report(res secretscan.Result) string {
	var lines []string
	for _, f := range res.Findings {
		for _, p := range f.Places {
			commit := ""
			if p.Commit != nil {
				commit = p.Commit.ID + " " + p.Commit.Subject
			}
			lines = append(lines, fmt.Sprintf("%s %v %s %s %s:%v %s also %q head %v pushed %v %s %q %q", f.Secret.Reveal(), f.Rules, p.Rule, p.Kind,
				p.Path, p.Span, commit, p.Also, p.InHead, p.Pushed, p.Object, p.Excerpt, p.Match))
		}
	}
	for _, s := range res.Suppressed {
		lines = append(lines, fmt.Sprintf("suppressed %s %s %q %+v %v", s.Fingerprint, s.By, s.Reason, s.Place.Path, s.Place.Span))
	}
	for _, p := range res.Problems {
		lines = append(lines, "problem "+p.Where+" "+p.Op)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// ways are the ways there are to scan a history; all have to find the same.
func (r *gitRepo) ways(memory *Memory) map[string]secretscan.Result {
	r.Helper()
	all := map[string]secretscan.Result{
		"git, commit by commit": r.scan(History(r.open(git.AskGit+"=1"), HistoryOptions{})),
		"sweep":                 r.scan(History(r.open(), HistoryOptions{})),
		"sweep on one core":     r.scan(History(r.open(), HistoryOptions{Workers: 1})),
	}
	if memory != nil {
		all["remembered"] = r.scan(History(r.open(), HistoryOptions{Memory: memory}))
		swept := History(r.open(), HistoryOptions{Memory: memory})
		swept.least = 1
		all["remembered again, and swept"] = r.scan(swept)
	}
	return all
}

// equal fails the test if the ways differ.
func (r *gitRepo) equal(when string, all map[string]secretscan.Result) {
	r.Helper()
	const first = "git, commit by commit"
	want := report(all[first])
	for way, res := range all {
		if got := report(res); got != want {
			r.Fatalf("%s: %s finds\n%s\n\n%s finds\n%s", when, way, got, first, want)
		}
		if a, b := res.Coverage.Commits, all[first].Coverage.Commits; a != b {
			r.Fatalf("%s: %s covers %d commits, %s %d", when, way, a, first, b)
		}
	}
}

// historian makes a repository's life interesting.
type historian struct {
	*gitRepo
	rand  *rand.Rand
	marks int
}

func (h *historian) pick(list ...string) string { return list[h.rand.IntN(len(list))] }

func (h *historian) path() string {
	return h.pick("", "dir/", "dir/deep/", "allowed/", "other/") + h.pick("a", "b", "c", "key.p12", "long")
}

// text is a file's content: old secrets, new ones, and enough lines for git to make deltas of.
func (h *historian) text() []string {
	var lines []string
	for i := range 5 + h.rand.IntN(60) {
		lines = append(lines, fmt.Sprintf("line %d of some text that does not change much", i))
	}
	for range h.rand.IntN(3) {
		if h.rand.IntN(2) == 0 {
			h.marks++
		}
		at := h.rand.IntN(len(lines))
		lines[at] = fmt.Sprintf("value = MARK%d", h.rand.IntN(h.marks+1))
	}
	return lines
}

// step does something to the repository and returns what.
func (h *historian) step() string {
	act := h.rand.IntN(27)
	switch act {
	case 0, 1, 2, 3, 4, 5, 6:
		h.commit(h.path(), h.text()...)
	case 7:
		_, _ = h.try("mv", h.path(), h.path())
		_, _ = h.try("commit", "-qam", "moved")
	case 8:
		_, _ = h.try("rm", "-q", "-f", h.path())
		_, _ = h.try("commit", "-qm", "removed MARK"+h.pick("msg1", "msg2", "1"))
	case 9:
		_, _ = h.try("checkout", "-q", "-f", "-B", h.pick("one", "two", "main"), h.pick("HEAD", "HEAD~1", "main"))
	case 10:
		_, _ = h.try("merge", "-q", "-X", "ours", "-m", "merged", h.pick("one", "two", "main"))
		_, _ = h.try("merge", "--abort")
	case 11:
		_, _ = h.try("tag", "-f", "-a", "-m", "tagged MARK"+h.pick("tag1", "tag2"), h.pick("v1", "v2"))
	case 12:
		_, _ = h.try("notes", "add", "-f", "-m", "noted MARK"+h.pick("note1", "note2", "2"))
	case 13:
		h.write(h.path(), h.text()...)
		_, _ = h.try("stash", "-q", "-u")
	case 14:
		h.write(h.path(), h.text()...)
		h.git("add", "-A")
	case 15:
		_, _ = h.try("branch", "-q", "-D", h.pick("one", "two"))
	case 16:
		h.git("repack", "-q", "-a", "-d", "-f", "--depth=50", "--window=10")
	case 17:
		h.git("gc", "-q", "--prune=now")
	case 18:
		_, _ = h.try("update-ref", "refs/remotes/origin/"+h.pick("main", "x"), h.pick("HEAD", "HEAD~1"))
	case 19:
		_, _ = h.try("tag", "-f", h.pick("tree", "blob"), h.pick("HEAD^{tree}", "HEAD:a"))
	case 20: // as a forced push does
		_, _ = h.try("reset", "-q", "--hard", h.pick("HEAD~1", "HEAD~2", "HEAD~4", "main"))
	case 21:
		h.write(h.path(), h.text()...)
		h.git("add", "-A")
		_, _ = h.try("commit", "-q", "--amend", "-m", "amended MARK"+h.pick("msg1", "msg3"))
	case 22:
		_, _ = h.try("update-ref", "refs/heads/"+h.pick("one", "two", "three"), h.pick("HEAD~3", "HEAD~5", "v1^{commit}"))
	case 23:
		_, _ = h.try("update-ref", "-d", h.pick("refs/heads/one", "refs/heads/two", "refs/heads/three", "refs/tags/v1", "refs/notes/commits", "refs/stash"))
	case 24: // objects that nothing leads to are gone for good
		h.git("reflog", "expire", "--expire=now", "--all")
		h.git("gc", "-q", "--prune=now")
	case 25: // a commit that comes before its parents and much else that is known, or after all
		h.write(h.path(), h.text()...)
		h.git("add", "-A")
		env := h.env
		h.env = append(slices.Clone(env), "GIT_COMMITTER_DATE="+h.pick("1100000000", "1200000000", "1900000000")+" +0000")
		_, _ = h.try("commit", "-q", "-m", "at another time MARK"+h.pick("msg1", "msg4"))
		h.env = env
	case 26: // old content under a new name, and a name that there is a rule about
		_, _ = h.try("checkout", "-q", h.pick("main", "HEAD~2", "HEAD~4"), "--", h.pick("a", "b", "dir/a"))
		_, _ = h.try("mv", "-f", h.pick("a", "b", "dir/a"), h.pick("other.p12", "key.p12", "dir/b"))
		_, _ = h.try("commit", "-qam", "old again")
	}
	return fmt.Sprint("act ", act)
}

func TestEveryWayFindsTheSame(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			h := &historian{newGitRepo(t), rand.New(rand.NewPCG(seed, 1)), 0}
			memory := &Memory{Dirs: []string{filepath.Join(t.TempDir(), "m")}, Key: []byte("key"), Engine: "engine"}
			h.commit("a", h.text()...)
			for n := range 60 {
				did := h.step()
				if n%6 == 5 {
					h.equal(fmt.Sprintf("step %d, %s", n, did), h.ways(memory))
				}
			}
		})
	}
}

// The versions of a file with the same secrets are not all scanned again, and yet each of their places is told of.
func TestRecalled(t *testing.T) {
	r := newGitRepo(t)
	for i := range 12 {
		r.commit("a", strings.Repeat("line\n", i)+"MARKone", "and MARKtwo", fmt.Sprint("version ", i))
	}
	memory := &Memory{Dirs: []string{t.TempDir()}, Key: []byte("mine"), Engine: "1"}
	r.equal("at first", r.ways(memory))
	r.commit("b", "plain")
	if n := r.scan(History(r.open(), HistoryOptions{Memory: memory})).Coverage.Blobs; n > 2 {
		t.Errorf("%d contents were scanned", n)
	}
	r.commit("c", "plain, too")
	r.equal("with more", r.ways(memory))
	// If the one cannot be read that would serve for the others, they are scanned themselves.
	file := r.loose(r.git("rev-parse", "HEAD:a"))
	if err := os.Rename(file, file+".away"); err != nil {
		t.Fatal(err)
	}
	r.git("update-ref", "HEAD", r.git("commit-tree", "-p", "HEAD", "-m", "nothing new", "HEAD^{tree}"))
	ways := r.ways(memory)
	r.equal("with a lost one", ways)
	if res := ways["remembered"]; len(res.Problems) != 1 || len(foundAt(res)) != 2*11 {
		t.Errorf("problems %+v, found %q", res.Problems, foundAt(res))
	}
	if err := os.Rename(file+".away", file); err != nil {
		t.Fatal(err)
	}
	r.equal("after the repair", r.ways(memory))
}

// A rule about names looks at the first name that a content has, and which one that is can change without the content.
func TestFirstNamesChange(t *testing.T) {
	r := newGitRepo(t)
	memory := &Memory{Dirs: []string{t.TempDir()}, Key: []byte("mine"), Engine: "1"}
	r.commit("plain", "start")
	r.git("checkout", "-q", "-b", "side")
	r.commit("a", "the same")
	r.git("checkout", "-q", "main")
	r.equal("as a", r.ways(memory))
	r.commit("key.p12", "the same")
	r.equal("as a key, later", r.ways(memory))
	r.git("branch", "-q", "-D", "side")
	r.equal("as a key only", r.ways(memory))
	r.git("update-ref", "refs/heads/side", "HEAD")
	r.git("reset", "-q", "--hard", "HEAD~1")
	r.write("staged.p12", "the same")
	r.git("add", "-A")
	r.equal("staged under another name", r.ways(memory))
	r.git("branch", "-q", "-D", "side")
	r.equal("staged only", r.ways(memory))
}

func TestMemoryIsNotTrusted(t *testing.T) {
	r := newGitRepo(t)
	r.commit("a", "MARKone")
	r.commit("b", "plain")
	memory := &Memory{Dirs: []string{filepath.Join(t.TempDir(), "none", "there"), filepath.Join(r.dir, ".git", "keysweep")}, Key: []byte("mine"), Engine: "1"}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.WriteFile(filepath.Join(filepath.Dir(filepath.Dir(memory.Dirs[0])), "none"), nil, 0o600)) // the first place cannot be made
	want := report(r.scan(History(r.open(), HistoryOptions{Memory: memory})))
	file := filepath.Join(memory.Dirs[1], memory.name())
	good, err := os.ReadFile(file)
	must(err)
	if strings.Contains(string(good), "MARK") {
		t.Error("a secret is remembered")
	}
	if memory.load(20) == nil {
		t.Fatal("nothing is remembered")
	}
	other, older := *memory, *memory
	other.Key, older.Engine = []byte("theirs"), "0"
	for name, m := range map[string]*Memory{"another user's": &other, "another engine's": &older} {
		if m.load(20) != nil {
			t.Errorf("%s file is believed", name)
		}
	}
	for at := range good {
		bad := slices.Clone(good)
		bad[at] ^= 1
		if _, err := memory.decode(bad, 20); err == nil {
			t.Fatalf("byte %d can be changed", at)
		}
		if _, err := memory.decode(good[:at], 20); err == nil {
			t.Fatalf("a file of %d bytes is believed", at)
		}
	}
	must(os.WriteFile(file, good[:len(good)/2], 0o600))
	if got := report(r.scan(History(r.open(), HistoryOptions{Memory: memory}))); got != want {
		t.Errorf("with a damaged file\n%s\nwant\n%s", got, want)
	}
	if memory.load(20) == nil {
		t.Error("a damaged file is not replaced")
	}
}

// A report says what it did not look at again.
func TestRememberedIsSaid(t *testing.T) {
	r := newGitRepo(t)
	r.commit("a", "MARKone")
	r.commit("b", "plain")
	memory := &Memory{Dirs: []string{t.TempDir()}, Key: []byte("mine"), Engine: "1"}
	skipped := func() (seen int64) {
		for _, s := range r.scan(History(r.open(), HistoryOptions{Memory: memory})).Coverage.Skipped {
			if s.Reason == gitSeen {
				seen = s.Count
			}
		}
		return seen
	}
	if n := skipped(); n != 0 {
		t.Errorf("the first scan passed over %d commits", n)
	}
	r.commit("c", "more")
	if n := skipped(); n != 2 {
		t.Errorf("the second scan passed over %d commits, not 2", n)
	}
}

// What was not seen whole is not remembered, and damage that came later is found by whoever looks again.
func TestTroubleIsNotRemembered(t *testing.T) {
	r := newGitRepo(t)
	r.commit("a", "MARKone")
	blob := r.git("rev-parse", "HEAD:a")
	r.commit("a", "plain")
	memory := &Memory{Dirs: []string{t.TempDir()}, Key: []byte("mine"), Engine: "1"}
	file := r.loose(blob)
	if err := os.Rename(file, file+".away"); err != nil {
		t.Fatal(err)
	}
	res := r.scan(History(r.open(), HistoryOptions{Memory: memory}))
	if len(res.Problems) != 1 || !strings.Contains(res.Problems[0].Where, blob+" (a in commit ") {
		t.Errorf("problems %+v", res.Problems)
	}
	if memory.load(20) != nil {
		t.Error("a scan that could not look everywhere is remembered")
	}
	if err := os.Rename(file+".away", file); err != nil {
		t.Fatal(err)
	}
	r.equal("after the repair", r.ways(memory))
}

// What no ref leads to is not reported, and it does no harm if it is damaged.
func TestUnreachable(t *testing.T) {
	r := newGitRepo(t)
	r.commit("a", "plain")
	lost := r.commit("b", "MARKlost")
	r.git("commit", "-q", "--allow-empty", "-m", "MARKmessage")
	blob := r.git("rev-parse", lost+":b")
	r.git("reset", "-q", "--hard", "HEAD~2")
	r.equal("unreachable", r.ways(nil))
	if err := os.Remove(r.loose(blob)); err != nil {
		t.Fatal(err)
	}
	r.equal("unreachable and missing", r.ways(nil))
	if res := r.scan(History(r.open(), HistoryOptions{})); len(res.Findings)+len(res.Problems) > 0 {
		t.Errorf("found %s", report(res))
	}
}

// A tree may name as a directory what is a file, and the other way round.
func TestKindsAreChecked(t *testing.T) {
	r := newGitRepo(t)
	r.commit("dir/a", "MARKone")
	blob, tree := r.git("rev-parse", "HEAD:dir/a"), r.git("rev-parse", "HEAD:dir")
	raw := func(mode, name, id string) string {
		var b strings.Builder
		fmt.Fprintf(&b, "%s %s\x00", mode, name)
		for i := 0; i < len(id); i += 2 {
			var c byte
			_, _ = fmt.Sscanf(id[i:i+2], "%02x", &c)
			b.WriteByte(c)
		}
		return b.String()
	}
	id := r.gitIn(raw("100644", "file", tree)+raw("40000", "sub", blob), "hash-object", "-w", "-t", "tree", "--stdin", "--literally")
	r.git("update-ref", "refs/heads/odd", r.git("commit-tree", "-m", "odd", id))
	for way, res := range r.ways(nil) {
		var said []string
		for _, p := range res.Problems {
			said = append(said, p.Err)
		}
		all := strings.Join(said, "; ")
		if len(res.Problems) < 2 || !strings.Contains(all, "it is a blob where a tree should be") || !strings.Contains(all, "it is a tree where a blob should be") {
			t.Errorf("%s: %s", way, all)
		}
	}
}

func FuzzMemory(f *testing.F) {
	memory := &Memory{Key: []byte("k"), Engine: "e"}
	f.Add(memory.encode(&gitMemory{}, 20)[len(gitMemoryMagic):])
	id, _ := git.ParseOID(strings.Repeat("ab", 20))
	f.Add(memory.encode(&gitMemory{commits: []gitCommit{{id: id, tree: id, date: 7}, {id: id, tree: id, parents: []int32{0}}}, named: true, marked: []gitMarked{{id, 0}},
		recalls: []gitRecall{{0, secretscan.Spot{First: 3, Last: 4, Allow: 2, Offset: 77}}}, looks: []gitLook{{1, 2}},
		messages: []int32{1}, paths: []string{"a/b"}, intros: []gitIntro{{blob: 0, commit: 1, path: 0}}}, 20)[len(gitMemoryMagic):])
	f.Fuzz(func(t *testing.T, parts []byte) {
		data := memory.seal(append([]byte(gitMemoryMagic), parts...))
		g, err := memory.decode(data, 20)
		if err != nil {
			return
		}
		if again := memory.encode(g, 20); string(again) != string(data) {
			t.Errorf("%d bytes become %d", len(data), len(again))
		}
	})
}
