package cli

import (
	"fmt"
	"slices"
	"strings"

	"keysweep/keys"
)

// namesOf lists what a file holds beside its first key: "CERTIFICATE, 2 times; RSA PRIVATE KEY".
func namesOf(others []string) string {
	var names []string
	for _, label := range slices.Compact(slices.Sorted(slices.Values(others))) {
		n := 0
		for _, other := range others {
			if other == label {
				n++
			}
		}
		if n > 1 {
			label = fmt.Sprintf("%s, %d times", label, n)
		}
		names = append(names, label)
	}
	return strings.Join(names, "; ")
}

// otherKeysIn names the private keys that a file holds beside its first.
func otherKeysIn(path string) ([]string, error) {
	data, err := readForArchive(path)
	if err != nil {
		return nil, err
	}
	defer clear(data)
	file, err := keys.Parse(data)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(file.Others, func(label string) bool { return !keys.IsPrivateLabel(label) }), nil
}
