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
	chosen := s.unfiltered()
	if len(settings.Include)+len(settings.Exclude)+len(s.opts.include)+len(s.opts.exclude) > 0 {
		chosen.Source = source.Narrow(chosen.Source, filter)
		chosen.complete = false
	}
	return chosen, nil
}

func (s *scan) unfiltered() chosenSource {
	repo, o := s.place.repo, s.opts
	switch {
	case s.mode == modeStaged:
		src := source.Staged(repo)
		return chosenSource{Source: src, what: "staged changes", empty: src.Empty}
	case s.mode == modeHistory:
		src := source.History(repo, source.HistoryOptions{Revs: o.targets, Reflog: o.reflog})
		what := "history of every ref, stash and note"
		if len(o.targets) > 0 {
			what = "history of " + strings.Join(o.targets, ", ")
		}
		return chosenSource{Source: src, what: what, empty: src.Empty, complete: len(o.targets) == 0}
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
	return chosenSource{Source: src, what: "commits " + strings.Join(ranges, ", "), empty: src.Empty}
}

func pushWords(p *pushScan) string {
	if len(p.updates) == 1 {
		return "push to " + p.updates[0].Ref
	}
	return fmt.Sprintf("push to %d refs", len(p.updates))
}
