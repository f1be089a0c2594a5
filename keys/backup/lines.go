package backup

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Lines are the same content as parts, for people who have to type it: a head with the ID and the number of lines, and lines of
// ten groups with a checksum that also covers the ID and the line's number.
//
//	KS1 TEXT 6FZLQ4TA 42
//	 1 MFTW KLLF NZRX E6LQ ORUW 63RO N5ZG OL3W GEFC 7Q2M
//	 2 ...
const lineMark = "TEXT"

const (
	groupChars = 4
	lineChars  = 10 * groupChars
)

func lineSum(id string, number int, data string) string {
	return checksum(partMark, lineMark, id, strconv.Itoa(number), data)
}

// typedLines writes content as lines to type.
func typedLines(content []byte) (string, error) {
	text := code.EncodeToString(content)
	if len(text) > maxCode {
		return "", ErrTooLong
	}
	id := ID(content)
	count := (len(text) + lineChars - 1) / lineChars
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s %d\n", partMark, lineMark, id, count)
	for i := range count {
		data := text[i*lineChars : min((i+1)*lineChars, len(text))]
		fmt.Fprintf(&b, "%3d", i+1)
		for rest := data; rest != ""; rest = rest[min(groupChars, len(rest)):] {
			b.WriteString(" " + rest[:min(groupChars, len(rest))])
		}
		b.WriteString(" " + lineSum(id, i+1, data) + "\n")
	}
	return b.String(), nil
}

// hasLines reports whether a text has the head of lines.
func hasLines(text []byte) bool { return headAt(strings.Split(string(text), "\n")) >= 0 }

// headAt returns the index of the head, -1 if there is none.
func headAt(lines []string) int {
	for i, line := range lines {
		f := strings.Fields(line)
		if len(f) >= 2 && strings.EqualFold(f[0], partMark) && strings.EqualFold(f[1], lineMark) {
			return i
		}
	}
	return -1
}

// readLines reads lines to type, whatever their order. It says all that is wrong, not only the first.
func readLines(text []byte) (content []byte, id string, err error) {
	lines := strings.Split(string(text), "\n")
	at := headAt(lines)
	if at < 0 {
		return nil, "", damaged("the line that starts with KS1 TEXT", "it is missing")
	}
	head := strings.Fields(lines[at])
	count := 0
	if len(head) == 4 {
		id = tidy(head[2])
		count, _ = strconv.Atoi(head[3])
	}
	if !isCode(id) || len(id) != 8 || count < 1 || count > maxCode/lineChars+1 {
		return nil, "", damaged("the line that starts with KS1 TEXT", "it is damaged: it is KS1 TEXT, eight letters, and a number")
	}
	have, err := collect(lines[at+1:], id, count)
	if err != nil {
		return nil, "", err
	}
	content, err = code.DecodeString(strings.Join(have, ""))
	if err != nil || ID(content) != id {
		clear(content)
		return nil, "", damaged("", "the lines are whole, but what they make is not backup %s", id)
	}
	return content, id, nil
}

// collect puts the lines in order, and says which are damaged or missing.
func collect(lines []string, id string, count int) ([]string, error) {
	have := make([]string, count)
	bad := make([]bool, count)
	good := 0
	for _, line := range lines {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		number, err := strconv.Atoi(strings.TrimRight(fields[0], ".):"))
		if err != nil || number < 1 || number > count || len(fields) < 3 {
			continue
		}
		last := len(fields) - 1
		data := tidy(strings.Join(fields[1:last], ""))
		if !isCode(data) || len(data) > lineChars || tidy(fields[last]) != lineSum(id, number, data) {
			bad[number-1] = true
			continue
		}
		have[number-1] = data
		good++
	}
	if good == 0 {
		return nil, damaged("every line", "the checksums are wrong: is the ID in the first line right (%s)?", id)
	}
	var errs []error
	for i, data := range have {
		where := fmt.Sprintf("line %d of %d", i+1, count)
		switch {
		case data != "":
		case bad[i]:
			errs = append(errs, damaged(where, "it is damaged, or of another backup: its checksum is wrong"))
		default:
			errs = append(errs, damaged(where, "it is missing"))
		}
	}
	return have, tooMany(errs)
}

// errorsShown is how many wrong lines are told one by one.
const errorsShown = 10

func tooMany(errs []error) error {
	if more := len(errs) - errorsShown; more > 0 {
		errs = append(errs[:errorsShown:errorsShown], damaged("", "and %d more", more))
	}
	return errors.Join(errs...)
}
