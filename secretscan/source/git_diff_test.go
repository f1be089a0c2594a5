package source

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"keysweep/finding"
	"keysweep/internal/git"
	"keysweep/secretscan"
)

// gitRandomHistory makes n commits, a quarter of them merges whose results are up to chance.
func gitRandomHistory(r *gitRepo, n int, random *rand.Rand) {
	r.Helper()
	names := []string{"a", "a.b", "a/b", "a/c/d", "ab", "x/y/z", "x/y-z", "x", "z/a", "z/b/c"}
	var in strings.Builder
	for i := 1; i <= n; i++ {
		text := fmt.Sprintf("commit %d", i)
		fmt.Fprintf(&in, "commit refs/heads/b%d\nmark :%d\ncommitter C <c@example.org> %d +0000\ndata %d\n%s\n", i%3, i, 1700000000+i, len(text), text)
		if i > 1 && random.IntN(20) > 0 {
			fmt.Fprintf(&in, "from :%d\n", 1+random.IntN(i-1))
			for range random.IntN(8) - 5 {
				fmt.Fprintf(&in, "merge :%d\n", 1+random.IntN(i-1))
			}
		} else if i > 1 {
			in.WriteString("from 0000000000000000000000000000000000000000\n")
		}
		for range 1 + random.IntN(3) {
			name, content := names[random.IntN(len(names))], fmt.Sprint(random.IntN(6))
			if random.IntN(4) == 0 {
				fmt.Fprintf(&in, "D %s\n", name)
			} else {
				fmt.Fprintf(&in, "M 100%s inline %s\ndata %d\n%s\n", []string{"644", "755"}[random.IntN(2)], name, len(content), content)
			}
		}
	}
	r.gitIn(in.String(), "fast-import", "--quiet", "--force")
}

// TestDifferIsGits compares what commits introduce with git's own combined diff.
func TestDifferIsGits(t *testing.T) {
	for seed := range uint64(6) {
		r := newGitRepo(t)
		gitRandomHistory(r, 300, rand.New(rand.NewPCG(seed, 1)))
		repo := r.open()
		feed := newGitFeed(context.Background(), repo, gitDiscard{})
		defer feed.close()
		refs, err := feed.refs()
		if err != nil {
			t.Fatal(err)
		}
		var w gitWanted
		for _, ref := range refs {
			w.include = append(w.include, ref.id)
		}
		commits, err := feed.list(w)
		if err != nil {
			t.Fatal(err)
		}
		log, err := feed.scan(commits, gitExtra{}, true)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]bool{}
		last := int32(0)
		for _, intro := range log.intros {
			olds := ""
			for _, v := range log.versions(intro) {
				olds += " " + v.id.String()
			}
			got[fmt.Sprintf("%s %s %s%s", log.commits[intro.commit].id, log.paths[intro.path], log.blobs[intro.blob], olds)] = true
			if intro.commit < last {
				t.Errorf("seed %d: introductions are not in the order of the commits", seed)
			}
			last = intro.commit
		}
		if len(got) != len(log.intros) {
			t.Errorf("seed %d: %d introductions, %d different", seed, len(log.intros), len(got))
		}
		want := gitCombined(r, commits)
		for _, line := range slices.Sorted(maps.Keys(want)) {
			if !got[line] {
				t.Errorf("seed %d: not found: %s", seed, line)
			}
		}
		for _, line := range slices.Sorted(maps.Keys(got)) {
			if !want[line] {
				t.Errorf("seed %d: not git's: %s", seed, line)
			}
		}
		byHand, err := feed.gather(w)
		if err != nil || len(byHand) != len(commits) {
			t.Errorf("seed %d: %d commits by hand, %d by git, %v", seed, len(byHand), len(commits), err)
		}
	}
}

// gitCombined returns what diff-tree -c says, in the same form: commit, path, new id, old ids.
func gitCombined(r *gitRepo, commits []git.OID) map[string]bool {
	r.Helper()
	var in strings.Builder
	for _, c := range commits {
		in.WriteString(c.String() + "\n")
	}
	out := map[string]bool{}
	commit := ""
	fields := strings.Split(r.gitIn(in.String(), "diff-tree", "--stdin", "-r", "-c", "--root", "--raw", "-z", "--no-renames", "--no-abbrev"), "\x00")
	for i := 0; i < len(fields); i++ {
		head := strings.Fields(fields[i])
		if len(head) < 5 {
			commit = strings.TrimSpace(fields[i])
			continue
		}
		i++
		parents := len(head[0]) - len(strings.TrimLeft(head[0], ":"))
		ids := head[1+parents : 2+2*parents]
		olds := ""
		changed := false
		for _, id := range ids[:parents] {
			changed = changed || id != ids[parents]
			if !gitIsZero(id) {
				olds += " " + id
			}
		}
		if !gitIsZero(ids[parents]) && !slices.Contains(ids[:parents], ids[parents]) && changed {
			out[fmt.Sprintf("%s %s %s%s", commit, fields[i], ids[parents], olds)] = true
		}
	}
	return out
}

// gitDiscard is a sink for nothing.
type gitDiscard struct{}

func (gitDiscard) Blob(b secretscan.Blob) error {
	if b.Open == nil {
		return nil
	}
	body, err := b.Open()
	if err != nil {
		return err
	}
	defer body.Close() // a test's sink
	_, err = io.Copy(io.Discard, body)
	return err
}

// Scan implements secretscan.Scanner.
func (gitDiscard) Scan(secretscan.Blob, *secretscan.Trace, []secretscan.Copy) *secretscan.Trace {
	return nil
}
func (d gitDiscard) Scanner() secretscan.Scanner { return d }

func (gitDiscard) Expect(int64, int64)     {}
func (gitDiscard) Suspects([]byte) bool    { return false }
func (gitDiscard) Name(secretscan.Blob)    {}
func (gitDiscard) Troubled() bool          { return false }
func (gitDiscard) Commits(int64)           {}
func (gitDiscard) Skip(string, string)     {}
func (gitDiscard) Problem(finding.Problem) {}
func (gitDiscard) Entered(string)          {}

func TestAdded(t *testing.T) {
	// A letter is a secret, "!" after it an allow comment, a digit after it the line's text.
	parse := func(text string) (list []secretscan.Candidate) {
		for i, word := range strings.Fields(text) {
			c := secretscan.Candidate{Rule: "r", Secret: finding.NewSecret(word[:1]), Offset: int64(i), Line: finding.NewExcerpt(word, finding.Range{Start: 0, End: 1}, nil)}
			if strings.HasSuffix(word, "!") {
				c.Allow = &secretscan.Allow{}
			}
			list = append(list, c)
		}
		return list
	}
	for _, test := range []struct {
		fresh string
		olds  []string
		want  string
	}{
		{"A B", nil, "0:A 1:B"},
		{"A B", []string{"A"}, "1:B"},
		{"A A A B", []string{"A A B"}, "2:A"},
		{"A2 A1", []string{"A1"}, "0:A2"},
		{"A1 A2", []string{"A3"}, "1:A2"},
		{"A", []string{"A!"}, "0:A"},
		{"A!", []string{"A!"}, ""},
		{"A!", []string{"A"}, ""},
		{"A A!", []string{"A!"}, "0:A"},
		{"A! A!", []string{"A!"}, "1:A!"},
		{"A A!", []string{"A"}, "1:A!"},
		{"A A B", []string{"A", "B"}, "1:A"},
		{"A B C", []string{"A", "B"}, "2:C"},
		{"", []string{"A"}, ""},
	} {
		var olds []gitTally
		for _, old := range test.olds {
			olds = append(olds, gitTallyOf(parse(old)))
		}
		var got []string
		for _, c := range gitAdded(parse(test.fresh), olds) {
			text, _ := c.Line.Reveal()
			got = append(got, fmt.Sprintf("%d:%s", c.Offset, text))
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%q less %q: got %q, want %q", test.fresh, test.olds, got, test.want)
		}
	}
}

func TestRangeLargeBlob(t *testing.T) {
	r := newGitRepo(t)
	base := r.commit("a", "x")
	r.commit("big", strings.Repeat("0123456789abcde\n", gitInMemory/16), "MARKbig")
	r.commit("a", "x", "MARKsmall")
	r.want(r.scan(Range(r.open(), base+"..")), "MARKbig big:524290", "MARKsmall a:2")
}

func FuzzParseGitIndexEntry(f *testing.F) {
	f.Add("100644 " + strings.Repeat("ab", 20) + " 0\tpath")
	f.Fuzz(func(t *testing.T, field string) {
		if e, err := parseGitIndexEntry(field); err == nil && !strings.HasSuffix(field, "\t"+e.path) {
			t.Errorf("%q gives %+v", field, e)
		}
	})
}
