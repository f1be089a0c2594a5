package judge_test

import (
	"strings"
	"testing"

	"keysweep/secretscan/judge"
)

// The values of these tests are put together, so that no scanner takes them for somebody's.
var (
	word  = "tangerine" + "42"
	token = "k9f2Wq7" + "ZpL4xR8sT1v"
)

// TestFind reads each line and wants the claims "lane key value" in the order of the text; § stands for a password, ¤ for a token.
func TestFind(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`password = "§"`, "password password §"},
		{`DB_PASSWORD=§`, "password DB_PASSWORD §"},
		{`  db-password: §`, "password db-password §"},
		{`password: §==`, "password password §=="},
		{`"password" : "§",`, "password password §"},
		{`{\"password\": \"§\"}`, "password password §"},
		{`&#34;password&#34;: &#34;§&#34;`, "password password §"},
		{`<password>§</password>`, "password password §"},
		{`<add key="Password" value="§"/>`, "token key Password; password Password §"},
		{"<key>Password</key>\n<string>§</string>", "token key Password; password Password §"},
		{"- name: DB_PASSWORD\n  value: §", "password DB_PASSWORD §"},
		{"{\"name\": \"password\",\n \"value\": \"§\"}", "password password §"},
		{`s:8:"password";s:11:"§";`, "password password §"},
		{"String apiKey =\n    \"¤\";", "token apiKey ¤"},
		{"apiKey =\n    ¤;", ""},
		{`password := []byte("§")`, "password password §"},
		{`var password string = "§"`, "password password §"},
		{`password: Optional[str] = '§'`, "password password §"},
		{`key, err := hex.DecodeString("¤")`, "token key ¤"},
		{`os.getenv("API_TOKEN", "¤")`, "token API_TOKEN ¤"},
		{`token = os.environ.get("NAME") or "¤"`, "token token ¤"},
		{`password: ${PASSWORD:-§}`, "password password §"},
		{`run --pw ${DB_PASSWORD:-§} x`, "password DB_PASSWORD §"},
		{`Server=db;User=sa;Password=§;Database=x`, "password Password §"},
		{`"Server=db;Password=§;"`, "password Password §"},
		{`tokens = ["¤", "¤2"]`, "token tokens ¤; token tokens ¤2"},
		{`key := []byte{0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0}`, "token key 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0"},
		{`key := []int{1, 2}`, ""},
		{`req.SetBasicAuth("admin", "§")`, "password req.SetBasicAuth §"},
		{`auth=("admin", '§')`, "password auth §"},
		{`smtp.login(user, "§")`, "password smtp.login §"},
		{`mysqli_connect("db", "root", "§")`, "password mysqli_connect §"},
		{`private var token: String? = "¤"`, "token token ¤"},
		{`var password: String! = "§"`, "password password §"},
		{`static char api_key[] = "¤";`, "token api_key ¤"},
		{`char password[MAX_LEN + 1] = "§";`, ""},
		{`char password[MAX_LEN] = "§";`, "password password §"},
		{`key[16] = {0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0}`, "token key 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0"},
		{`tokens[i] = ¤`, ""},
		{`password: "another", password_confirmation: "§"`, "password password_confirmation §"},
		{`{"password": "§", token: /^[\w-]{20,}$/i}`, "password password §"},
		{`token: /usr/§/i`, "token token /usr/§/i"},
		{`std::string kApiKey{"¤"};`, "token kApiKey ¤"},
		{`public string ApiKey { get; private set; } = "¤";`, "token ApiKey ¤"},
		{`$cfg{password} = "§"`, "password password §"},
		{`const {password} = request`, ""},
		{`INSERT INTO users (name, password) VALUES ('me', '§')`, "password password §"},
		{"insert into `users` (`id`, `password`, `token`)\nvalues (1, '§', '¤');", "password password §; token token ¤"},
		{`INSERT INTO users (password) VALUES ('§')`, "password password §"},
		{`INSERT INTO users (password, name) VALUES (NULL, '§')`, ""},
		{`insert (name, password) values ('me', '§')`, ""},
		{`SET PASSWORD FOR 'me' = PASSWORD('§')`, "password PASSWORD §"},
		{`machine db login me password §`, "password password §"},
		{`mysql -u root -p§ db`, "password -p §"},
		{`mysql -P 3306 -u root`, ""},
		{`sshpass -p § ssh host`, "password -p §"},
		{`sshpass -p '§' ssh host`, "password -p §"},
		{`curl -su me -u me:§ https://x.org`, "password -u §"},
		{`curl -H "x" | grep -u a:b`, ""},
		{`openssl rsa -passin pass:§ -in x`, "password passin §"},
		{`tool --password § --force`, "password password §"},
		{`IDENTIFIED BY '§'`, "password IDENTIFIED §"},
		{`IDENTIFIED WITH 'caching_sha2_password' BY '§'`, "password IDENTIFIED §"},
		{`the host identified by "§" is gone`, ""},
		{`alter user me identified by "§"`, "password identified §"},
		{`url.UserPassword("me", "§")`, "password url.UserPassword §"},
		{`identified with sha256_hash by '§'`, "password identified §"},
		{`ConvertTo-SecureString "§" -AsPlainText`, "password ConvertTo-SecureString §"},
		{`Authorization: Bearer ¤`, "header Authorization ¤"},
		{`'Authorization: NTLM ¤='`, "header Authorization ¤="},
		{`'Authorization: Digest username="me"'`, ""},
		{`"Authorization": "token ¤"`, "header Authorization ¤"},
		{`Authorization: OAuth oauth_signature=\"¤\"`, "token oauth_signature ¤"},
		{"the Consumer Secret: ``¤``", "token Secret ¤"},
		{`password = "$DB_PASSWORD"`, ""},
		{`password = user.password`, "password password user.password"},
		{`password: <your password>`, ""},
		{`password = "{{ .Values.password }}"`, ""},
		{`password = f"{user:>32}"`, ""},
		{`names = ["API_KEY={hex:32}"]`, ""},
		{`f(password, {"name": "§"})`, ""},
		{`names = ("user", "password", "§")`, ""},
		{`{"password": "mypassword", "§": 1}`, "password password mypassword"},
		{`"PASSWORD_HINT": "` + strings.Repeat("密码", 6) + `"`, ""},
		{`xxpassxx = §`, ""},
		{`implementation 'io.jsonwebtoken:1.11.2'`, ""},
		{`https://gitlab-token:¤@host`, "url  ¤"},
		{`token = "0123456789abcdef0123"`, ""},
		{"key := x(\"5e3c7a9b1d2f4e6088aa\")\nplaintext := x(\"aa5e3c7a9b1d2f4e6088\")", ""},
		{"\"shared_secret\": \"5e3c7a9b1d2f4e6088aa\",\n\"base_nonce\": \"aa5e3c7a9b1d2f4e6088\"", ""},
		{"key = \"5e3c7a9b1d2f4e6088aa\"\niv = \"aa5e3c7a9b1d2f4e6088\"", "token key 5e3c7a9b1d2f4e6088aa"},
		{"key = \"5e3c7a9b1d2f4e6088aa\"\nexpected = \"none\"", "token key 5e3c7a9b1d2f4e6088aa"},
		{`client_traffic_secret = "¤"`, ""},
		{`key = "000102030405060708090a0b"`, ""},
		{`key := []byte{3, 3, 3, 3, 3, 3, 3, 3}`, ""},
		{`token = "c232ab00-9414-11ec-b3c8-9f6bdeced846"`, ""},
		{`token = "c232ab00-9414-41ec-b3c8-9f6bdeced846"`, "token token c232ab00-9414-41ec-b3c8-9f6bdeced846"},
		{`access_token = "dGhpcyBpcyBub3Qgb25l"`, ""},
		{`(if|else|pass|return|yield)`, ""},
		{`| password | § |`, "password password §"},
		{`Public key: ¤`, ""},
		{`the password (encrypted) of it`, ""},
		{`setPassword("§")`, "password setPassword §"},
		{`createToken("DIGITS", "[0-9]+x{4}")`, ""},
		{`verify_token("¤")`, ""},
		{`verify_token = "¤"`, "token verify_token ¤"},
		{`--highlight-secret: rgba(23, 68, 68, 0.2)`, ""},
		{`key: -1.4823e+00`, ""},
		{`badge.svg?token=¤`, ""},
		{`access_token = "2YotnFZFEjr1` + `zCsicMWpAA"`, ""},
		{`access_token = "3YotnFZFEjr1` + `zCsicMWpAA"`, "token access_token 3YotnFZFEjr1zCsicMWpAA"},
		{`Authorization: Bearer mF_9.B5f` + `-4.1JqM`, ""},
		{`https://Aladdin:§@x.org`, ""},
		{`tokens: []token{0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0}`, ""},
		{`assert x =~ ~r/password: "§"/`, ""},
	} {
		put := strings.NewReplacer("§", word, "¤", token)
		var got []string
		for _, claim := range judge.Claims([]byte(put.Replace(c.text))) {
			got = append(got, claim.Lane.String()+" "+claim.Key+" "+claim.Value)
		}
		if want := put.Replace(c.want); strings.Join(got, "; ") != want {
			t.Errorf("%s\n got %q\nwant %q", c.text, strings.Join(got, "; "), want)
		}
	}
}
