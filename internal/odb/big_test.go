package odb

import (
	"bufio"
	"context"
	"crypto/sha256"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestBigRepository compares every object of the repositories that KEYSWEEP_ODB_REPO names (a list like PATH) with what git says,
// byte for byte by way of a hash. Without it there is nothing to do: such repositories are not made by a test.
func TestBigRepository(t *testing.T) {
	for _, dir := range filepath.SplitList(os.Getenv("KEYSWEEP_ODB_REPO")) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			common, err := exec.Command("git", "-C", dir, "rev-parse", "--path-format=absolute", "--git-common-dir").Output()
			if err != nil {
				t.Fatal(err)
			}
			db := openDB(t, Options{Dirs: []string{filepath.Join(strings.TrimSpace(string(common)), "objects")}, Most: 1 << 30})
			sums := make([]hasher, 2)
			err = db.Walk(t.Context(), WalkOptions{Workers: len(sums), Visitor: func(i int) Visitor {
				sums[i].sums = map[ID][32]byte{}
				return &sums[i]
			}})
			if err != nil {
				t.Fatal(err)
			}
			total := 0
			for i := range sums {
				total += len(sums[i].sums)
				for _, err := range sums[i].failed {
					t.Error(err)
				}
			}
			if n := compareGit(t, dir, sums); n != total {
				t.Errorf("%d objects were visited, git knows %d", total, n)
			}
			t.Logf("%d objects are the same", total)
		})
	}
}

type hasher struct {
	sums   map[ID][32]byte
	failed []error
}

func (h *hasher) Visit(o *Object) (any, error) {
	h.sums[o.ID] = contentSum(o.Kind.String(), o.Data)
	return nil, checkCopies(o)
}

func (h *hasher) Failed(_ ID, _ uint32, err error) { h.failed = append(h.failed, err) }

func contentSum(kind string, data []byte) [32]byte {
	digest := sha256.New()
	digest.Write([]byte(kind + " "))
	digest.Write(data)
	return [32]byte(digest.Sum(nil))
}

// compareGit reads all objects with git and returns how many there are.
func compareGit(t *testing.T, dir string, sums []hasher) (n int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cmd := exec.CommandContext(ctx, "git", "-C", dir, "cat-file", "--batch-all-objects", "--batch", "--unordered", "--buffer")
	pipe, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	out := bufio.NewReaderSize(pipe, 1<<20)
	for ; ; n++ {
		line, err := out.ReadString('\n')
		if err == io.EOF {
			break
		}
		fields := strings.Fields(line)
		size, sizeErr := strconv.Atoi(fields[2])
		data := make([]byte, size+1)
		if _, err := io.ReadFull(out, data); err != nil || sizeErr != nil {
			t.Fatal(err, sizeErr)
		}
		id, want, found := parseID(t, fields[0]), contentSum(fields[1], data[:size]), false
		for i := range sums {
			sum, ok := sums[i].sums[id]
			found = found || ok && sum == want
		}
		if !found {
			t.Errorf("%s %s is not visited, or with another content", fields[1], fields[0])
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	return n
}

// BenchmarkWalk walks over the first repository of KEYSWEEP_ODB_REPO, or over one that it makes.
func BenchmarkWalk(b *testing.B) {
	dir := strings.Split(os.Getenv("KEYSWEEP_ODB_REPO"), string(os.PathListSeparator))[0]
	objects := filepath.Join(dir, ".git", "objects")
	if dir == "" {
		p := newPackFile(20)
		p.whole(Blob, strings.Repeat("a line of a file\n", 1000))
		random := newRandom(1)
		for i := range 5000 {
			p.insertion(random.IntN(i+1), "one more line\n")
		}
		objects = p.database(b)
	}
	for b.Loop() {
		db, err := Open(Options{Dirs: []string{objects}, Most: 1 << 30})
		if err != nil {
			b.Fatal(err)
		}
		bytes := int64(0)
		err = db.Walk(b.Context(), WalkOptions{Visitor: func(int) Visitor { return (*byteCounter)(&bytes) }})
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(bytes)
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

type byteCounter int64

func (c *byteCounter) Visit(o *Object) (any, error) {
	*c += byteCounter(len(o.Data))
	return nil, nil
}
func (c *byteCounter) Failed(ID, uint32, error) {}
