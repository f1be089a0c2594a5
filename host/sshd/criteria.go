package sshd

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"sync"
)

// Criterion is a condition of a Match line.
type Criterion struct {
	Name string // in small letters: "user", "address", "all"
	Arg  string // "" where there is none
}

// String returns the criterion as it is written.
func (c Criterion) String() string { return strings.TrimSpace(c.Name + " " + c.Arg) }

// Connection is what Match lines ask about. An empty field is one that is not known, and no criterion about it is met: so does sshd -T -C.
// Host is the name of the address; unless UseDNS is yes, sshd takes the address itself.
type Connection struct {
	User      string
	Groups    []string // of the user; nil if the user does not exist
	Host      string
	Addr      string
	LocalAddr string
	LocalPort int
	RDomain   string
	Invalid   bool // the user does not exist
}

// certainty says whether something is so. The smaller of two holds where both are needed.
type certainty int

const (
	no certainty = iota
	maybe
	yes
)

// namedCriteria take an argument; since when sshd knows them.
var namedCriteria = sync.OnceValue(func() map[string]release {
	return map[string]release{"user": 0, "group": 0, "host": 0, "address": 0, "localaddress": 0, "localport": 0, "rdomain": 707, "version": 1000}
})

// parseMatch reads the criteria of a Match line. A criterion that is not known makes an error beside those that could be read.
func parseMatch(text string, split []word, v Version) ([]Criterion, error) {
	if !v.before(9, 9) {
		return parseMatchWords(split, v)
	}
	var list []Criterion
	more := text != ""
	for more {
		var name, arg string
		var ok bool
		if name, text, more, ok = cutDelim(text); !ok || name == "" || name[0] == '#' {
			break
		}
		c := Criterion{Name: strings.ToLower(name)}
		if _, known := namedCriteria()[c.Name]; known && more {
			if arg, text, more, ok = cutDelim(text); ok {
				c.Arg = arg
			}
		}
		list = append(list, c)
		if err := c.check(v); err != nil {
			return list, err
		}
	}
	return list, checkAll(list)
}

// parseMatchWords reads the criteria as OpenSSH does since 9.9: user=root may be one word.
func parseMatchWords(split []word, v Version) ([]Criterion, error) {
	var list []Criterion
	for i := 0; i < len(split) && !strings.HasPrefix(split[i].text, "#"); i++ {
		name, arg, joined := strings.Cut(split[i].text, "=")
		c := Criterion{Name: strings.ToLower(name), Arg: arg}
		if _, known := namedCriteria()[c.Name]; known && !joined && i+1 < len(split) {
			i++
			c.Arg = split[i].text
		}
		list = append(list, c)
		if err := c.check(v); err != nil {
			return list, err
		}
	}
	return list, checkAll(list)
}

var (
	errNoCriteria = errors.New("a Match line needs a criterion")
	errAll        = errors.New("all stands alone on a Match line")
)

func checkAll(list []Criterion) error {
	if len(list) == 0 {
		return errNoCriteria
	}
	for _, c := range list {
		if c.Name == "all" && len(list) > 1 {
			return errAll
		}
	}
	return nil
}

// check says whether sshd takes the criterion.
func (c Criterion) check(v Version) error {
	from, named := namedCriteria()[c.Name]
	switch {
	case c.Name == "all", c.Name == "invalid-user" && release(909).in(v):
		return nil
	case !named || !from.in(v):
		return fmt.Errorf("criterion %q of Match is not known to %s", c.Name, v)
	case c.Arg == "" || strings.HasPrefix(c.Arg, "#"):
		return fmt.Errorf("criterion %s of Match has no argument", c.Name)
	case c.Name == "address", c.Name == "localaddress":
		return checkAddresses(c.Arg)
	case c.Name == "localport":
		_, err := strict(c.Arg, 65535)
		return err
	}
	return nil
}

// met says whether a connection meets the criterion; nil stands for none, as when sshd reads its configuration at the start.
func (c Criterion) met(conn *Connection, v Version) certainty {
	switch c.Name {
	case "all":
		return yes
	case "version":
		if !v.Known() {
			return maybe
		}
		return sure(matchList(fmt.Sprintf("OpenSSH_%d.%d", v.Major, v.Minor), c.Arg) == 1)
	}
	if conn == nil {
		return no
	}
	switch c.Name {
	case "invalid-user":
		return sure(conn.Invalid)
	case "user":
		return sure(conn.User != "" && matchList(conn.User, c.Arg) == 1)
	case "group":
		return sure(conn.inGroup(c.Arg))
	case "host":
		return sure(conn.Host != "" && matchHost(conn.Host, c.Arg) == 1)
	case "address":
		return addressMet(conn.Addr, c.Arg)
	case "localaddress":
		return addressMet(conn.LocalAddr, c.Arg)
	case "localport":
		return sure(conn.LocalPort != 0 && c.Arg == strconv.Itoa(conn.LocalPort))
	case "rdomain":
		return sure(conn.RDomain != "" && matchList(conn.RDomain, c.Arg) == 1)
	}
	return maybe
}

func sure(b bool) certainty {
	if b {
		return yes
	}
	return no
}

func addressMet(text, list string) certainty {
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return no
	}
	found, err := matchAddress(addr.WithZone(""), text, list)
	if err != nil {
		return maybe
	}
	return sure(found == 1)
}

// inGroup reports whether one of the user's groups matches and none is denied.
func (c *Connection) inGroup(patterns string) bool {
	found := false
	for _, g := range c.Groups {
		switch matchList(g, patterns) {
		case -1:
			return false
		case 1:
			found = true
		}
	}
	return c.User != "" && found
}
