package report

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"keysweep/finding"
)

func spotAt(path string, line, from, to int, text, note string) finding.Spot {
	return finding.Spot{Path: path, Text: text, Note: note,
		Span: finding.Span{Start: finding.Position{Line: line, Column: from}, End: finding.Position{Line: line, Column: to}}}
}

// auditOf makes an audit with a result of every state; s stands for whatever a machine says.
func auditOf(s string) *finding.Audit {
	until := time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC)
	cites := []finding.Cite{{Seed: "000", Line: 62, Text: "SSH keys only"}, {Seed: "001", Line: 61}}
	return &finding.Audit{
		Schema: "keysweep.audit/v1", Tool: finding.Tool{Name: "keysweep", Version: "v1"}, Target: "this machine (" + s + ")", Profile: "baseline@1",
		GeneratedAt: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC),
		Areas:       []finding.Area{{ID: "sshd", Title: "SSH server"}, {ID: "firewall", Title: "Firewall"}},
		Results: []finding.Result{
			{Check: "ssh.password-auth", Area: "sshd", State: finding.Fail, Severity: finding.High, Confidence: finding.HighConfidence,
				Title: "a password is enough to log in", Found: "PasswordAuthentication yes", Wanted: "no", Seeds: cites,
				Where:   spotAt("/etc/ssh/sshd_config.d/50-cloud-init.conf", 1, 24, 27, "PasswordAuthentication yes", "this value wins (first value read)"),
				Related: []finding.Spot{spotAt("/etc/ssh/sshd_config", 57, 1, 26, "PasswordAuthentication no"+s, "never reached")},
				Why:     "Passwords are guessed.", Fix: "keysweep fix ssh.password-auth", FixBy: finding.FixAuto},
			{Check: "ssh.root-login", Area: "sshd", Subject: "Match User " + s, State: finding.Waived, Severity: finding.High, Title: "root may log in", Fix: "PermitRootLogin no",
				Waiver: &finding.Waiver{Reason: "break-glass", Until: until, Where: "policy.toml:3"}},
			{Check: "firewall.default-deny", Area: "firewall", State: finding.Undetermined, Severity: finding.High, Title: "the default policy", Cause: "open /etc/ufw/user.rules: permission denied", Hint: "sudo keysweep audit host"},
			{Check: "net.unexpected-listener", Area: "ports", Subject: "0.0.0.0:5432/tcp", State: finding.Fail, Severity: finding.Medium, Confidence: finding.MediumConfidence,
				Title: "a port is open that the policy does not name", Where: finding.Spot{Fact: "listener 0.0.0.0:5432/tcp (" + s + ", pid 812)"}, Fix: "stop it"},
			{Check: "host.kernel-version", Area: "system", State: finding.Pass, Title: "6.1.0", Where: finding.Spot{Fact: "/proc/sys/kernel/osrelease"}},
			{Check: "net.open-wifi", Area: "network", State: finding.NotApplicable, Title: "there is no NetworkManager"},
			{Check: "review.billing", Area: "reviews", State: finding.Open, Severity: finding.Medium, Title: "never attested", Fix: "keysweep attest review.billing"},
		},
		Problems: []finding.Problem{{Where: "/etc/" + s, Op: "read", Err: "permission denied", Hint: "sudo"}},
		Notices:  []finding.Notice{{Kind: "expired", Where: "policy.toml:9", Text: "the waiver ended"}},
		Programs: []finding.Program{{Command: "sshd -T " + s, CPU: 4 * time.Millisecond, Elapsed: 5 * time.Millisecond}},
	}
}

func renderAudit(t *testing.T, format string, a *finding.Audit, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteAudit(&b, format, a, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGoldenAudit(t *testing.T) {
	for _, format := range AuditFormats() {
		golden(t, "audit."+format, renderAudit(t, format, auditOf("web1"), Options{}))
	}
	golden(t, "audit-verbose.text", renderAudit(t, "text", auditOf("web1"), Options{Verbose: true, ShowSuppressed: true}))
	golden(t, "audit-quiet.text", renderAudit(t, "text", auditOf("web1"), Options{Quiet: true}))
}

// TestAuditSaysThingsOnce tells the long cause of several unknown results once, and of what is open what a person is asked.
func TestAuditSaysThingsOnce(t *testing.T) {
	cause := "run iptables-save: exit code 4: " + strings.Repeat("could not fetch the rules; ", 5)
	unknown := func(id, cause string) finding.Result {
		return finding.Result{Check: id, State: finding.Undetermined, Title: "the rules", Cause: cause, Hint: "run it as root"}
	}
	a := &finding.Audit{Results: []finding.Result{
		unknown("a.one", cause), unknown("a.two", cause), unknown("a.three", "short"), unknown("a.four", "short"),
		{Check: "review.bill", Subject: "attestation", State: finding.Open, Title: "never attested", Why: "The bill is read"},
	}}
	text := string(renderAudit(t, "text", a, Options{}))
	for want, times := range map[string]int{"run iptables-save": 1, "cause: the same as of a.one above\n": 1, "hint: run it as root": 3, "cause: short": 2,
		"open  review.bill  The bill is read: never attested\n": 1} {
		if got := strings.Count(text, want); got != times {
			t.Errorf("%q stands there %d times, want %d\n%s", want, got, times, text)
		}
	}
	if text := string(renderAudit(t, "text", a, Options{Quiet: true})); strings.Count(text, "run iptables-save") != 2 {
		t.Errorf("a line does not stand for itself:\n%s", text)
	}
}

// TestProblemWithoutHint leaves out the word where there is no hint.
func TestProblemWithoutHint(t *testing.T) {
	a := &finding.Audit{Problems: []finding.Problem{{Where: "x", Op: "read", Err: "gone"}}}
	for _, format := range []string{"junit", "github", "text"} {
		if text := string(renderAudit(t, format, a, Options{})); strings.Contains(text, "hint") {
			t.Errorf("%s:\n%s", format, text)
		}
	}
}

// TestAuditNamesTheWorst wants the end of a long report to say where to begin, what is as before included.
func TestAuditNamesTheWorst(t *testing.T) {
	fail := func(id string, s finding.Severity) finding.Result {
		return finding.Result{Check: id, State: finding.Fail, Severity: s, Title: "x"}
	}
	a := &finding.Audit{Results: []finding.Result{fail("a", finding.Low), fail("b", finding.High), fail("b", finding.High)}, Same: []finding.Result{fail("c", finding.High)}}
	if text := string(renderAudit(t, "text", a, Options{})); !strings.Contains(text, "\n  worst      high: b, c\n") {
		t.Errorf("the worst are not named:\n%s", text)
	}
	a.Same = nil
	if text := string(renderAudit(t, "text", a, Options{})); strings.Contains(text, "worst") {
		t.Errorf("few are in sight:\n%s", text)
	}
}

func TestAuditDocumentsMatchTheirSchemas(t *testing.T) {
	for format, schema := range map[string]string{
		"json": filepath.Join("..", "docs", "schema", "keysweep.audit.v1.schema.json"), "sarif": filepath.Join("testdata", "sarif-schema-2.1.0.json"),
	} {
		compiled := compile(t, schema, format == "json")
		for _, a := range []*finding.Audit{auditOf("web1"), auditOf("\x1b[2J\u202e\xff"), {Schema: "keysweep.audit/v1", Tool: finding.Tool{Name: "keysweep"}}} {
			for _, o := range allOptions() {
				validate(t, compiled, renderAudit(t, format, a, o))
			}
		}
	}
}

// TestHostileMachine lets a machine say what a terminal, a spreadsheet or a page would obey.
func TestHostileMachine(t *testing.T) {
	for _, evil := range []string{"\x1b]0;x\x07", "a\nb\r\n::error::", "\u202e\u200b\u0085", "\xff\xfe", "<script>|`x`", "=cmd()"} {
		for _, format := range AuditFormats() {
			for _, o := range []Options{{}, {Verbose: true, ShowSuppressed: true, Color: false}, {Quiet: true}} {
				got := string(renderAudit(t, format, auditOf(evil), o))
				if strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) && r != '\n' && r != '\r' }) {
					t.Errorf("%s of %q prints what a terminal obeys:\n%q", format, evil, got)
				}
				if (format == "markdown" || format == "junit") && strings.Contains(got, "<script>") {
					t.Errorf("%s lets markup through:\n%s", format, got)
				}
			}
		}
	}
}

// TestUnknownIsNeverPass: whatever could not be looked at, no format says that all is well.
func TestUnknownIsNeverPass(t *testing.T) {
	all := auditOf("web1").Results
	a := &finding.Audit{Schema: "keysweep.audit/v1", Tool: finding.Tool{Name: "keysweep"}, Results: all[2:3]}
	for _, format := range []string{"text", "json", "sarif", "junit", "github", "markdown"} {
		said := "could not be looked at"
		if format == "sarif" || format == "junit" {
			said = "permission denied"
		}
		if got := string(renderAudit(t, format, a, Options{})); !strings.Contains(got, said) || strings.Contains(got, "every check passed") {
			t.Errorf("%s says\n%s", format, got)
		}
	}
	var log sarifLog
	if err := json.Unmarshal(renderAudit(t, "sarif", a, Options{}), &log); err != nil || log.Runs[0].Invocations[0].Successful {
		t.Errorf("SARIF calls an audit successful that could not look (%v)", err)
	}
}
