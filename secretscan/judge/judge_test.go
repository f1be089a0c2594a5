package judge_test

import (
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"keysweep/secretscan/judge"
)

// TestTextsOfKeyAndValue: the quotes around a key and its value, and nothing else, are as good as the value's own.
func TestTextsOfKeyAndValue(t *testing.T) {
	for text, want := range map[string]judge.Quote{
		`"db.password=§"`: judge.Double, `run('--password=§', x)`: judge.Double, `"password=§;user=x"`: judge.Bare, `"x password=§"`: judge.Bare, `db.password=§`: judge.Bare,
		`"password=§'`: judge.Bare,
	} {
		found := judge.Claims([]byte(strings.ReplaceAll(text, "§", word)))
		if len(found) != 1 || found[0].Quote != want || found[0].Value != word {
			t.Errorf("%s: %+v", text, found)
		}
	}
}

func TestKindOf(t *testing.T) {
	for name, want := range map[string]judge.Kind{
		"a/b.go": judge.Code, "B.PY": judge.Code, "x.rb.erb": judge.Code, "x.erb": judge.Code, "page.html.eex": judge.Prose, "README.md": judge.Prose,
		"x.yml": judge.Config, "x.yml.example": judge.Config, ".env": judge.Config, ".env.local": judge.Config, "x.example": judge.Config, "Dockerfile": judge.Config, "etc/fstab": judge.Config, "Jenkinsfile": judge.Code, "README": judge.Prose, "NOTES": judge.Unknown, "": judge.Unknown,
	} {
		if got := judge.KindOf(name); got != want {
			t.Errorf("%s: kind %d, want %d", name, got, want)
		}
	}
}

// claimIn returns the claim of a text that has one. § stands for a password, ¤ for a token.
func claimIn(t *testing.T, text string) *judge.Claim {
	t.Helper()
	claims := judge.Claims([]byte(strings.NewReplacer("§", word, "¤", token).Replace(text)))
	if len(claims) != 1 {
		t.Fatalf("%s: %d claims", text, len(claims))
	}
	return &claims[0]
}

// TestFeatures wants some features to hold for a claim, by what they are called, and others, with a dash before, not to.
func TestFeatures(t *testing.T) {
	for _, c := range []struct {
		text     string
		kind     judge.Kind
		features string
	}{
		{`password = "§"`, judge.Code, "the key names a password; the key is nothing but that word; the key ends with that word; the line ends behind the value; -signs"},
		{`PASSWORD_HINT = "§"`, judge.Code, "the key goes on: it names something about a credential; -the key ends with that word"},
		{`reset_token = "¤"`, judge.Code, "the key names a token; the key begins like one of another kind"},
		{`config.token = "¤"`, judge.Code, "the key names a token; -the key begins like one of another kind"},
		{`TOTP.new("¤")`, judge.Code, "the key names a secret; the value is an argument of a call"},
		{`db_password: §`, judge.Code, "the value is not in quotes, in code; -the value is not in quotes, in a configuration"},
		{`# db_password: §`, judge.Code, "the value is not in quotes, in a comment of code; in a comment"},
		{`x := "user=me password=§ host=x"`, judge.Code, "the value is not in quotes, in a text in code"},
		{`db_password: §`, judge.Config, "the value is not in quotes, in a configuration"},
		{`db_password: §`, judge.Prose, "the value is not in quotes, in a document"},
		{`DB_PASSWORD=§`, judge.Config, "the key is a setting in capitals, as of the environment"},
		{`https://x.org/?api_key=¤&y=z`, judge.Config, "the key is a parameter of a URL"},
		{`tool --password § --force`, judge.Config, "the key is an option of a command"},
		{`password = make(§)`, judge.Code, "the value is not in quotes and has brackets"},
		{`password = "your§"`, judge.Code, "a word of placeholders within"},
		{`password: "changeit"`, judge.Config, "a word of placeholders within; only small letters"},
		{`POSTGRES_PASSWORD: postgres`, judge.Config, "the value repeats the key; one of the most common passwords; -a word of placeholders within"},
		{`login("me", "§")`, judge.Code, "the value is an argument behind a user's name; the key names a password"},
		{`sshpass -p § ssh x`, judge.Config, "the value is an option of a program that takes a password"},
		{`create user me identified by '§'`, judge.Code, "the key names a password; in an SQL statement about users"},
		{`DATABASE_URL=mysql+x://me:§@db/x`, judge.Config, "the URL is a setting's; the URL is that of a database or a queue; no sign of an example in the password of the URL; -there is no user"},
		{`see https://:§@x.org`, judge.Config, "-the URL is a setting's; -the URL is that of a database or a queue; there is no user"},
		{`https://me:your§@x.org`, judge.Config, "-no sign of an example in the password of the URL"},
		{`amqp://guest:guest@localhost`, judge.Config, "there is no key; the user is the password; -the value is not in quotes, in a configuration"},
		{`Authorization: Bearer ¤`, judge.Config, "the header's scheme is Bearer; -the header's scheme is Basic"},
		{`key = "00112233-4455-6677-8899-aabbccddeeff"`, judge.Code, "a UUID; the key is some key"},
		{`encrypted_token = "¤"`, judge.Code, "the key speaks of what is hashed, encrypted, signed or public"},
		{`token = os.getenv("X", "¤")`, judge.Code, "the value is the default of a setting"},
		{`secret = base64.b64decode("¤")`, judge.Code, "the value is decoded or turned into bytes"},
		{`fmt.Println("token: ¤")`, judge.Code, "in a message"},
		{`parse_token("¤")`, judge.Code, "a call that checks, reads or looks for a credential"},
		{`verify_token = "¤"`, judge.Code, "-a call that checks, reads or looks for a credential"},
		{`TokenPattern = "k.*\\d{9}$"`, judge.Code, "a regular expression"},
		{`take --password § for that`, judge.Prose, "several words follow"},
		{`take --password § --force that`, judge.Prose, "-several words follow"},
		{`    "password = \"§\"\n",`, judge.Config, "a comma follows; -a word follows; -the key is in quotes"},
		{`x("password = \"§\"\n")`, judge.Code, "-a word follows; -the key is in quotes"},
		{`x("password=§")`, judge.Code, "-the key is in quotes"},
		{`"{\"password\": \"§\"}"`, judge.Code, "the key is in quotes"},
		{`"password": "§"`, judge.Config, "the key is in quotes"},
		{`host=x password=§ dbname=x`, judge.Config, "-a word follows; -several words follow"},
		{`host=x password=§ and more`, judge.Config, "a word follows; several words follow"},
		{`SET PASSWORD = PASSWORD('§')`, judge.Config, "= stands between key and value"},
		{`<property name="password" value="§"/>`, judge.Config, "key and value are in fields of their own; -the key is in quotes"},
		{`@Value("${password:§}")`, judge.Code, "the value is the default of a setting; the value is in double quotes; -the key is in quotes"},
		{`token = "dG9rZW4x"`, judge.Code, "the name of a credential within"},
	} {
		f := judge.FeaturesOf(claimIn(t, c.text), c.kind)
		var holding []string
		for i, on := range f {
			if on {
				holding = append(holding, judge.Feature(i).String())
			}
		}
		for want := range strings.SplitSeq(c.features, "; ") {
			name, not := strings.CutPrefix(want, "-")
			if slices.Contains(holding, name) == not {
				t.Errorf("%s: %q: %v; these hold: %q", c.text, name, not, holding)
			}
		}
	}
}

// TestWeights holds the file of weights to the features that there are, and reasons to the score that they explain.
func TestWeights(t *testing.T) {
	m := judge.Default()
	names := map[string]bool{}
	for i := range judge.FeatureCount {
		name := judge.Feature(i).String()
		if name == "" || names[name] {
			t.Errorf("feature %d has the name %q", i, name)
		}
		names[name] = true
	}
	text, err := readWeights()
	if err != nil {
		t.Fatal(err)
	}
	if _, weights, _ := strings.Cut(text, "\nshared,"); "shared,"+weights != m.String() {
		t.Error("weights.csv is not what the model is: fit the weights anew")
	}
	c := claimIn(t, `password = "§"`)
	f := judge.FeaturesOf(c, judge.Code)
	sum, last := 0.0, math.Inf(1)
	for _, r := range m.Reasons(c.Lane, f) {
		sum += r.Weight
		if math.Abs(r.Weight) > last {
			t.Errorf("%s comes too late", r.Feature)
		}
		last = math.Abs(r.Weight)
	}
	if score := m.Score(c.Lane, f); math.Abs(sum-score) > 1e-9 || score < judge.MediumScore {
		t.Errorf("score %g, reasons %g", score, sum)
	}
	if all := m.Scores(c); all[judge.Code] != m.Score(c.Lane, f) {
		t.Error("the scores of all kinds are not those of each")
	}
}

// TestScoresOfKinds holds the quick way to the scores of all kinds to the slow one.
func TestScoresOfKinds(t *testing.T) {
	for _, text := range []string{"db_password: §", "# key: ¤", `x("token=¤")`, `password = "§"`, "a://b:§@c"} {
		c := claimIn(t, text)
		for kind, score := range judge.Default().Scores(c) {
			if want := judge.Default().Score(c.Lane, judge.FeaturesOf(c, judge.Kind(kind))); math.Abs(score-want) > 1e-9 {
				t.Errorf("%s as kind %d: %g, want %g", text, kind, score, want)
			}
		}
	}
}

// TestCommonInDocuments wants a common password to count in a configuration, and not in a document.
func TestCommonInDocuments(t *testing.T) {
	for _, text := range []string{"  password: postgres", "amqp://me:letmein@mq.x.org"} {
		all := judge.Default().Scores(claimIn(t, text))
		if all[judge.Prose] >= judge.LowScore || all[judge.Config] < judge.LowScore {
			t.Errorf("%s: %v", text, all)
		}
	}
}

// TestVerdicts wants what anybody would call a credential to be one, and what nobody would not to.
func TestVerdicts(t *testing.T) {
	for text, want := range map[string]bool{
		`DB_PASSWORD = "§"`:                        true,
		`"client_secret": "¤",`:                    true,
		`api_key: ¤`:                               true,
		`postgres://app:§@db.internal/app`:         true,
		`Authorization: Bearer ¤`:                  true,
		`export GITHUB_TOKEN=¤`:                    true,
		`<password>§</password>`:                   true,
		`password = "string"`:                      false,
		`"password": "Enter your password",`:       false,
		`password_field = "user_password"`:         false,
		`tokenizer = "whitespace-lower"`:           false,
		`primary_key: "customer_id_and_date"`:      false,
		`password: required|string|min:8`:          false,
		`type Password = "HiddenInputField"`:       false,
		`key: "deployment.kubernetes.io/revision"`: false,
		`publicKeyToken=31bf3856ad364e35`:          false,
		`keyboard.layout = "de-latin1-nodeadkeys"`: false,
	} {
		got := false
		for _, c := range judge.Claims([]byte(strings.NewReplacer("§", word, "¤", token).Replace(text))) {
			got = got || judge.Default().Score(c.Lane, judge.FeaturesOf(&c, judge.Config)) >= judge.MediumScore
		}
		if got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

func readWeights() (string, error) {
	data, err := os.ReadFile("weights.csv")
	return string(data), err
}
