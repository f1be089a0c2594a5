package sshd

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// arguments are what stands behind a keyword.
type arguments struct {
	words []string
	rest  string // the text that the words were split from
	name  string // the keyword, in small letters
	ports func(name string) (int, bool)
	v     Version
}

// reader checks the arguments of one line and returns them as sshd -T prints them. An error means that sshd would not start.
type reader func(arguments) ([]string, error)

var (
	errArgument = errors.New("its argument is missing")
	errExtra    = errors.New("there are more words than it takes")
)

// one makes a reader of exactly one word.
func one(read func(string, arguments) (string, error)) reader {
	return func(a arguments) ([]string, error) {
		if len(a.words) == 0 || a.words[0] == "" {
			return nil, errArgument
		}
		w, err := read(a.words[0], a)
		if err == nil && len(a.words) > 1 {
			err = errExtra
		}
		return []string{w}, err
	}
}

// choice reads one word out of a list, whatever the case of its letters; "a=b" means that a is printed as b.
func choice(list ...string) reader {
	return one(func(w string, _ arguments) (string, error) {
		for _, c := range list {
			name, printed, renamed := strings.Cut(c, "=")
			if !strings.EqualFold(name, w) {
				continue
			}
			if renamed {
				return printed, nil
			}
			return name, nil
		}
		return "", fmt.Errorf("%q is none of its values", w)
	})
}

// strict reads an integer as strtonum(3) does.
func strict(w string, most int64) (int64, error) {
	n, err := strconv.ParseInt(strings.TrimLeft(w, " \t\n\v\f\r"), 10, 64)
	if err != nil || n < 0 || n > most {
		return 0, fmt.Errorf("%q is not a number from 0 to %d", w, most)
	}
	return n, nil
}

func readInteger(w string, _ arguments) (string, error) {
	n, err := strict(w, math.MaxInt32)
	return strconv.FormatInt(n, 10), err
}

var integer = one(readInteger)

var integerOrNone = one(func(w string, a arguments) (string, error) {
	if w == "none" {
		return w, nil
	}
	return readInteger(w, a)
})

// seconds reads a time as sshd does: "90", "2m", "1h30m".
func seconds(w string) (int64, error) {
	bad := fmt.Errorf("%q is not a time", w)
	var total int64
	if w == "" {
		return 0, bad
	}
	for w != "" {
		i := 0
		for i < len(w) && w[i] >= '0' && w[i] <= '9' {
			i++
		}
		n, err := strconv.ParseInt(w[:i], 10, 64)
		if err != nil || n > math.MaxInt32 {
			return 0, bad
		}
		unit := int64(1)
		if i < len(w) {
			if unit = unitOf(w[i] | 0x20); unit == 0 {
				return 0, bad
			}
			i++
		}
		if total += n * unit; total > math.MaxInt32 {
			return 0, bad
		}
		w = w[i:]
	}
	return total, nil
}

// unitOf returns how many seconds a unit of time has; 0 if it is none.
func unitOf(c byte) int64 {
	switch c {
	case 's':
		return 1
	case 'm':
		return 60
	case 'h':
		return 3600
	case 'd':
		return 86400
	case 'w':
		return 7 * 86400
	}
	return 0
}

func readDuration(w string, _ arguments) (string, error) {
	n, err := seconds(w)
	return strconv.FormatInt(n, 10), err
}

var duration = one(readDuration)

var durationOrNone = one(func(w string, a arguments) (string, error) {
	if strings.EqualFold(w, "none") {
		return "none", nil
	}
	return readDuration(w, a)
})

var octal = one(func(w string, _ arguments) (string, error) {
	n, err := strconv.ParseInt(strings.TrimLeft(w, " \t"), 8, 32)
	if err != nil || n < 0 || n > 0o777 {
		return "", fmt.Errorf("%q is not a mode", w)
	}
	return fmt.Sprintf("0%o", n), nil
})

var blockSize = one(func(w string, _ arguments) (string, error) {
	four, six, both := strings.Cut(w, ":")
	a, err := strict(four, 32)
	if err != nil {
		return "", err
	}
	b := int64(128)
	if both {
		b, err = strict(six, 128)
	}
	return fmt.Sprintf("%d:%d", a, b), err
})

// startups reads MaxStartups: begin, rate and full, or one number for begin and full. What it leaves alone is "".
func startups(a arguments) ([]string, error) {
	if len(a.words) == 0 || a.words[0] == "" {
		return nil, errArgument
	}
	bad := fmt.Errorf("%q is not START:RATE:FULL", a.words[0])
	parts := strings.Split(a.words[0], ":")
	var n [3]int64
	for i, p := range parts {
		v, err := strict(p, math.MaxInt32)
		if err != nil || i > 2 {
			return nil, bad
		}
		n[i] = v
	}
	switch {
	case len(a.words) > 1:
		return nil, errExtra
	case len(parts) == 1 && n[0] > 0:
		return []string{fmt.Sprint(n[0]), "", fmt.Sprint(n[0])}, nil
	case len(parts) == 3 && n[0] > 0 && n[0] <= n[2] && n[1] >= 1 && n[1] <= 100:
		return []string{fmt.Sprint(n[0]), fmt.Sprint(n[1]), fmt.Sprint(n[2])}, nil
	}
	return nil, bad
}

// rekey reads RekeyLimit: an amount with K, M or G, or default, and a time or none.
func rekey(a arguments) ([]string, error) {
	if len(a.words) == 0 || a.words[0] == "" {
		return nil, errArgument
	}
	if len(a.words) > 2 {
		return nil, errExtra
	}
	amount, err := scaled(a.words[0])
	if err != nil {
		return nil, err
	}
	list := []string{strconv.FormatInt(amount, 10), ""}
	if len(a.words) == 2 && a.words[1] != "none" {
		list[1], err = readDuration(a.words[1], a)
	}
	return list, err
}

func scaled(w string) (int64, error) {
	if w == "default" {
		return 0, nil
	}
	number, factor := w, int64(1)
	if w != "" {
		if i := strings.IndexByte("bkmgt", w[len(w)-1]|0x20); i >= 0 && w[len(w)-1] > '9' {
			number, factor = w[:len(w)-1], int64(1)<<(10*i)
		}
	}
	n, err := strict(number, math.MaxInt64/factor)
	if err == nil && n != 0 && n*factor < 16 {
		err = fmt.Errorf("%q is too little", w)
	}
	return n * factor, err
}

// qos reads one or two classes of service.
func qos(a arguments) ([]string, error) {
	if len(a.words) == 0 || a.words[0] == "" {
		return nil, errArgument
	}
	if len(a.words) > 2 {
		return nil, errExtra
	}
	var list []string
	for _, w := range a.words {
		class, err := qosClass(w)
		if err != nil {
			return nil, err
		}
		list = append(list, class)
	}
	if len(list) == 1 {
		list = append(list, list[0])
	}
	return list, nil
}

// classes are the names of bytes of service (RFC 2474, 2597, 3246, 8622, and RFC 1349 for the last ones).
var classes = map[string]int64{"none": math.MaxInt32, "cs0": 0, "cs1": 0x20, "cs2": 0x40, "cs3": 0x60, "cs4": 0x80, "cs5": 0xa0, "cs6": 0xc0,
	"cs7": 0xe0, "af11": 0x28, "af12": 0x30, "af13": 0x38, "af21": 0x48, "af22": 0x50, "af23": 0x58, "af31": 0x68, "af32": 0x70,
	"af33": 0x78, "af41": 0x88, "af42": 0x90, "af43": 0x98, "ef": 0xb8, "le": 0x04, "lowdelay": 0x10, "throughput": 0x08, "reliability": 0x04}

func qosClass(w string) (string, error) {
	small := strings.ToLower(w)
	value, named := classes[small]
	if !named {
		n, err := strconv.ParseInt(w, 0, 32)
		if err != nil || n < 0 || n > 255 {
			return "", fmt.Errorf("%q is not a class of service", w)
		}
		value = n
	}
	for _, name := range slices.Sorted(mapKeys(classes)) {
		if classes[name] == value && name != "reliability" { // which has the value of le, and le is printed
			return name, nil
		}
	}
	return fmt.Sprintf("0x%02x", value), nil
}

var port = one(func(w string, a arguments) (string, error) {
	n, err := readPort(w, a)
	return strconv.Itoa(n), err
})

func readPort(w string, a arguments) (int, error) {
	n, err := strict(w, 65535)
	if err == nil && n > 0 {
		return int(n), nil
	}
	if p, ok := a.ports(w); ok && err != nil {
		return p, nil
	}
	return 0, fmt.Errorf("%q is not a port", w)
}

// listenAddress reads ListenAddress as ADDRESS, PORT ("" if there is none) and the routing domain.
func listenAddress(a arguments) ([]string, error) {
	if len(a.words) == 0 || a.words[0] == "" {
		return nil, errArgument
	}
	host, at, err := hostPort(a.words[0])
	if err != nil {
		return nil, err
	}
	domain := ""
	switch {
	case len(a.words) == 3 && a.words[1] == "rdomain":
		domain = a.words[2]
	case len(a.words) != 1:
		return nil, errExtra
	}
	if at != "" {
		n, err := readPort(at, a)
		if err != nil {
			return nil, err
		}
		at = strconv.Itoa(n)
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		host = addr.String()
	}
	return []string{host, at, domain}, nil
}

// hostPort splits HOST:PORT; a bare IPv6 address has none.
func hostPort(w string) (host, at string, err error) {
	if !strings.Contains(w, "[") && strings.Count(w, ":") > 1 {
		return w, "", nil
	}
	if inner, ok := strings.CutPrefix(w, "["); ok {
		host, after, ok := strings.Cut(inner, "]")
		at, colon := strings.CutPrefix(after, ":")
		if !ok || after != "" && !colon {
			return "", "", fmt.Errorf("%q is not an address", w)
		}
		return host, at, nil
	}
	host, at, _ = strings.Cut(w, ":")
	return host, at, nil
}

var upstreamLevels = choice("QUIET", "FATAL", "ERROR", "INFO", "VERBOSE", "DEBUG", "DEBUG1=DEBUG", "DEBUG2", "DEBUG3", "SILENT=QUIET")

// logLevel reads LogLevel; Debian prints the lowest one by its older name.
func logLevel(a arguments) ([]string, error) {
	list, err := upstreamLevels(a)
	if err == nil && list[0] == "QUIET" && patched(a.v) {
		list[0] = "SILENT"
	}
	return list, err
}
