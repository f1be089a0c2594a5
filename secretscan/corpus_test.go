package secretscan_test

import (
	"bufio"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/zricethezav/gitleaks/v8/detect"

	"keysweep/secretscan"
)

// comparison counts what the two scanners find in a corpus.
type comparison struct {
	t        *testing.T
	detector *detect.Detector
	engine   *secretscan.Engine

	files, bytes, hits, missing, extra int
}

func newComparison(t *testing.T) *comparison {
	return &comparison{t: t, detector: gitleaksDetector(t), engine: gitleaksEngine(t)}
}

// add compares one content. Content larger than a block is left to the tests of blocks: rules without a bound differ there.
func (c *comparison) add(name, path string, content []byte) {
	if len(content) > 8<<20 {
		c.t.Logf("%s: %d bytes are more than a block", name, len(content))
		return
	}
	want, got := gitleaksHits(c.detector, string(content), path), keysweepHits(c.engine, content, path)
	missing, extra := without(want, got), without(got, want)
	c.files++
	c.bytes += len(content)
	c.hits += len(want)
	c.missing += len(missing)
	c.extra += len(extra)
	if len(missing)+len(extra) > 0 && c.missing+c.extra < 200 {
		c.t.Errorf("%s (%s): missing %v, extra %v", name, path, missing, extra)
	}
	if c.files%5000 == 0 {
		c.t.Logf("so far %s", c)
	}
}

func (c *comparison) String() string {
	return fmt.Sprintf("%d files, %d bytes, %d hits of gitleaks, %d missing, %d extra", c.files, c.bytes, c.hits, c.missing, c.extra)
}

// share says whether a path is in a share of n thousandths of all paths, the same in every run.
func share(path string, n uint32) bool {
	h := fnv.New32a()
	_, _ = io.WriteString(h, path)
	return h.Sum32()%1000 < n
}

// TestTree holds the engine against gitleaks on a tree of real files: the one that KEYSWEEP_DIFF_TREE names, or a part of Go's own
// sources.
func TestTree(t *testing.T) {
	root, part := os.Getenv("KEYSWEEP_DIFF_TREE"), uint32(1000)
	if root == "" {
		root, part = goSources(t), 80
	}
	c := newComparison(t)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == ".git" {
			return fs.SkipDir
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if rel = filepath.ToSlash(rel); err != nil || !share(rel, part) {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		c.add(rel, rel, content)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if t.Log(c); c.files < 100 || c.bytes < 1<<20 {
		t.Error("too little to say anything")
	}
}

// TestRepository holds the engine against gitleaks on every blob of the repository that KEYSWEEP_DIFF_REPO names, or of this one's
// last commits.
func TestRepository(t *testing.T) {
	repo := os.Getenv("KEYSWEEP_DIFF_REPO")
	if repo == "" {
		repo = smallRepository(t)
	}
	paths := listBlobs(t, repo)
	cmd := exec.Command("git", "-C", repo, "cat-file", "--batch")
	cmd.Stdin = strings.NewReader(strings.Join(paths.ids, "\n") + "\n")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c, r := newComparison(t), bufio.NewReaderSize(out, 1<<20)
	for range paths.ids {
		header, err := r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		fields := strings.Fields(header) // id, type, size
		if len(fields) != 3 {
			t.Fatalf("git cat-file says %q", header)
		}
		size, err := strconv.Atoi(fields[2])
		if err != nil {
			t.Fatal(err)
		}
		content := make([]byte, size+1)
		if _, err := io.ReadFull(r, content); err != nil {
			t.Fatal(err)
		}
		if fields[1] == "blob" {
			c.add(fields[0], paths.of[fields[0]], content[:size])
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if t.Log(c); c.files == 0 {
		t.Error("no blob")
	}
}

// objectPaths are objects and the first path that git names for each.
type objectPaths struct {
	ids []string
	of  map[string]string
}

func listBlobs(t *testing.T, repo string) objectPaths {
	t.Helper()
	out, err := exec.Command("git", "-C", repo, "rev-list", "--objects", "--all").Output()
	if err != nil {
		t.Fatal(err)
	}
	paths := objectPaths{of: make(map[string]string)}
	for line := range strings.Lines(string(out)) {
		id, path, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if path != "" {
			paths.ids = append(paths.ids, id)
			paths.of[id] = path
		}
	}
	return paths
}

// smallRepository makes a repository of samples of the rules.
func smallRepository(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=n", "-c", "user.email=e@example.com"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	git("init", "-q")
	for i, sample := range samplePool(1) {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("f%d.txt", i%50)), []byte(sample), 0o600); err != nil {
			t.Fatal(err)
		}
		if i%50 == 49 {
			git("add", ".")
			git("commit", "-q", "-m", "more")
		}
	}
	return dir
}

// goSources returns where the sources of the Go distribution are that runs the tests.
func goSources(t testing.TB) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "src")
}
