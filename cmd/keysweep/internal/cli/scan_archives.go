package cli

import (
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"keysweep/internal/unpack"
	"keysweep/secretscan/rules"
	"keysweep/secretscan/source"
)

// archiveFlags are what the user typed about containers.
type archiveFlags struct {
	depth   int
	none    bool
	size    string
	ratio   int64
	members int
	time    time.Duration
}

func (a *archiveFlags) addFlags(f *pflag.FlagSet) {
	d := source.DefaultArchives()
	f.IntVar(&a.depth, "archives", 0, "open archives, compressed files, documents and databases, up to `DEPTH` in one another;\n"+
		"of files on disk and standard input they are opened anyway (default "+strconv.Itoa(d.Depth)+")")
	f.Lookup("archives").NoOptDefVal = strconv.Itoa(d.Depth)
	f.BoolVar(&a.none, "no-archives", false, "open none")
	f.StringVar(&a.size, "archive-size", "", "leave an archive when more than `SIZE` came out of it (default 4GiB)")
	f.Int64Var(&a.ratio, "archive-ratio", 0, "leave an archive when `N` times as much came out as went in, and more than 64 MiB (default "+strconv.FormatInt(d.Ratio, 10)+")")
	f.IntVar(&a.members, "archive-members", 0, "leave an archive after `N` members (default "+strconv.Itoa(d.Members)+")")
	f.DurationVar(&a.time, "archive-time", 0, "leave an archive after `DURATION` (default "+shortDuration(d.Time)+")")
}

// shortDuration writes a whole number of minutes.
func shortDuration(d time.Duration) string { return strconv.Itoa(int(d/time.Minute)) + "m" }

// validate holds the rules between the flags.
func (a *archiveFlags) validate() error {
	limits := a.size != "" || a.ratio != 0 || a.members != 0 || a.time != 0
	switch {
	case a.none && (a.depth != 0 || limits):
		return usagef("leave one out", "--no-archives and limits of archives cannot be combined")
	case a.depth < 0 || a.depth > unpack.Deepest:
		return usagef("for example: --archives=3", "--archives=%d: it must be from 1 to %d", a.depth, unpack.Deepest)
	case a.ratio < 0:
		return usagef("for example: --archive-ratio 500", "--archive-ratio %d: it must be 1 or more", a.ratio)
	case a.members < 0:
		return usagef("for example: --archive-members 10000", "--archive-members %d: it must be 1 or more", a.members)
	case a.time < 0:
		return usagef("for example: --archive-time 5m", "--archive-time %v: it cannot be less than 0", a.time)
	}
	if _, ok := rules.ParseSize(a.size); a.size != "" && !ok {
		return usagef("for example: --archive-size 8GiB", "--archive-size: %q is no size", a.size)
	}
	return nil
}

// archives settles how far containers are opened: what the flags say, else the configuration, else the default.
func (a *archiveFlags) archives(settings rules.ArchiveSettings) source.Archives {
	out := source.DefaultArchives()
	switch {
	case a.none:
		return source.Archives{}
	case a.depth > 0:
		out.Depth = a.depth
	case settings.Depth != nil:
		out.Depth = min(*settings.Depth, unpack.Deepest)
	}
	size, _ := rules.ParseSize(a.size) // validate has looked at it; 0: not set
	out.Size = firstOf(size, settings.Size, out.Size)
	out.Ratio = firstOf(a.ratio, settings.Ratio, out.Ratio)
	out.Members = firstOf(a.members, settings.Members, out.Members)
	out.Time = firstOf(a.time, settings.Time, out.Time)
	return out
}

// inGit is archives for what comes out of git, where containers are only opened if the user asks for it: every version of each is there, and
// hooks must be quick.
func (a *archiveFlags) inGit(settings rules.ArchiveSettings) source.Archives {
	if a.depth == 0 {
		return source.Archives{}
	}
	return a.archives(settings)
}

// firstOf returns the first that says something.
func firstOf[T comparable](list ...T) (first T) {
	for _, v := range list {
		if v != first {
			return v
		}
	}
	return first
}
