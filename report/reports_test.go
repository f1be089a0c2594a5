package report

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"keysweep/finding"
)

// alphabet is what the fake secrets are made of at run time, so that no scanner takes this file for a leak.
const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// fakeSecret returns a secret of a prefix and n characters that look random and differ for every seed.
func fakeSecret(prefix string, n int, seed string) string {
	sum := sha256.Sum256([]byte(seed))
	var b strings.Builder
	for i := range n {
		if i%32 == 0 {
			sum = sha256.Sum256(sum[:])
		}
		b.WriteByte(alphabet[int(sum[i%32])%len(alphabet)])
	}
	return prefix + b.String()
}

func githubSecret() string { return fakeSecret("ghp"+"_", 36, "github") }
func awsSecret() string    { return fakeSecret("AK"+"IA", 16, "aws") }
func slackSecret() string  { return fakeSecret("xo"+"xb-", 40, "slack") }
func password() string     { return fakeSecret("", 11, "password") }

// excerptOf makes an excerpt of a template in which {} stands for the finding's own secret and {0}, {1} for others.
func excerptOf(template, own string, others ...string) finding.Excerpt {
	var ranges []finding.Range
	text := template
	for i, o := range others {
		at := strings.Index(text, fmt.Sprintf("{%d}", i))
		text = strings.Replace(text, fmt.Sprintf("{%d}", i), o, 1)
		ranges = append(ranges, finding.Range{Start: at, End: at + len(o)})
	}
	at := strings.Index(text, "{}")
	if at < 0 {
		return finding.NewExcerpt(text, finding.Range{}, ranges)
	}
	text = strings.Replace(text, "{}", own, 1)
	for i, r := range ranges {
		if r.Start > at {
			ranges[i] = finding.Range{Start: r.Start + len(own) - 2, End: r.End + len(own) - 2}
		}
	}
	return finding.NewExcerpt(text, finding.Range{Start: at, End: at + len(own)}, ranges)
}

// place makes a place whose line is a template as for excerptOf.
func place(kind finding.Kind, path string, line int, template, secret string, others ...string) finding.Place {
	e := excerptOf(template, secret, others...)
	column := len([]rune(template[:max(0, strings.Index(template, "{}"))])) + 1
	return finding.Place{
		Kind: kind, Rule: "github-pat", Path: path, Excerpt: e, Match: excerptOf("{}", secret),
		Span: finding.Span{
			Start: finding.Position{Line: line, Column: column},
			End:   finding.Position{Line: line, Column: column + len([]rune(secret))},
		},
	}
}

// inCommit puts a place into history.
func inCommit(p finding.Place, digit string, inHead, pushed finding.Tri) finding.Place {
	p.Commit = &finding.Commit{
		ID: strings.Repeat(digit, 40), Author: "Ada Example", Email: "ada@example.org",
		Date: time.Date(2024, 5, 17, 9, 30, 0, 0, time.FixedZone("", 2*3600)), Subject: "Add the deploy script",
	}
	p.Object, p.InHead, p.Pushed = strings.Repeat(digit, 39)+"0", inHead, pushed
	return p
}

func newFinding(secret string, severity finding.Severity, places ...finding.Place) finding.Finding {
	s := finding.NewSecret(secret)
	return finding.Finding{
		Fingerprint: finding.FingerprintOf([]byte("salt"), s), Rules: []string{"github-pat"},
		Title: "GitHub personal access token", Why: "It gives whoever has it the rights of its owner on GitHub.",
		Provider: "GitHub", RotateURL: "https://github.com/settings/tokens",
		Severity: severity, Confidence: finding.HighConfidence, Entropy: 4.86234, Tags: []string{"vcs", "token"},
		Secret: s, Places: places,
	}
}

// byRule says that a rule of another name found f, and its places.
func byRule(f *finding.Finding, id string) {
	f.Rules = []string{id}
	for i := range f.Places {
		f.Places[i].Rule = id
	}
}

func newReport(findings ...finding.Finding) *finding.Report {
	return &finding.Report{
		Schema: "keysweep.scan/v1",
		Tool: finding.Tool{
			Name: "keysweep", Version: "1.2.3", Commit: "c0ffee", Ruleset: "sha256:" + strings.Repeat("0", 16), Rules: 222,
		},
		GeneratedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Salt: "root commit",
		Coverage: finding.Coverage{Source: "work tree", Root: ".", Files: 312, Bytes: 1234567, Elapsed: 412 * time.Millisecond},
		Findings: findings,
	}
}

// namedReport is a report that the golden files show.
type namedReport struct {
	name string
	make func() *finding.Report
}

func namedReports() []namedReport {
	return []namedReport{
		{"clean", cleanReport}, {"empty", emptyReport}, {"one", oneReport}, {"many", manyReport},
		{"problems", problemsReport}, {"suppressed", suppressedReport}, {"hostile", hostileReport},
	}
}

func cleanReport() *finding.Report {
	r := newReport()
	r.Coverage.Skipped = []finding.Skip{
		{Reason: "binary files without text", Count: 7, Paths: []string{"logo.png", "a.pdf"}},
		{Reason: "excluded paths", Count: 1, Paths: []string{"vendor"}},
	}
	r.Coverage.Entered = []string{"third_party/lib"}
	return r
}

func emptyReport() *finding.Report {
	r := newReport()
	r.Coverage = finding.Coverage{Source: "staged changes", Root: ".", Empty: "nothing staged", Elapsed: 8 * time.Millisecond}
	return r
}

func oneReport() *finding.Report {
	r := newReport(newFinding(githubSecret(), finding.Critical,
		place(finding.KindIndex, "config/app.yml", 12, "\ttoken: {} # deploy", githubSecret())))
	r.Coverage = finding.Coverage{Source: "staged changes", Root: ".", Files: 1, Bytes: 900, Elapsed: 8 * time.Millisecond}
	return r
}

// manyReport has places of every kind, several findings in a line, a secret of several lines, and a file found by its name.
func manyReport() *finding.Report {
	gh, aws, slack := githubSecret(), awsSecret(), slackSecret()
	first := newFinding(gh, finding.Critical,
		inCommit(place(finding.KindBlob, "old/app.yml", 4, "token: {}", gh), "a", finding.No, finding.Yes),
		place(finding.KindFile, "src/überlang/配置.go", 42, strings.Repeat("左", 40)+` auth("{}", "{0}") `+strings.Repeat("右", 60), gh, aws),
		place(finding.KindIndex, "app.env", 1, "GH={}", gh),
		inCommit(place(finding.KindMessage, "", 3, "use {} for now", gh), "b", finding.Unknown, finding.No),
	)
	first.Places[0].Also = []string{"older/app.yml", "oldest/app.yml"}
	first.MorePlaces = 12
	first.Proof = []finding.Fact{{Name: finding.FactChecksum, Value: "fits"}}
	second := newFinding(aws, finding.High, place(finding.KindFile, "src/überlang/配置.go", 42, `auth("{0}", "{}")`, aws, gh))
	byRule(&second, "aws-key")
	second.Rules = append(second.Rules, "generic-api-key")
	second.Title, second.Provider = "AWS access key", "AWS"
	second.RotateURL, second.Confidence = "https://console.aws.amazon.com/iam", finding.MediumConfidence
	second.Why = "It signs requests to AWS."
	third := newFinding(slack, finding.Medium,
		inCommit(place(finding.KindBlob, "bot.py", 9, "slack = '{}'", slack), "c", finding.Yes, finding.No))
	byRule(&third, "slack-bot-token")
	third.Title, third.Why, third.Provider, third.RotateURL = "Slack bot token", "", "Slack", ""
	body := "-----BEGIN TEST DATA-----\n" + fakeSecret("", 64, "pem") + "\n-----END TEST DATA-----"
	key := newFinding(body, finding.Low,
		inCommit(place(finding.KindTag, "refs/tags/v1", 5, "key = \"{}\"", body), "d", finding.Unknown, finding.Unknown))
	key.Places[0].Span.End = finding.Position{Line: 7, Column: 26}
	byRule(&key, "pem-key")
	key.Title, key.Why, key.Provider, key.RotateURL = "Private key", "It proves who its owner is.", "", ""
	key.Proof = []finding.Fact{
		{Name: finding.FactKey, Value: "ED25519, 256 bits, OpenSSH"}, {Name: finding.FactPassphrase, Value: "none"},
		{Name: finding.FactFingerprint, Value: "SHA256:" + strings.Repeat("0aZ/", 10) + "abc"},
		{Name: finding.FactKnown, Value: "as ~/.ssh/id_ed25519, loaded in the agent"},
	}
	file := finding.Finding{
		Fingerprint: finding.Fingerprint{1, 2, 3}, Rules: []string{"pkcs12-file"}, Title: "PKCS #12 file", Severity: finding.Info,
		Places: []finding.Place{{Kind: finding.KindFile, Rule: "pkcs12-file", Path: "cert.p12"}},
	}
	stdin := newFinding(password(), finding.Info, place(finding.KindStdin, "", 1, "password={}", password()))
	stdin.Confidence = finding.LowConfidence
	r := newReport(first, second, third, key, file, stdin)
	r.Coverage = finding.Coverage{
		Source: "history of 3 refs", Root: "/srv/git/app", Files: 2, Blobs: 35888, Commits: 19978, Bytes: 3_700_000_000, Elapsed: 83 * time.Second,
	}
	return r
}

func problemsReport() *finding.Report {
	r := oneReport()
	r.Problems = []finding.Problem{
		{Where: "objects/ab", Op: "read blob", Err: "missing object", Hint: "git fetch --refetch origin"},
		{Where: "secret.txt", Err: "permission denied"},
	}
	return r
}

func suppressedReport() *finding.Report {
	r := newReport()
	p := place(finding.KindFile, "test/fixture.go", 7, "x := {} // keysweep:allow -- fake", githubSecret())
	r.Suppressed = []finding.Suppressed{
		{Fingerprint: finding.Fingerprint{9}, Place: p, By: "allow comment", Reason: "fake"},
		{Fingerprint: finding.Fingerprint{9}, Place: p, By: "baseline"},
	}
	r.Notices = []finding.Notice{
		{Kind: "unreasoned", Where: "test/fixture.go:7", Text: "the allow comment gives no reason"},
		{Kind: "config-changed", Text: "the range changes the configuration"},
	}
	return r
}

// hostileReport has text made to break terminals, logs, spreadsheets, URIs and parsers.
func hostileReport() *finding.Report {
	gh := githubSecret()
	p := inCommit(place(finding.KindBlob, "a\x1b[31m\n::error::b,c:d%]]>\u202egnp.exe\xff", 1, "\x1b]0;x\x07 <b>&\"\t\u2066{}\xfe\u0000|\r", gh), "e", finding.Yes, finding.No)
	p.Commit.Author, p.Commit.Subject = "=cmd()\x1b[2J", "::set-output name=x::y\r\n"+strings.Repeat("z", 80)
	p.Also = []string{"-rf $(x)'\n"}
	f := newFinding(gh, finding.High, p, place(finding.KindIndex, "-rf $(x)'\n", 2, "{}", gh))
	f.Proof = []finding.Fact{{Name: "issuer", Value: "\x1b[2J\n::error::\u202e"}}
	f.Title, f.Rules = "[x](http://example.org) {0} <script>", []string{"rule,with:odd\nname"}
	r := newReport(f)
	r.Problems = []finding.Problem{{Where: "@SUM(1)\u0085", Op: "read", Err: "no such file \u2028 or directory"}}
	r.Notices = []finding.Notice{{Kind: "stale\n", Where: "x\x9b:1", Text: "\u061c::warning::"}}
	return r
}
