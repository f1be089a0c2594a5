package cli

import (
	"fmt"

	"keysweep/secretscan"
	"keysweep/secretscan/rules"
	"keysweep/secretscan/source"
)

// chosenSource is what a scan looks at.
type chosenSource struct {
	secretscan.Source
	what     string        // in words, for the report
	empty    func() string // why there was nothing to look at; nil: there always is something
	complete bool          // everything is looked at that a baseline may speak of
	root     rootFinder    // nil: the source does not come across the root commit
}

// chooseSource makes the source that the options ask for.
func (s *scan) chooseSource(settings rules.ScanSettings) (chosenSource, error) {
	switch s.mode {
	case modeStdin:
		return chosenSource{Source: source.Stdin(s.env.Stdin, s.opts.stdinName).Opening(s.opts.archives.archives(settings.Archives)), what: "standard input"}, nil
	case modeList:
		return chosenSource{Source: source.List(s.env.Dir, s.opts.targets...).Opening(s.opts.archives.archives(settings.Archives)), what: fmt.Sprintf("%d named files", len(s.opts.targets))}, nil
	case modeFiles:
		return s.filesSource(settings)
	}
	return s.gitSource(settings)
}

func (s *scan) filesSource(settings rules.ScanSettings) (chosenSource, error) {
	o := s.opts
	filter, err := s.filter(settings)
	if err != nil {
		return chosenSource{}, err
	}
	opts := source.FileOptions{Dir: s.env.Dir, Environ: s.env.Environ, Filter: filter, NoIgnore: o.noIgnore, MaxSize: settings.MaxSize,
		Jobs: o.jobs, Unsized: !o.out.showsProgress(s.env), Archives: o.archives.archives(settings.Archives)}
	if o.maxSize != "" {
		size, ok := rules.ParseSize(o.maxSize)
		if !ok {
			return chosenSource{}, usagef("for example: --max-size 10MB", "--max-size: %q is no size", o.maxSize)
		}
		opts.MaxSize = size
	}
	targets := []source.Target{{Path: "."}}
	what := "work tree"
	switch {
	case o.startup:
		targets, what = nil, "startup places"
		for _, t := range o.targets {
			targets = append(targets, source.Target{Path: t})
		}
	case len(o.targets) > 0:
		targets = nil
		for _, t := range o.targets {
			targets = append(targets, source.Target{Path: t})
		}
		what = "files"
	case s.place.repo != nil && s.place.repo.Root() != "":
		targets[0].Path = s.place.shown
	}
	return chosenSource{Source: source.Files(targets, opts), what: what}, nil
}

// filter combines the globs of the flags and of the configuration. A glob of the configuration excludes in addition; an
// include of the flags takes the place of the configuration's.
func (s *scan) filter(settings rules.ScanSettings) (*source.Filter, error) {
	include := settings.Include
	if len(s.opts.include) > 0 {
		include = s.opts.include
	}
	exclude := append(append([]string(nil), settings.Exclude...), s.opts.exclude...)
	filter, err := source.NewFilter(include, exclude)
	if err != nil {
		return nil, usagef("", "%w", err)
	}
	return filter, nil
}
