package rules

import (
	"slices"
	"strconv"
	"strings"
)

// speaks is the version of gitleaks whose configuration format is understood.
func speaks() []int { return []int{8, 30, 1} }

// checkMinVersion reports a minVersion that is no version, and one that is newer than what is understood here.
func (f *findings) checkMinVersion(t text) {
	if t.value == "" {
		return
	}
	wants, ok := parseVersion(t.value)
	if !ok {
		f.fail(t.at, `write it like "v8.25.0"`, "%.80q is not a version of gitleaks", t.value)
		return
	}
	if slices.Compare(wants, speaks()) > 0 {
		f.note(t.at, "if a key is reported as unknown, that may be why",
			"the file asks for gitleaks %s; the format of 8.30.1 is what is understood here", t.value)
	}
}

// parseVersion reads "v8.25.0"; a suffix like -rc1 or +build is allowed and left out.
func parseVersion(s string) ([]int, bool) {
	s = strings.TrimPrefix(s, "v")
	if i := strings.IndexAny(s, "-+"); i >= 0 {
		for _, c := range s[i+1:] {
			if c != '.' && c != '+' && c != '-' && c != '~' && !alphanumeric(c) || i == len(s)-1 {
				return nil, false
			}
		}
		s = s[:i]
	}
	var numbers []int
	for _, part := range strings.Split(s, ".") {
		n, err := strconv.ParseUint(part, 10, 31)
		if err != nil {
			return nil, false
		}
		numbers = append(numbers, int(n))
	}
	return numbers, true
}

func alphanumeric(c rune) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}
