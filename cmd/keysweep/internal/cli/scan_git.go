package cli

import (
	"fmt"
	"strings"

	"keysweep/secretscan/rules"
	"keysweep/secretscan/source"
)

// pushScan is a push as git's hooks are told of it.
type pushScan struct {
	updates []source.RefUpdate
	remote  string // pre-push: the remote's name
	receive bool   // pre-receive: the objects are here, no ref has them yet
}

// gitSource makes the source of a mode that asks git, narrowed to the paths that count.
func (s *scan) gitSource(settings rules.ScanSettings) (chosenSource, error) {
	filter, err := s.filter(settings)
	if err != nil {
		return chosenSource{}, err
	}
	part := len(settings.Include)+len(settings.Exclude)+len(s.opts.include)+len(s.opts.exclude) > 0
	archives := s.opts.archives.inGit(settings.Archives)
	s.opts.noCache = s.opts.noCache || part || archives.Depth > 0 // what is remembered is what a whole scan saw
	chosen := s.unfiltered()
	if part {
		chosen.Source = source.Narrow(chosen.Source, filter)
		chosen.complete = false
	}
	chosen.Source = source.Opening(chosen.Source, archives)
	return chosen, nil
}

func (s *scan) unfiltered() chosenSource {
	repo, o := s.place.repo, s.opts
	switch {
	case s.mode == modeStaged:
		src := source.Staged(repo)
		return chosenSource{Source: src, what: "staged changes", empty: src.Empty}
	case s.mode == modeHistory:
		src := source.History(repo, source.HistoryOptions{Revs: o.targets, Reflog: o.reflog, Memory: s.memory(), Workers: o.jobs})
		what := "history of every ref, stash and note"
		if len(o.targets) > 0 {
			what = "history of " + shortIDs(strings.Join(o.targets, ", "))
		}
		return chosenSource{Source: src, what: what, empty: src.Empty, complete: len(o.targets) == 0, root: src.Root}
	case o.push != nil && o.push.receive:
		src := source.PreReceive(repo, o.push.updates)
		return chosenSource{Source: src, what: pushWords(o.push), empty: src.Empty}
	case o.push != nil:
		src := source.PrePush(repo, o.push.remote, o.push.updates)
		return chosenSource{Source: src, what: pushWords(o.push), empty: src.Empty}
	}
	ranges := append([]string(nil), o.ranges...)
	if o.since != "" {
		ranges = append(ranges, o.since+"..HEAD")
	}
	src := source.Range(repo, ranges...)
	return chosenSource{Source: src, what: "commits " + shortIDs(strings.Join(ranges, ", ")), empty: src.Empty}
}

// shortIDs cuts full object ids to 12 digits, as people know them.
func shortIDs(text string) string {
	const full, short = 40, 12
	var b strings.Builder
	for text != "" {
		n := len(text) - len(strings.TrimLeft(text, "0123456789abcdef"))
		if n >= full {
			b.WriteString(text[:short])
		} else {
			b.WriteString(text[:n])
		}
		if text = text[n:]; text != "" {
			b.WriteByte(text[0])
			text = text[1:]
		}
	}
	return b.String()
}

func pushWords(p *pushScan) string {
	if len(p.updates) == 1 {
		return "push to " + p.updates[0].Ref
	}
	return fmt.Sprintf("push to %d refs", len(p.updates))
}
