package main

import "slices"

// hugeFile is a file of the deep history. One commit of every changes it; no commit changes none.
type hugeFile struct {
	path  string
	size  int // bytes at the start
	every int
	line  func(*author) string
}

var hugeFiles = []hugeFile{
	{"package-lock.json", 2 << 20, 2, (*author).locked},
	{"gen/tables.go", 4 << 20, 2, (*author).source},
	{"data/orders.csv", 6 << 20, 3, (*author).row},
	{"dist/app.min.js", 3 << 20, 10, (*author).minified},
}

// deep writes all versions of a file after each other, which lets fast-import make small deltas, and then the commits. The files
// are a part of their size: half of it for 2.
func deep(s *stream, seed uint64, commits, part int) {
	changes := make([][]change, commits)
	for i, file := range hugeFiles {
		a := newAuthor(seed, uint64(i))
		var lines []string
		for size := 0; size < file.size/part; {
			lines = append(lines, file.line(a))
			size += len(lines[len(lines)-1])
		}
		for n := range commits {
			if n > 0 {
				if (n+i)%file.every != 0 {
					continue
				}
				lines = a.edit(lines, file.line)
			}
			changes[n] = append(changes[n], change{file.path, s.blob(lines)})
		}
	}
	for _, changed := range changes {
		s.commit("change some lines", changed)
	}
}

// edit changes some lines here and there, appends a few, and moves a block in one edit of ten. In one of forty a line becomes a
// secret, which later edits overwrite or leave.
func (a *author) edit(lines []string, line func(*author) string) []string {
	for range 3 + a.IntN(15) {
		lines[a.IntN(len(lines))] = line(a)
	}
	for range a.IntN(5) {
		lines = append(lines, line(a))
	}
	if a.IntN(10) == 0 {
		n := min(len(lines)/4, 20+a.IntN(200))
		from, to := a.IntN(len(lines)-n), a.IntN(len(lines)-n)
		block := slices.Clone(lines[from : from+n])
		lines = slices.Insert(slices.Delete(lines, from, from+n), to, block...)
	}
	if a.IntN(40) == 0 {
		lines[a.IntN(len(lines))] = a.secret()
	}
	return lines
}
