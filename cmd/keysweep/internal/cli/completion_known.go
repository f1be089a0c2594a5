package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"keysweep/internal/launch"
	"keysweep/rotation"
	"keysweep/rotation/snapshot"
)

// completer completes what the ledger knows, out of its snapshot: a shell that completes never opens the ledger, and asks nothing.
type completer struct{ env *Env }

// records returns what the snapshot knows to be in use; nothing if there is none, or it is damaged.
func (c completer) records(kind rotation.Kind) []rotation.Record {
	s, err := snapshot.Read(snapshotPath(c.env))
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(s.Records, func(r rotation.Record) bool { return r.Kind != kind || !r.Status.Live() })
}

// argument completes the arguments of a command, by its path; false if it has none that the ledger knows.
func (c completer) argument(command string) (cobra.CompletionFunc, bool) {
	switch command {
	case "keysweep cred show", "keysweep cred rotate", "keysweep cred remove", "keysweep cred compromised":
		return c.words(func([]string) []string { return c.refs() }, cobra.ShellCompDirectiveNoFileComp), true
	case "keysweep key retire", "keysweep key compromised", "keysweep key deploy", "keysweep key revoke", "keysweep key rotate",
		"keysweep key backup", "keysweep key backup verify":
		return c.words(c.keyThenFiles, cobra.ShellCompDirectiveDefault), true
	case "keysweep incident show", "keysweep incident report", "keysweep incident action":
		return c.words(func(args []string) []string { return c.incidents(args, false) }, cobra.ShellCompDirectiveNoFileComp), true
	case "keysweep incident evidence":
		return c.words(func(args []string) []string { return c.incidents(args, true) }, cobra.ShellCompDirectiveDefault), true
	case "keysweep incident add", "keysweep incident scope", "keysweep incident revoke", "keysweep incident rotate", "keysweep incident block",
		"keysweep incident note", "keysweep incident close":
		return c.words(func(args []string) []string { return c.incidents(args, true) }, cobra.ShellCompDirectiveNoFileComp), true
	case "keysweep incident step":
		return c.words(c.incidentStep, cobra.ShellCompDirectiveNoFileComp), true
	case "keysweep ledger move":
		return c.words(func(args []string) []string { return homesHere() }, cobra.ShellCompDirectiveNoFileComp), true
	case "keysweep run":
		return c.words(c.programThenFiles, cobra.ShellCompDirectiveDefault), true
	}
	return nil, false
}

// flag completes the values of a flag; false if the ledger does not know them.
func (c completer) flag(command, name string) (cobra.CompletionFunc, bool) {
	fields := map[string]func(rotation.Record) string{
		"env":      func(r rotation.Record) string { return r.Env },
		"owner":    func(r rotation.Record) string { return r.Owner },
		"service":  func(r rotation.Record) string { return r.Service },
		"provider": func(r rotation.Record) string { return r.Provider },
	}
	if field, ok := fields[name]; ok {
		return c.words(func([]string) []string { return c.values(field) }, cobra.ShellCompDirectiveNoFileComp), true
	}
	if strings.HasPrefix(command, "keysweep incident ") {
		switch name {
		case "key":
			return c.words(func([]string) []string { return c.keyThenFiles(nil) }, cobra.ShellCompDirectiveDefault), true
		case "cred":
			return c.words(func([]string) []string { return c.refs() }, cobra.ShellCompDirectiveNoFileComp), true
		}
	}
	if command == "keysweep run" && (name == "only" || name == "file") {
		return c.names(name), true
	}
	return nil, false
}

// words completes with those of the words that begin with what was typed.
func (c completer) words(all func(args []string) []string, otherwise cobra.ShellCompDirective) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		return beginning(all(args), typed), otherwise
	}
}

func beginning(words []string, typed string) (fit []string) {
	for _, w := range words {
		if strings.HasPrefix(w, typed) {
			fit = append(fit, w)
		}
	}
	return fit
}

// refs returns the credentials as commands take them, each with what it is for.
func (c completer) refs() (refs []string) {
	for _, r := range c.records(rotation.KindAPI) {
		refs = append(refs, captioned(r.Env+"/"+r.Name, r.Purpose))
	}
	slices.Sort(refs)
	return refs
}

// captioned is a word with a description, where shells show one.
func captioned(word, what string) string {
	if what = strings.Join(strings.Fields(what), " "); what == "" {
		return word
	}
	return word + "\t" + what
}

// values returns what the records have in a field, each once.
func (c completer) values(field func(rotation.Record) string) (values []string) {
	for _, r := range slices.Concat(c.records(rotation.KindAPI), c.records(rotation.KindSSH)) {
		if v := field(r); v != "" {
			values = append(values, v)
		}
	}
	slices.Sort(values)
	return slices.Compact(values)
}

// keyThenFiles returns the names of keys for a command's first argument; a word that none begins with may be a file's.
func (c completer) keyThenFiles(args []string) (names []string) {
	if len(args) > 0 {
		return nil
	}
	for _, r := range c.records(rotation.KindSSH) {
		names = append(names, captioned(r.Name, r.Service))
	}
	slices.Sort(names)
	return names
}

// names completes the names of the credentials of the environment that --env says, after each comma anew; those that are chosen
// already are not offered again.
func (c completer) names(flag string) cobra.CompletionFunc {
	return func(command *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		env, before := command.Flags().Lookup("env").Value.String(), typed[:strings.LastIndexByte(typed, ',')+1]
		chosen := strings.Split(before, ",")
		if given, ok := command.Flags().Lookup(flag).Value.(pflag.SliceValue); ok {
			chosen = append(chosen, given.GetSlice()...)
		}
		var names []string
		for _, r := range c.records(rotation.KindAPI) {
			if env != "" && r.Env != env || slices.Contains(chosen, r.Name) {
				continue
			}
			what := r.Purpose
			if before != "" { // bash, which quotes commas, finds words with commas only where there are no descriptions
				what = ""
			}
			names = append(names, captioned(before+r.Name, what))
		}
		slices.Sort(names)
		return beginning(slices.Compact(names), typed), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// programThenFiles returns the programs that PATH has for the first argument of run; what follows is the program's own matter.
func (c completer) programThenFiles(args []string) (programs []string) {
	if len(args) > 0 {
		return nil
	}
	for _, dir := range filepath.SplitList(c.env.Getenv("PATH")) {
		entries, _ := os.ReadDir(dir) // what is not there has none
		for _, e := range entries {
			if _, err := launch.Find(filepath.Join(dir, e.Name()), dir, nil); err == nil {
				programs = append(programs, e.Name())
			}
		}
	}
	slices.Sort(programs)
	return slices.Compact(programs)
}
