package sshd

import (
	"net/netip"
	"slices"
	"strings"
)

// combine makes words out of the lines of one reading, and says which lines they come from.
func (v Values) combine(k *keyword, list []hit, standard []string) (words []string, used []*Setting, err error) {
	list = keep(list, func(h hit) bool { return h.setting != nil })
	if len(list) == 0 {
		return nil, nil, errUnset
	}
	switch k.merge {
	case last:
		return single(list[len(list)-1])
	case accumulate:
		return all(list)
	case partly:
		return parts(list, standard, k)
	case lastPartly:
		slices.Reverse(list)
		return parts(list, standard, k)
	case noneFirst:
		for _, h := range list {
			if h.setting.Words[0] == "none" {
				return single(h)
			}
		}
	case firstOfBoth:
		return v.principals(list)
	}
	if k.name == "channeltimeout" || isList(k) { // lines without words set nothing
		list = keep(list, func(h hit) bool { return len(h.setting.Words) > 0 })
		if len(list) == 0 {
			return nil, nil, errUnset
		}
	}
	return single(list[0])
}

func isList(k *keyword) bool {
	return slices.Contains([]string{"authorizedkeysfile", "logverbose", "setenv", "persourcepenalties"}, k.name)
}

func single(h hit) ([]string, []*Setting, error) {
	return slices.Clone(h.setting.Words), []*Setting{h.setting}, nil
}

func all(list []hit) (words []string, used []*Setting, err error) {
	for _, h := range list {
		if len(h.setting.Words) > 0 {
			used = append(used, h.setting)
		}
		words = append(words, h.setting.Words...)
	}
	if len(words) == 0 {
		return nil, nil, errUnset
	}
	return words, used, nil
}

// parts takes each part from the first line that sets it.
func parts(list []hit, standard []string, k *keyword) ([]string, []*Setting, error) {
	words := make([]string, len(k.standard(Version{})))
	var used []*Setting
	for _, h := range list {
		took := false
		for i, w := range h.setting.Words {
			if words[i] == "" && w != "" {
				words[i], took = w, true
			}
		}
		if took {
			used = append(used, h.setting)
		}
	}
	for i := range words {
		if words[i] == "" && standard != nil {
			words[i] = standard[i]
		}
	}
	return words, used, nil
}

// principals is AuthorizedPrincipalsCommand, which until 9.3 is taken only as long as no AuthorizedKeysCommand stands before it, and
// then from the last line.
func (v Values) principals(list []hit) ([]string, []*Setting, error) {
	if !v.config.Version.before(9, 4) {
		return single(list[0])
	}
	limit := -1
	for _, lines := range []map[string][]hit{v.start, v.under} {
		others := lines["authorizedkeyscommand"]
		if slices.Contains(lines["authorizedprincipalscommand"], list[0]) && len(others) > 0 {
			limit = others[0].seq
			break
		}
	}
	before := keep(list, func(h hit) bool { return limit < 0 || h.seq < limit })
	if len(before) == 0 {
		return nil, nil, errUnset
	}
	return single(before[len(before)-1])
}

// complete finishes values that depend on others.
func (v Values) complete(k *keyword, value *Value) {
	switch k.name {
	case "listenaddress":
		value.Words = v.addresses(value.Words)
	case "unusedconnectiontimeout":
		if value.is("0") {
			value.Words = []string{"none"}
		}
	case "maxstartups":
		value.Words = []string{strings.Join(value.Words, ":")}
	}
	switch k.name {
	case "ciphers", "macs", "kexalgorithms", "hostkeyalgorithms", "casignaturealgorithms", "hostbasedacceptedalgorithms", "pubkeyacceptedalgorithms":
		v.algorithms(k, value)
	}
}

func (v Values) algorithms(k *keyword, value *Value) {
	said := value.String()
	s, known := suites(v.config.Version)[k.name]
	if !known {
		if said == "" || strings.ContainsAny(said[:1], "+-^") {
			value.Err = errSuite
		}
		return
	}
	full, err := assemble(s, said)
	if err != nil {
		value.Err = err
		return
	}
	value.Words = []string{full}
}

// addresses are what sshd listens on: each ListenAddress with its port or with every Port.
func (v Values) addresses(said []string) []string {
	if len(said) == 0 {
		said = []string{"", "", ""}
	}
	family, ports := v.Get("addressfamily").String(), v.Get("port").Words
	var list []string
	for i := 0; i+2 < len(said); i += 3 {
		hosts, at, domain := []string{said[i]}, ports, said[i+2]
		if said[i] == "" {
			hosts = wildcards(family)
		}
		if said[i+1] != "" {
			at = []string{said[i+1]}
		}
		for _, p := range at {
			for _, h := range hosts {
				list = append(list, joinAddress(h, p, domain))
			}
		}
	}
	return list
}

func wildcards(family string) []string {
	switch family {
	case "inet":
		return []string{"0.0.0.0"}
	case "inet6":
		return []string{"::"}
	}
	return []string{"::", "0.0.0.0"}
}

func joinAddress(h, port, domain string) string {
	if a, err := netip.ParseAddr(h); err == nil && a.Is6() {
		h = "[" + h + "]"
	}
	text := h + ":" + port
	if domain != "" {
		text += " rdomain " + domain
	}
	return text
}

// cutName splits the first word off.
func cutName(s string) (name, rest string, ok bool) { return strings.Cut(s, " ") }

// satisfiable reports AuthenticationMethods that no enabled method can meet.
func (r *reading) satisfiable(v Values) {
	value := v.global("authenticationmethods")
	if value.Err != nil || value.is("any") {
		return
	}
	for _, list := range value.Words {
		met := true
		for m := range strings.SplitSeq(list, ",") {
			name, _, _ := strings.Cut(m, ":")
			met = met && v.enabled(name)
		}
		if met {
			return
		}
	}
	r.problem(value.Origin, true, "AuthenticationMethods can not be met by the methods that are enabled")
}

// enabled reports whether a method of authentication is on before any Match block.
func (v Values) enabled(method string) bool {
	keyword := map[string]string{"publickey": "pubkeyauthentication", "password": "passwordauthentication",
		"keyboard-interactive": "kbdinteractiveauthentication", "hostbased": "hostbasedauthentication",
		"gssapi-with-mic": "gssapiauthentication", "gssapi-keyex": "gssapikeyexchange"}[method]
	if keyword == "" {
		return true
	}
	value := v.global(keyword)
	return value.Err != nil || value.is("yes")
}
