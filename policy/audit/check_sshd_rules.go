package audit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"keysweep/finding"
	"keysweep/host"
	"keysweep/host/sshd"
)

// sshdRule is a check of a value that Match blocks can change: it is judged for everybody, and for each block that sets it.
type sshdRule struct {
	Check
	keywords []string
	about    string // the user that it is about: "root"; "" for every user
	weigh    func(*machine, sshd.Values) weight
}

// weight is what a rule says of the values of a connection.
type weight struct {
	value    sshd.Value // that decides
	fine     bool
	severity finding.Severity // of what is not; Info for the check's
	title    string
	found    string // "" for the value itself
	wanted   string
	err      error // why it is not known
}

func sshdRules() []sshdRule {
	auto := finding.FixAuto
	return []sshdRule{
		{Check{ID: "ssh.root-login", Area: "sshd", Severity: finding.High, Title: "root may log in by SSH", FixBy: auto,
			Why: "Everybody knows the name of root, and nobody sees which person it was."}, []string{"permitrootlogin"}, "root", weighRoot},
		{Check{ID: "ssh.password-auth", Area: "sshd", Severity: finding.High, Title: "password login is possible", FixBy: auto,
			Why: "Passwords are guessed, phished and used twice; a key is none of that."}, []string{"passwordauthentication", "authenticationmethods"}, "", weighPassword},
		{Check{ID: "ssh.kbd-interactive", Area: "sshd", Severity: finding.High, Title: "passwords are taken by way of keyboard-interactive", FixBy: auto,
			Why: "With PAM it asks for the same password, whatever PasswordAuthentication says."},
			[]string{"kbdinteractiveauthentication", "challengeresponseauthentication", "usepam", "authenticationmethods"}, "", weighInteractive},
		{Check{ID: "ssh.empty-passwords", Area: "sshd", Severity: finding.High, Title: "accounts without a password may log in", FixBy: auto,
			Why: "An account that somebody forgot to give a password is open to everybody."}, []string{"permitemptypasswords"}, "", weighEmpty},
		{Check{ID: "ssh.pubkey-auth", Area: "sshd", Severity: finding.High, Title: "keys do not let anybody in", FixBy: auto,
			Why: "Without keys only passwords are left."}, []string{"pubkeyauthentication"}, "", weighPubkey},
		{Check{ID: "ssh.max-auth-tries", Area: "sshd", Severity: finding.Low, Title: "one connection may try many times", FixBy: auto,
			Why: "Fewer attempts a connection make guessing slower and show earlier in the log."}, []string{"maxauthtries"}, "", weighTries},
	}
}

// judge judges the rule for everybody, and for each Match block that decides it.
func (r sshdRule) judge(m *machine) {
	c, ok := m.config()
	if !ok {
		return
	}
	if d := m.dispute(r.keywords); d != nil {
		m.say(finding.Result{State: finding.Undetermined, Title: "sshd and its files do not agree on " + d.Keyword, Hint: "sshd -T -C user=" + d.Connection.User + ",host=x,addr=" + d.Connection.Addr,
			Cause: fmt.Sprintf("for %s from %s the files say %q, sshd says %q", d.Connection.User, d.Connection.Addr, d.Ours, d.Real)})
		return
	}
	everybody := c.Resolve(sshd.Connection{})
	r.say(m, c, r.weigh(m, everybody), nil)
	for i, b := range c.Matches() {
		if i >= maxBlocks {
			m.unknown("there are more Match blocks than are judged", host.ErrNotCollected, "")
			return
		}
		if b.Always(c.Version) || r.about != "" && !b.Concerns(r.about, m.groups(r.about)) {
			continue
		}
		if w := r.weigh(m, c.Under(b)); !w.fine && r.decides(b, c.Under(b), w) {
			r.say(m, c, w, b)
		}
	}
}

// maxBlocks bounds the Match blocks that are judged.
const maxBlocks = 500

// decides reports whether a block sets one of the values that the rule is about, and with a line that counts.
func (r sshdRule) decides(b *sshd.Block, v sshd.Values, w weight) bool {
	for _, name := range r.keywords {
		value := v.Get(name)
		for _, s := range b.Settings {
			if slices.Contains(value.Origins, s.Origin) {
				return w.err == nil || value.Err == nil
			}
		}
	}
	return false
}

func (r sshdRule) say(m *machine, c *sshd.Config, w weight, b *sshd.Block) {
	where, related := decided(w.value, c.Version)
	result := finding.Result{State: finding.Fail, Severity: w.severity, Title: w.title, Found: w.found, Wanted: w.wanted, Where: where, Related: related, Fix: "keysweep fix " + r.ID}
	if result.Found == "" {
		result.Found = spelled(w.value)
	}
	if c.On(w.value.Origin) {
		result.Fix, result.FixBy = "take it out of the command that starts sshd: its arguments stand above every file (systemctl cat ssh)", finding.FixAdvice
	}
	if b != nil {
		result.Subject = b.String()
		result.Related = append([]finding.Spot{spot(b.Origin, c.Version, "for connections that meet this")}, related...)
		result.Fix, result.FixBy = "take the line out of the Match block", finding.FixAdvice
		if result.Severity == finding.Info {
			result.Severity = r.Severity
		}
		if b.Narrow() && (r.about == "" || !strings.Contains(b.String(), "user "+r.about)) {
			result.Severity = lower(result.Severity)
		}
	}
	switch {
	case w.err != nil:
		result.State, result.Cause, result.Hint, result.Title = finding.Undetermined, w.err.Error(), asRoot, "what holds is not known"
	case b != nil && !b.Exact():
		result.State, result.Cause, result.Hint = finding.Undetermined, "a criterion of "+b.String()+" is not known here", "sshd -T -C ..."
	case w.fine:
		m.pass(result.Found, where)
		return
	}
	m.say(result)
}

// spelled writes a value as in sshd_config, and as people know it.
func spelled(v sshd.Value) string {
	word := v.String()
	if word == "without-password" {
		word = "prohibit-password"
	}
	name := names[v.Keyword]
	if name == "" {
		name = v.Keyword
	}
	return name + " " + word
}

// names are the keywords as the manual spells them.
var names = map[string]string{"permitrootlogin": "PermitRootLogin", "passwordauthentication": "PasswordAuthentication", "usepam": "UsePAM",
	"kbdinteractiveauthentication": "KbdInteractiveAuthentication", "challengeresponseauthentication": "ChallengeResponseAuthentication",
	"permitemptypasswords": "PermitEmptyPasswords", "pubkeyauthentication": "PubkeyAuthentication", "maxauthtries": "MaxAuthTries",
	"authenticationmethods": "AuthenticationMethods", "allowusers": "AllowUsers", "allowgroups": "AllowGroups", "trustedusercakeys": "TrustedUserCAKeys"}

// dispute returns what sshd sees differently of some keywords, or nil.
func (m *machine) dispute(keywords []string) *sshd.Dispute {
	for _, d := range m.SSHD.Disputes {
		if slices.Contains(keywords, d.Keyword) {
			return &d
		}
	}
	return nil
}

func (m *machine) groups(user string) []string {
	if m.Accounts != nil {
		if u, ok := m.Accounts.Find(user); ok {
			return u.Groups
		}
	}
	return nil
}

func weighRoot(_ *machine, v sshd.Values) weight {
	root := v.Get("permitrootlogin")
	w := weight{value: root, err: root.Err, fine: root.Is("no"), wanted: "PermitRootLogin no"}
	if !root.Is("yes") {
		w.severity, w.title = finding.Low, "root may log in by SSH with a key"
	}
	if root.Is("forced-commands-only") {
		w.title = "root may run commands by SSH that keys are bound to"
	}
	return w
}

// offers reports whether AuthenticationMethods lets one of these methods in without a key.
func offers(v sshd.Value, methods ...string) bool {
	if v.String() == "any" {
		return true
	}
	for _, list := range v.Words {
		alone := true
		for step := range strings.SplitSeq(list, ",") {
			name, _, _ := strings.Cut(step, ":")
			alone = alone && slices.Contains(methods, name)
		}
		if alone {
			return true
		}
	}
	return false
}

func weighPassword(_ *machine, v sshd.Values) weight {
	pass, methods := v.Get("passwordauthentication"), v.Get("authenticationmethods")
	w := weight{value: pass, err: pass.Err, wanted: "PasswordAuthentication no"}
	switch {
	case pass.Is("no"):
		w.fine = true
	case pass.Err == nil && methods.Err != nil:
		w.err = methods.Err
	case pass.Err == nil && !offers(methods, "password", "keyboard-interactive", "none"):
		w.fine, w.value = true, methods
	}
	return w
}

func weighInteractive(_ *machine, v sshd.Values) weight {
	ask, pam, methods := v.Get("kbdinteractiveauthentication"), v.Get("usepam"), v.Get("authenticationmethods")
	if old := v.Get("challengeresponseauthentication"); old.Keyword == "challengeresponseauthentication" && !ask.Is("yes") {
		ask = old // before 8.7 either of the two switches it on
	}
	w := weight{value: ask, err: ask.Err, wanted: "KbdInteractiveAuthentication no", found: spelled(ask) + " with " + spelled(pam)}
	switch {
	case ask.Is("no"):
		w.fine, w.found = true, ""
	case pam.Is("no"):
		w.fine, w.err, w.value = true, nil, pam
	case ask.Err == nil && pam.Err != nil:
		w.err = pam.Err
	case ask.Err == nil && methods.Err != nil:
		w.err = methods.Err
	case ask.Err == nil && !offers(methods, "password", "keyboard-interactive", "none"):
		w.fine, w.value, w.found = true, methods, ""
	}
	return w
}

func weighEmpty(m *machine, v sshd.Values) weight {
	empty := v.Get("permitemptypasswords")
	w := weight{value: empty, err: empty.Err, fine: empty.Is("no"), wanted: "PermitEmptyPasswords no"}
	if w.fine || w.err != nil {
		return w
	}
	if pass := weighPassword(m, v); pass.fine {
		w.severity, w.title = finding.Low, "accounts without a password could log in, if passwords were taken"
	}
	return w
}

func weighPubkey(_ *machine, v sshd.Values) weight {
	keys := v.Get("pubkeyauthentication")
	return weight{value: keys, err: keys.Err, fine: keys.Is("yes"), wanted: "PubkeyAuthentication yes"}
}

func weighTries(m *machine, v sshd.Values) weight {
	tries := v.Get("maxauthtries")
	n, err := strconv.Atoi(tries.String())
	w := weight{value: tries, err: tries.Err, fine: err == nil && n <= m.rules.MaxAuthTries, wanted: "MaxAuthTries " + strconv.Itoa(m.rules.MaxAuthTries) + " or less"}
	return w
}
