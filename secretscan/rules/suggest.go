package rules

import "strings"

// suggest returns the name that a word is most likely meant to be, or "" if none is near.
func suggest(word string, names []string) string {
	const longest, most = 64, 1000 // of a word, and of the names, that are worth comparing
	if len(word) > longest {
		return ""
	}
	names = names[:min(len(names), most)]
	separators := strings.NewReplacer("-", "", "_", "", " ", "")
	plain := func(s string) string { return separators.Replace(strings.ToLower(s)) }
	best, distance := "", 0
	for _, name := range names {
		if len(name) > longest {
			continue
		}
		d := edits(plain(word), plain(name))
		if near := max(1, len(name)/3); d <= near && (best == "" || d < distance) {
			best, distance = name, d
		}
	}
	return best
}

// edits counts the insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
func edits(a, b string) int {
	before, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next := make([]int, len(b)+1)
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
