package report

import (
	"slices"
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

// step is what to do in a situation: its name, a few sentences, and the commands that they announce.
type step struct {
	name, say string
	run       []string
}

// target is what of a finding matters for what to do.
type target struct {
	rotate string // "rotate it at GitHub, https://..."
	whole  bool   // the file itself is what was found, not something in it
}

func (v *view) target(f *finding.Finding) target {
	return target{rotateAt(v.shown(f.Provider), v.shown(f.RotateURL)), f.Secret.IsZero()}
}

// takeOut says how a secret leaves a file.
func (t target) takeOut() string {
	if t.whole {
		return "keep the file out of the repository and name it in .gitignore"
	}
	return "take the secret out and read it from the environment or a secret store"
}

const (
	replaceFile = "FILE, outside of the repository, holds a line SECRET==>REMOVED"
	rootless    = "or --root if it is the first commit"
)

// stepsFor says what to do about a finding's places in one situation.
func stepsFor(s situation, where []finding.Place, t target) step {
	switch s {
	case staged:
		return step{"staged, not committed yet",
			t.takeOut() + ", then stage again. To unstage it now (before a first commit: git rm --cached):", unstage(where)}
	case onDisk:
		return step{"in a file", t.takeOut() + ". If it was ever pushed or shared, it counts as leaked: " + t.rotate + ".", nil}
	case piped:
		return step{"on standard input", "take the secret out where the text comes from. If that was shared, it counts as leaked: " + t.rotate + ".", nil}
	case unpushed:
		say, run := rewriteCommands(where, t)
		return step{"committed, not pushed", "take it out of the history before you push: " + say + ":", run}
	case leaked:
		return step{"pushed", "it counts as leaked: " + t.rotate + " first. Rewriting the history after that is optional and does not undo the leak; " +
			filterNote(t) + ":", filterRepo(where, "", t)}
	default:
		return step{"committed, perhaps pushed", "whether a remote has it is not known. Treat it as leaked: " + t.rotate +
			". If it surely never left this machine, rewriting the history is enough; " + filterNote(t) + ":", filterRepo(where, "", t)}
	}
}

// filterNote explains what the command of filterRepo needs.
func filterNote(t target) string {
	if t.whole {
		return "every clone has to be made anew then"
	}
	return replaceFile
}

// rotateAt says where a secret is rotated.
func rotateAt(provider, url string) string {
	out := "rotate it"
	if provider != "" {
		out += " at " + provider
	}
	if url != "" {
		out += " (" + url + ")"
	}
	return out
}

// adviceFor is what to do about one finding, below it: steps by situation, and how to allow it.
func (v *view) adviceFor(f *finding.Finding) string {
	var b strings.Builder
	for s, where := range bySituation(f) {
		if len(where) == 0 {
			continue
		}
		todo := stepsFor(situation(s), where, v.target(f))
		b.WriteString(wrap("  do:  ", "       ", todo.name+": "+todo.say, v.width()))
		b.WriteString(v.commands(todo.run))
	}
	return b.String() + v.allow(v.shown(rule(f)), f.Fingerprint.String(), f.Secret.IsZero() || inContainers(f))
}

// commands lists what to type, never broken over lines.
func (v *view) commands(run []string) string {
	var b strings.Builder
	for _, command := range run {
		b.WriteString("         " + v.paint(cyan, v.shown(command)) + "\n")
	}
	return b.String()
}

// inContainers reports whether all places of a finding are in archives, documents or databases.
func inContainers(f *finding.Finding) bool {
	return f.MorePlaces == 0 && !slices.ContainsFunc(f.Places, func(p finding.Place) bool { return !strings.Contains(p.Path, "!") })
}

// allow says how a finding is accepted. A file that was found by its name has no line for a comment, and into what is packed
// nobody writes one.
func (v *view) allow(rule, fingerprint string, whole bool) string {
	if v.o.Receiving {
		return "  not a secret? comments and a baseline in the push do not count: a maintainer adds it to the default branch's baseline:\n" +
			"         " + v.paint(cyan, "keysweep baseline add "+fingerprint+` --reason "..."`) + "\n"
	}
	out := ""
	if !whole {
		out = "  not a secret? comment on its line: " + v.paint(cyan, "keysweep:allow="+rule+" -- reason") + "\n"
	}
	return out + "  accept it: " + v.paint(cyan, "keysweep baseline add "+fingerprint+` --reason "..."`) + "\n"
}
