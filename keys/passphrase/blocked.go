package passphrase

import (
	_ "embed"
	"strings"
	"sync"
)

// famous are sentences and examples that an attacker tries first, in lower case, one a line; lines that start with # say where
// they are from.
//
//go:embed famous.txt
var famous string

// blocked is the table of the famous sentences, with every usual sign between their words.
var blocked = sync.OnceValue(func() *table {
	var all []string
	for line := range strings.Lines(famous) {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		for _, between := range []string{" ", "", "-", "_", "."} {
			all = append(all, strings.Join(words, between))
		}
	}
	return tableOf(all)
})

// tours are ways over the whole keyboard that jump from one row or column to the next, so that they are no walks.
const tours = `
	1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p
	zaq1xsw2cde3vfr4bgt5nhy6mju7
	qazwsxedcrfvtgbyhnujmikolp
	1q2w3e4r5t6y7u8i9o0p
	q1w2e3r4t5y6u7i8o9p0
	1234567890qwertyuiopasdfghjklzxcvbnm
	qwertyuiopasdfghjklzxcvbnm1234567890
	asdfghjklqwertyuiopzxcvbnm
	1234qwerasdfzxcv5678tyuighjkbnm
	qwerasdfzxcv1234
	qwertzuiopasdfghjklyxcvbnm
	azertyuiopqsdfghjklmwxcvbn`

// toured is the table of the beginnings of all tours, the shortest first.
var toured = sync.OnceValue(func() *table {
	var all []string
	for length := 6; length <= 36; length++ {
		for _, tour := range strings.Fields(tours) {
			if length <= len(tour) {
				all = append(all, tour[:length])
			}
		}
	}
	return tableOf(all)
})
