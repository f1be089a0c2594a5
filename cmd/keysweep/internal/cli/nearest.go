package cli

import (
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// nearest returns the name that a word is most likely meant to be: one with at most a third of its letters typed wrong. "" if
// there is none.
func nearest(word string, names []string) string {
	const longest = 64
	best, distance := "", 0
	for _, name := range names {
		if len(word) > longest || len(name) > longest {
			continue
		}
		if d := edits(word, name); d <= max(1, len(name)/3) && (best == "" || d < distance) {
			best, distance = name, d
		}
	}
	return best
}

// edits counts the insertions, deletions and replacements that turn one word into the other (Levenshtein's distance).
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, row[j]+1, before+1)
		}
	}
	return row[len(b)]
}

// flagHint says what may have been meant by a flag that there is not.
func flagHint(c *cobra.Command, err error) string {
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		if scan, _, err := c.Root().Find([]string{"scan"}); err == nil && c == c.Root() && scan.Flags().Lookup(unknown.GetSpecifiedName()) != nil {
			return "did you mean: " + scan.CommandPath() + " --" + unknown.GetSpecifiedName()
		}
		var names []string
		c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if near := nearest(unknown.GetSpecifiedName(), names); near != "" {
			return "did you mean --" + near + "? see: " + c.CommandPath() + " --help"
		}
	}
	return "see: " + c.CommandPath() + " --help"
}
