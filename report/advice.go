package report

import (
	"strings"

	"keysweep/finding"
)

// situation is what a place means for what has to be done. The order is the order in which things should be done.
type situation int

const (
	leaked   situation = iota // in history that a remote has
	maybe                     // in history, and nobody knows whether a remote has it
	unpushed                  // in history that no remote has
	staged                    // in the index
	onDisk                    // in a file
	piped                     // on standard input
	situations
)

// situationOf says which situation a place is in.
func situationOf(p finding.Place) situation {
	switch {
	case p.Kind == finding.KindIndex:
		return staged
	case p.Kind == finding.KindStdin:
		return piped
	case !inHistory(p):
		return onDisk
	case p.Pushed == finding.Yes:
		return leaked
	case p.Pushed == finding.No:
		return unpushed
	}
	return maybe
}

// bySituation sorts a finding's places into situations.
func bySituation(f *finding.Finding) (out [situations][]finding.Place) {
	for _, p := range places(f) {
		s := situationOf(p)
		out[s] = append(out[s], p)
	}
	return out
}

// step is a sentence and the commands that it announces.
type step struct {
	say string
	run []string
}

const (
	takeOut  = "take the secret out and read it from the environment or a secret store instead"
	rootless = "a first commit has no parent: --root in place of it"
	rewrite  = "with a line SECRET==>REMOVED in a file outside of the repository"
)

// stepsFor says what to do about a finding's places in one situation. rotate says where the secret is rotated.
func stepsFor(s situation, where []finding.Place, rotate string) step {
	switch s {
	case staged:
		return step{"it is staged, not committed yet: " + takeOut + ", then stage the file again; unstage it for now with", unstage(where)}
	case onDisk:
		return step{takeOut + "; if it was ever committed and pushed, or shared, it counts as leaked: " + rotate, nil}
	case piped:
		return step{"take the secret out where this text comes from; if that was shared it counts as leaked: " + rotate, nil}
	case unpushed:
		say, run := rewriteCommands(where)
		return step{"it is not pushed yet, so take it out of the history before you push: " + say, run}
	case leaked:
		return step{"a remote has it, so it counts as leaked: " + rotate + " first; rewriting the history afterwards is optional and does not undo the leak (every clone keeps it): " + rewrite,
			filterRepo(where, "")}
	default:
		return step{"whether a remote has it is not known, so treat it as leaked: " + rotate + "; if it surely never left this machine, rewriting the history is enough: " + rewrite,
			filterRepo(where, "")}
	}
}

// rotateAt says where a finding's secret is rotated.
func rotateAt(provider, url string) string {
	out := "rotate it"
	if provider != "" {
		out += " at " + provider
	}
	if url != "" {
		out += ", " + url
	}
	return out
}

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
func rewriteCommands(where []finding.Place) (say string, run []string) {
	commits, only := map[string]bool{}, where[0]
	for _, p := range where {
		if p.Commit != nil {
			commits[p.Commit.ID] = true
		}
	}
	switch {
	case only.Kind == finding.KindTag:
		return "delete the tag and make it again without the secret", []string{"git tag -d " + orWord(strings.TrimPrefix(only.Path, "refs/tags/"), "TAG")}
	case only.Kind == finding.KindNote:
		return "take it out of the note, then drop the older versions of the note", []string{"git notes edit COMMIT", "git notes prune"}
	case len(commits) != 1:
		return rewrite, filterRepo(where, "")
	case only.Kind == finding.KindMessage:
		return "mark the commit \"reword\" (" + rootless + ")", []string{"git rebase -i " + parent(only)}
	case only.InHead == finding.Yes:
		return "mark the commit \"edit\" (" + rootless + "), take the secret out, and go on",
			[]string{"git rebase -i " + parent(only), "git commit -a --amend --no-edit && git rebase --continue"}
	}
	return rewrite, filterRepo(where, parent(only)+"..HEAD")
}

// filterRepo returns the command that replaces the secret in every version of every file, and in messages if it stands in one.
func filterRepo(where []finding.Place, refs string) []string {
	command := "git filter-repo --force"
	if refs != "" {
		command += " --refs " + refs
	}
	text, message := false, false
	for _, p := range where {
		text = text || p.Kind == finding.KindBlob
		message = message || p.Kind != finding.KindBlob
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

// adviceFor is what to do about one finding, below it: steps by situation, and how to allow it.
func (v *view) adviceFor(f *finding.Finding) string {
	var b strings.Builder
	rotate := rotateAt(v.shown(f.Provider), v.shown(f.RotateURL))
	for s, where := range bySituation(f) {
		if len(where) == 0 {
			continue
		}
		todo := stepsFor(situation(s), where, rotate)
		b.WriteString(wrap("  do:  ", "       ", todo.say, v.width()))
		for _, command := range todo.run {
			b.WriteString("         " + v.paint(cyan, v.shown(command)) + "\n")
		}
	}
	b.WriteString("  not a secret? comment on its line: " + v.paint(cyan, "keysweep:allow="+v.shown(rule(f))+" -- reason") + "\n")
	b.WriteString("  or: " + v.paint(cyan, "keysweep baseline add "+f.Fingerprint.String()+` --reason "..."`) + "\n")
	return b.String()
}
