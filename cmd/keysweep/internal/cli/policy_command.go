package cli

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"keysweep/internal/atomicfile"
	"keysweep/internal/git"
	"keysweep/policy"
	"keysweep/policy/audit"
)

func newPolicyCommand(env *Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "policy",
		Short: "Make a policy file, show the policy in force, say what is wrong with one",
		Long: "policy.toml says what audits compare with: the profile, thresholds, ports, waivers, how often something is to be attested, checks of\n" +
			"your own, official domains; and the rules for keys and rotation. It is read from /etc/keysweep and $XDG_CONFIG_HOME/keysweep, the\n" +
			"user's last. A repository's files have no say in it.",
		Example: `  keysweep policy init --profile fluxnode
  keysweep policy show
  keysweep policy check policy.toml`,
	}
	c.AddCommand(newPolicyInit(env), newPolicyShow(env), newPolicyCheck(env))
	return c
}

func newPolicyInit(env *Env) *cobra.Command {
	var profile, output string
	c := &cobra.Command{
		Use:   "init",
		Short: "Write a policy file to start from",
		Long: "Writes a file with the profile, and examples of all that can be set as comments. An existing file is never overwritten.\n\n" +
			"baseline: what every machine is held to. strict: less patience. fluxnode: a server that runs a FluxNode, with its ports.",
		Example: `  keysweep policy init                       ~/.config/keysweep/policy.toml
  keysweep policy init --profile fluxnode
  sudo keysweep policy init -o /etc/keysweep/policy.toml
  keysweep policy init -o -                  to see it`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return runPolicyInit(env, profile, output) },
	}
	c.Flags().StringVar(&profile, "profile", "baseline", "start from this `PROFILE`: "+strings.Join(profileNames(), ", "))
	c.Flags().StringVarP(&output, "output", "o", "", "`FILE` to write, or - for standard output (default: the user's policy file)")
	return c
}

func runPolicyInit(env *Env, profile, output string) error {
	if !slices.Contains(profileNames(), profile) {
		return usagef("one of: "+strings.Join(profileNames(), ", "), "--profile: there is no profile %q", profile)
	}
	text := strings.Replace(policyTemplate, "PROFILE", profile, 1)
	if output == "-" {
		_, err := fmt.Fprint(env.Stdout, text)
		return err
	}
	file := absolute(env, output)
	if output == "" {
		files := policyFiles(env)
		if len(files) < 2 || writableHome(env, "XDG_CONFIG_HOME") == "" {
			return usagef("say where: -o FILE", "there is no home directory for a policy file")
		}
		file = files[len(files)-1]
	}
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		return usagef("see: keysweep policy show", "%s is there already, and is not overwritten", shownPath(env, file))
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("write policy: %w", err)
	}
	if err := atomicfile.Write(file, []byte(text), 0o600); err != nil {
		return fmt.Errorf("write policy: %w", err)
	}
	_, err := fmt.Fprintf(env.Stderr, "wrote %s\n", git.Printable(shownPath(env, file)))
	return err
}

// policyTemplate is what policy init writes. A test reads it with its comments taken off: it must be valid.
const policyTemplate = `# What keysweep audits, attestations and rotation compare with. keysweep policy check says what is wrong with it.

profile = "PROFILE"

# [checks."ssh.max-auth-tries"]
# max = 3
# severity = "medium"          # info, low, medium, high, critical
# [checks."ssh.port-default"]
# enabled = false

# [ports]
# allow = ["443/tcp"]          # may listen
# public = ["443/tcp"]         # may be open to every address
# required = ["443/tcp"]       # must be open

# [services]
# node = ["node.service"]      # must not run as root

# [logins]
# known = ["192.0.2.0/24"]     # from where people log in by SSH

# [[waive]]                    # live with a failed check, for a time
# id = "ssh.root-login"        # or "ssh.*"
# host = "bastion*"
# until = 2030-12-31
# reason = "break-glass access until the new console is there"

# [[accept_unknown]]           # live with what cannot be looked at, for a time
# id = "firewall.default-deny"
# until = 2030-12-31
# reason = "audited by the provider"

# [attest."review.billing"]
# every = "14d"

# [[custom]]                   # a setting in a file, and what it must be
# id = "p2p.per-ip-limit"      # that of a practice: it is checked then, and not attested
# file = "/etc/node/node.toml"
# key = "p2p.max_per_ip"
# op = "<="                    # == != < <= > >= exists absent contains matches
# value = 4

# [domains]
# official = ["example.org"]   # for keysweep domain check

# [client_data]
# paths = ["/srv/clients"]     # only owner and group may come to it
# keep = "365d"                # what did not change for longer is to be deleted

# [[channels]]                 # where a provider really answers; checked instead of attested
# name = "support"
# url = "https://example.org/support"
# reviewed = 2026-01-31        # looked through: the newest day

# [[contacts]]                 # for incidents: provider, community and clients; checked instead of attested
# name = "abuse desk"
# role = "provider"
# reach = "+49 ..."
# reviewed = 2026-01-31
`

func newPolicyShow(env *Env) *cobra.Command {
	return &cobra.Command{
		Use:     "show",
		Short:   "Show the policy in force for audits, and where it comes from",
		Example: "  keysweep policy show",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			s, err := readAuditPolicy(env)
			if err != nil {
				return err
			}
			return writeAll(env.Stdout, func(w *bytes.Buffer) error {
				showPolicy(w, env, &s)
				return nil
			})
		},
	}
}

func showPolicy(w *bytes.Buffer, env *Env, s *policySettings) {
	a, r := &s.audit, s.audit.rules
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "%-16s %s\n", name, git.Printable(fmt.Sprintf(format, args...)))
	}
	line("profile", "%s", r.Profile)
	for _, file := range policyFiles(env) {
		read := slices.ContainsFunc(a.layers, func(l auditLayer) bool { return l.file == file })
		line("file", "%s%s", file, map[bool]string{false: " (not there)"}[read])
	}
	line("ssh tries", "at most %d", r.MaxAuthTries)
	line("uptime", "at most %d days", r.UptimeDays)
	for _, p := range []struct {
		name string
		list []audit.Port
	}{{"ports allowed", r.Allow}, {"ports public", r.Public}, {"ports required", r.Required}} {
		words := []string{}
		for _, port := range p.list {
			words = append(words, portWords(port))
		}
		line(p.name, "%s", cmp.Or(strings.Join(words, " "), "none named"))
	}
	line("node services", "%s", cmp.Or(strings.Join(r.NodeServices, " "), "none named"))
	for _, id := range slices.Sorted(maps.Keys(r.Severities)) {
		line("severity", "%s: %s", id, r.Severities[id])
	}
	for _, n := range a.switched {
		line("off", "%s (%s)", n.Text, n.Where)
	}
	for _, x := range r.Waivers {
		line(map[bool]string{true: "unknown accepted", false: "waived"}[x.Unknown], "%s until %s: %s (%s)", waiverWords(&x), x.Until.Format(time.DateOnly), x.Reason, x.Where)
	}
	for _, id := range slices.Sorted(maps.Keys(a.every)) {
		line("attest", "%s every %s", id, counted(a.every[id], "day", "days"))
	}
	for _, c := range r.Custom {
		line("custom", "%s: %s: %s %s %s (%s)", c.ID, c.File, c.Key, c.Op, c.Value, c.Where)
	}
	for _, x := range r.Software {
		line("software", "%s from version %s: %s", x.Name, x.Minimum, strings.Join(x.Command, " "))
	}
	if c := r.Clients; len(c.Paths) > 0 {
		keep := "no end named"
		if c.Days > 0 {
			keep = "kept for " + counted(c.Days, "day", "days")
		}
		line("client data", "%s; %s (%s)", strings.Join(c.Paths, " "), keep, c.Where)
	}
	for _, c := range r.Contacts {
		line("contact", "%s: %s, %s, looked through on %s", c.Role, c.Name, c.Reach, c.Reviewed.Format(time.DateOnly))
	}
	for _, c := range r.Channels {
		line("channel", "%s: %s, looked through on %s", c.Name, c.URL, c.Reviewed.Format(time.DateOnly))
	}
	line("official", "%s", cmp.Or(strings.Join(a.domains, " "), "no domain"))
}

// waiverWords says what a waiver is about: "ssh.* of Match User root on bastion*".
func waiverWords(w *audit.Waiver) string {
	return strings.TrimSpace(w.Check + suffix(" of ", w.Subject) + suffix(" in ", w.Path) + suffix(" on ", w.Host))
}

func suffix(before, text string) string {
	if text == "" {
		return ""
	}
	return before + text
}

func newPolicyCheck(env *Env) *cobra.Command {
	return &cobra.Command{
		Use:   "check [FILE]",
		Short: "Say what is wrong with a policy file, with file, line and setting",
		Long: "Without FILE, the files in force. Exit code 2 says that a file is refused; every command that reads it would do so.\n" +
			"Waivers that have ended are named. Of a .keysweep.toml, the waivers are read; keysweep rules check reads the rest.",
		Example: "  keysweep policy check\n  keysweep policy check /etc/keysweep/policy.toml",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				s, err := readAuditPolicy(env)
				if err != nil {
					return err
				}
				return policyVerdict(env, s.audit.rules, "the policy in force")
			}
			rules, err := checkPolicyFile(env, args[0])
			if err != nil {
				return err
			}
			return policyVerdict(env, rules, args[0])
		},
	}
}

// checkPolicyFile reads a file as the commands that follow it do. The rules are nil if it says nothing of audits.
func checkPolicyFile(env *Env, name string) (*audit.Rules, error) {
	file := absolute(env, name)
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		return nil, usagef("name the file", "read policy: %s is no file", name)
	}
	var data []byte
	var err error
	if slices.Contains(policyFiles(env), file) {
		data, err = readPolicyFile(file) // as all do: others could not have changed it
	} else {
		data, err = os.ReadFile(file)
	}
	switch {
	case isUsage(err):
		return nil, err
	case errors.Is(err, fs.ErrNotExist):
		return nil, usagef("check the name; keysweep policy init writes one", "read policy: there is no file %s", name)
	case err != nil:
		return nil, usagef("read it as a user who may", "%w", err)
	}
	if len(data) > maxPolicy {
		return nil, usagef("", "read policy: %s is larger than %d MB", name, maxPolicy>>20)
	}
	if filepath.Base(file) == keysweepConfig {
		waivers, err := parseOwnWaivers(name, filepath.ToSlash(filepath.Dir(file)), data)
		return &audit.Rules{Waivers: waivers}, err
	}
	s := policySettings{rules: policy.DefaultKeyRules(), notify: defaultNotify()}
	if err := s.read(env, name, data); err != nil {
		return nil, err
	}
	return s.audit.rules, nil
}

// policyVerdict says that a policy can be used, and which of its waivers are over. rules are nil if it says nothing of audits.
func policyVerdict(env *Env, rules *audit.Rules, name string) error {
	var waivers []audit.Waiver
	if rules != nil {
		waivers = rules.Waivers
	}
	for _, w := range waivers {
		if !env.Now().Before(w.Until.Add(24 * time.Hour)) {
			if _, err := fmt.Fprintf(env.Stdout, "%s: the waiver of %s ended on %s\n", git.Printable(w.Where), git.Printable(waiverWords(&w)), w.Until.Format(time.DateOnly)); err != nil {
				return err
			}
		}
	}
	_, err := fmt.Fprintf(env.Stdout, "%s can be used\n", git.Printable(name))
	return err
}
