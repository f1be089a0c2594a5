package report

import (
	"strings"

	"keysweep/finding"
)

// unstage returns the command that takes the places' files out of the index and leaves them on disk.
func unstage(where []finding.Place) []string {
	const listed = 5
	command := "git restore --staged --"
	seen := map[string]bool{}
	for _, p := range where {
		if p.Path != "" && !seen[p.Path] && len(seen) < listed {
			seen[p.Path] = true
			command += " " + shellQuote(p.Path)
		}
	}
	if len(seen) == 0 {
		command += " PATH"
	}
	return []string{command}
}

// rewriteCommands chooses how history that is not pushed is rewritten: a single commit whose change still stands is edited in
// place; anything that came in several commits, or came and went, needs every version of it replaced.
func rewriteCommands(where []finding.Place, t target) (say string, run []string) {
	commits, first := map[string]bool{}, where[0]
	for _, p := range where {
		if p.Commit != nil {
			commits[p.Commit.ID] = true
		}
	}
	switch {
	case first.Kind == finding.KindTag:
		return "make the tag again without the secret", []string{"git tag -d " + orWord(strings.TrimPrefix(first.Path, "refs/tags/"), "TAG")}
	case first.Kind == finding.KindNote:
		const ref = "refs/notes/commits"
		return "edit the note, then drop the older versions of all notes",
			[]string{"git notes edit COMMIT", "git update-ref " + ref + " $(git commit-tree '" + ref + "^{tree}' -m notes)"}
	case len(commits) != 1 || first.InHead != finding.Yes && first.Kind != finding.KindMessage:
		// Perhaps the commit is not on the way to HEAD at all, but on another branch or in a stash.
		return filterNote(t), filterRepo(where, "", t)
	case first.Kind == finding.KindMessage:
		return "mark the commit \"reword\" (" + rootless + ")", []string{"git rebase -i " + parent(first)}
	case first.InHead == finding.Yes && !t.whole:
		return "mark the commit \"edit\" (" + rootless + "), take the secret out of the file, and go on",
			[]string{"git rebase -i " + parent(first), "git commit -a --amend --no-edit && git rebase --continue"}
	}
	return filterNote(t), filterRepo(where, parent(first)+"..HEAD", t)
}

// filterRepo returns the command that takes the secret out of every version of every file, and out of messages if it stands in
// one. git filter-repo insists on --force in a repository that is not a fresh clone.
func filterRepo(where []finding.Place, refs string, t target) []string {
	command := "git filter-repo --force"
	if refs != "" {
		command += " --refs " + refs
	}
	if t.whole {
		return []string{command + " --invert-paths --path " + orWord(where[0].Path, "PATH")}
	}
	text, message := false, false
	for _, p := range where {
		inMessage := p.Kind == finding.KindMessage || p.Kind == finding.KindTag
		text, message = text || !inMessage, message || inMessage
	}
	if text {
		command += " --replace-text FILE"
	}
	if message {
		command += " --replace-message FILE"
	}
	return []string{command}
}

// parent names the commit before the one that brought a place.
func parent(p finding.Place) string {
	return shellQuote(p.Commit.ID[:min(12, len(p.Commit.ID))]) + "^"
}

func orWord(s, word string) string {
	if s == "" {
		return word
	}
	return shellQuote(s)
}
