package house

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
)

// arrows says for each package of ours which packages of ours it may import. Tests may import what they like. The most
// specific line counts; "internal/*" stands for every package of internal without a line of its own. "*" allows everything.
// A package's own internal packages need no line: it may import them, and they may import what it may.
// Collectors state facts, policy alone has opinions, report knows only the shared words: the arrows keep it so.
var arrows = map[string][]string{
	"cmd/*":                    {"*"},
	"finding":                  {},
	"report":                   {"finding"},
	"secretscan":               {"finding", "secretscan/decode", "secretscan/judge"},
	"secretscan/decode":        {},
	"secretscan/judge":         {},
	"secretscan/judge/train":   {"finding", "secretscan", "secretscan/judge", "secretscan/labelled", "secretscan/rules"},
	"secretscan/labelled":      {"secretscan", "finding"},
	"secretscan/rules":         {"secretscan", "secretscan/proof", "finding"},
	"secretscan/rules/catalog": {"finding"},
	"secretscan/source":        {"secretscan", "finding", "internal/atomicfile", "internal/git", "internal/gitindex", "internal/odb", "internal/unpack"},
	"secretscan/proof":         {"finding", "keys", "keys/words"},
	"secretscan/suppress":      {"finding"},
	"secretscan/scantest":      {"secretscan", "secretscan/rules", "secretscan/rules/catalog", "finding"},
	"keys":                     {},
	"keys/agent":               {"keys"},
	"keys/authorized":          {"keys"},
	"keys/backup":              {"keys", "keys/words"},
	"keys/deploy":              {"keys", "keys/authorized"},
	"keys/inventory":           {"keys", "keys/agent", "keys/authorized", "keys/sshconfig", "internal/git"},
	"keys/passphrase":          {},
	"keys/sshconfig":           {},
	"keys/words":               {},
	"rotation":                 {"keys", "finding"},
	"rotation/anchor":          {"rotation", "internal/atomicfile"},
	"rotation/dotenv":          {"rotation"},
	"rotation/filestore":       {"rotation", "rotation/anchor", "internal/atomicfile"},
	"rotation/provider":        {"rotation", "rotation/rescue", "plugin"},
	"rotation/rescue":          {"internal/atomicfile"},
	"rotation/ringstore":       {"rotation", "rotation/anchor", "internal/atomicfile"},
	"rotation/rollover":        {"rotation", "keys", "keys/authorized", "keys/deploy", "internal/atomicfile"},
	"rotation/snapshot":        {"rotation", "internal/atomicfile"},
	"rotation/storetest":       {"rotation"},
	"plugin":                   {},
	"plugin/awsiam":            {"plugin"},
	"plugin/gitlab":            {"plugin"},
	"plugin/vault":             {"plugin"},
	"plugin/internal/rest":     {"plugin"},
	"host":                     {},
	"host/accounts":            {"host", "keys/authorized"},
	"host/bundle":              {"host", "host/plan", "host/tree"},
	"host/collect":             {"host", "host/bundle", "host/plan", "host/tree", "internal/openssh"},
	"host/containers":          {"host"},
	"host/fail2ban":            {"host"},
	"host/firewall":            {"host"},
	"host/hosttest":            {"host", "host/tree"},
	"host/folder":              {"host"},
	"host/image":               {"host"},
	"host/listen":              {"host"},
	"host/logins":              {"host"},
	"host/live":                {"host", "host/plan", "internal/owned", "internal/process"},
	"host/observe":             {"host", "host/accounts", "host/containers", "host/fail2ban", "host/firewall", "host/folder", "host/listen", "host/logins", "host/setting", "host/sshd", "host/system", "host/units", "host/updates", "host/wireless"},
	"host/plan":                {},
	"host/setting":             {"host"},
	"host/sshd":                {"host", "host/units"},
	"host/system":              {"host", "host/units"},
	"host/tree":                {"host"},
	"host/units":               {"host"},
	"host/updates":             {"host", "host/units"},
	"host/wireless":            {"host"},
	"policy":                   {"host", "keys", "keys/authorized", "keys/inventory", "rotation", "finding"},
	"cloud":                    {},
	"policy/audit":             {"cloud", "host", "host/accounts", "host/containers", "host/fail2ban", "host/firewall", "host/folder", "host/listen", "host/logins", "host/observe", "host/setting", "host/sshd", "host/system", "host/units", "host/updates", "host/wireless", "finding"},
	"policy/practice":          {"finding"},
	"script":                   {"secretscan", "finding"},
	"attest":                   {"finding", "internal/chain"},
	"incident":                 {"internal/chain", "policy/practice", "rotation"},
	"remedy":                   {"host", "host/accounts", "host/firewall", "host/listen", "host/sshd", "keys", "keys/authorized", "internal/atomicfile"},
	"domain":                   {"finding"},
	"internal/*":               {},
	"internal/git":             {"internal/odb", "internal/process"},
	"internal/gitindex":        {"internal/git", "internal/odb"},
	"internal/hook":            {"internal/atomicfile"},
	"internal/keyring":         {"rotation", "internal/keyring/guard", "internal/process"},
	"internal/odb":             {"internal/inflate"},
	"internal/openssh":         {"internal/process"},
	"internal/plugin":          {"plugin", "internal/owned", "internal/process"},
	"internal/process":         {"internal/owned"},
	"internal/schedule":        {"internal/atomicfile", "internal/owned"},
	"internal/testkeyring":     {"internal/testneed"},
	"internal/testprovider":    {"plugin"},
	"internal/testsshd":        {"internal/testneed"},
	"internal/unpack":          {"internal/inflate"},
}

func TestArrows(t *testing.T) { report(t, checkArrows(open(t))) }

func checkArrows(r *tree) (violations []string) {
	r.product(func(f *goFile) {
		allowed, known := arrowsOf(f.dir)
		if !known {
			violations = append(violations, fmt.Sprintf("%s: package %s is not in the table of arrows: "+
				"add it to internal/house/arrows_test.go and say in docs/adr why it is a package", f.name, f.dir))
			return
		}
		for imported, pos := range f.imports() {
			target, ours := strings.CutPrefix(imported, module+"/")
			if ours && !mayImport(f.dir, allowed, target) {
				violations = append(violations, fmt.Sprintf("%s: %s must not import %s; it may import %q (internal/house/arrows_test.go)",
					f.at(pos), f.dir, target, allowed))
			}
		}
	})
	return violations
}

func mayImport(dir string, allowed []string, target string) bool {
	owner, _, private := strings.Cut(target, "/internal/")
	return slices.Contains(allowed, "*") || slices.Contains(allowed, target) || private && within(dir, []string{owner})
}

func arrowsOf(dir string) (allowed []string, known bool) {
	if allowed, known = arrows[dir]; known {
		return allowed, true
	}
	if owner, _, private := strings.Cut(dir, "/internal/"); private && arrows[owner] != nil {
		return arrows[owner], true
	}
	for up := path.Dir(dir); up != "."; up = path.Dir(up) {
		if allowed, known = arrows[up+"/*"]; known {
			return allowed, true
		}
	}
	return nil, false
}

// importers says which imports from outside the module stand only in some places of the product, and why.
var importers = []struct {
	prefix string // import path, or the start of one if it ends in a slash
	places []string
	why    string
}{
	{"github.com/spf13/", []string{"cmd/keysweep/internal/cli"}, "a command's run function never sees cobra, so that it can be called and tested without it"},
	{"github.com/zricethezav/gitleaks/", nil, "gitleaks is what we are compared with and where the rule tables are generated from; the program itself does without"},
	{"github.com/99designs/", []string{"internal/keyring"}, "importing the keyring library opens D-Bus before main, and that can hang"},
	{"testing", []string{"internal/testneed", "internal/testkeyring", "internal/testsshd", "secretscan/scantest", "rotation/storetest"}, "it belongs in tests, and registers flags"},
	{"net", []string{"keys/agent", "internal/openssh", "internal/testsshd"}, "keysweep opens no connections, but for the sockets of ssh-agent and of its own askpass helper"},
	{"net/http", []string{"plugin/awsiam", "plugin/gitlab", "plugin/internal/rest", "plugin/vault", "internal/testprovider"}, "keysweep opens no connections: plugins are programs of their own"},
	{"github.com/aws/", []string{"plugin/awsiam"}, "keysweep opens no connections: plugins are programs of their own"},
	{"plugin", nil, "one static binary"},
	{"C", nil, "CGO_ENABLED=0 must build everything"},
	{"unsafe", nil, "memory safety is worth more than the speed; a measured exception gets a line here"},
}

func TestImporters(t *testing.T) { report(t, checkImporters(open(t))) }

func checkImporters(r *tree) (violations []string) {
	r.product(func(f *goFile) {
		for imported, pos := range f.imports() {
			for _, rule := range importers {
				matches := imported == rule.prefix || strings.HasSuffix(rule.prefix, "/") && strings.HasPrefix(imported, rule.prefix)
				if matches && !within(f.name, rule.places) {
					violations = append(violations, fmt.Sprintf("%s: must not import %s (allowed in %q): %s",
						f.at(pos), imported, rule.places, rule.why))
				}
			}
		}
	})
	return violations
}

// TestProgramIsFreeOfGitleaks looks through everything that is linked, not only at what our own files import.
func TestProgramIsFreeOfGitleaks(t *testing.T) {
	for _, system := range []string{"linux", "darwin", "windows"} {
		out := goCommand(t, []string{"GOOS=" + system, "CGO_ENABLED=0"}, "list", "-deps", "./cmd/keysweep")
		for imported := range strings.FieldsSeq(out) {
			if strings.HasPrefix(imported, "github.com/zricethezav/gitleaks/") {
				t.Errorf("on %s the program links %s: it must not, directly or by way of another package", system, imported)
			}
		}
	}
}
