package main

import "fmt"

// uniqueSize is how many bytes each commit of the history "unique" brings, times what is asked for.
const uniqueSize = 32 << 10

// unique writes commits that each add a file of its own.
func unique(s *stream, seed uint64, commits, times int) {
	a := newAuthor(seed, 0)
	for i := range commits {
		var lines []string
		for size := 0; size < uniqueSize*times; {
			lines = append(lines, a.source())
			size += len(lines[len(lines)-1])
		}
		s.commit("add a file", []change{{fmt.Sprintf("src/%02d/f%d.go", i%20, i), s.blob(lines)}})
	}
}

// same writes 500 commits that bring something and then, up to as many as asked for, commits that only switch between two trees.
func same(s *stream, seed uint64, commits int) {
	unique(s, seed, min(commits, 500), 1)
	states := [2]int{s.blob([]string{"off\n"}), s.blob([]string{"on\n"})}
	for i := s.commits; i < commits; i++ {
		s.commit("switch", []change{{"state", states[i%2]}})
	}
}
