package suppress

import (
	"slices"

	"keysweep/finding"
)

// splitPlaces parts a finding's places by covered, which is asked for each path of each place. A place of which only some
// paths are covered is kept with the others, so that a copy of a known file is not hidden by the file it was copied from.
func splitPlaces(f finding.Finding, by, reason string, covered func(place finding.Place, path string) bool) (
	finding.Finding, []finding.Suppressed,
) {
	var gone []finding.Suppressed
	places := f.Places
	f.Places = nil
	for _, place := range places {
		rest, hidden := splitPaths(place, covered)
		if hidden != nil {
			gone = append(gone, finding.Suppressed{Fingerprint: f.Fingerprint, Place: *hidden, By: by, Reason: reason})
		}
		if rest != nil {
			f.Places = append(f.Places, *rest)
		}
	}
	return f, gone
}

// splitPaths parts one place into the place with the paths that are not covered and that with those that are; nil: none.
func splitPaths(place finding.Place, covered func(finding.Place, string) bool) (rest, hidden *finding.Place) {
	var open, shut []string
	for _, path := range append([]string{place.Path}, place.Also...) {
		if covered(place, path) {
			shut = append(shut, path)
		} else {
			open = append(open, path)
		}
	}
	return withPaths(place, open), withPaths(place, shut)
}

func withPaths(place finding.Place, paths []string) *finding.Place {
	if len(paths) == 0 {
		return nil
	}
	place.Path, place.Also = paths[0], nil
	if len(paths) > 1 {
		place.Also = slices.Clone(paths[1:])
	}
	return &place
}

// keepLast takes back the last suppressed place of a finding that has more places than were kept: nobody can say that
// those are covered too, and a finding needs a place to be reported at.
func keepLast(f finding.Finding, gone []finding.Suppressed, text string) (finding.Finding, []finding.Suppressed) {
	last := gone[len(gone)-1].Place
	note(&last, text)
	f.Places = []finding.Place{last}
	return f, gone[:len(gone)-1]
}

// note adds to what is special about a place.
func note(place *finding.Place, text string) {
	if place.Note != "" {
		text = place.Note + "; " + text
	}
	place.Note = text
}
