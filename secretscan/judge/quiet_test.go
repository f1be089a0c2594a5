package judge_test

import (
	"strings"
	"testing"

	"keysweep/secretscan/judge"
)

// TestQuiet goes through what stands beside words of credentials in clean code, as it is written there, and wants nothing of medium confidence or
// more in it; and the same forms with a value in them, which is to be found. § stands for a password, ¶ for a
// better one, ¤ for a token.
func TestQuiet(t *testing.T) {
	chosen := "Tr0ub4" + "dor!3x"
	for _, c := range []struct {
		text string
		kind judge.Kind
		want bool
	}{
		// attributes of tags
		{`<input type="password" id="password" name="password" class="form-control" required>`, judge.Prose, false},
		{`<span asp-validation-for="Password" class="text-danger"></span>`, judge.Code, false},
		{`<PackageReference Include="Authentication.JwtBearer" Version="7.0.0-preview.7.22376.6" />`, judge.Config, false},
		{`<input type="text" name="password" class="wide" size="20" value="¶">`, judge.Config, true},
		// where the system looks
		{`passwd:         files systemd`, judge.Config, false},
		{`shadow:         compat`, judge.Config, false},
		// shells
		{`echo -n "$password" | clipcopy`, judge.Config, false},
		{`kubectl get secret x -o json | jq '.data.password' | xargs | base64 -d`, judge.Config, false},
		{`savedomainconf "Le_PFXPassword" "$pfxPassword" "base64"`, judge.Config, false},
		{`command ln -sfn "$PWD" "$MARKPATH/$MARK"`, judge.Config, false},
		{`local pwd='%{$fg[blue]%}%~%{$reset_color%}'`, judge.Config, false},
		{`_err "Please define it: export DEPLOY_PASSWORD=password"`, judge.Config, false},
		{`adduser --disabled-password --no-create-home --gecos '' me`, judge.Config, false},
		{`login_otp="totpcode=${otp_code}&pathname=%2F&remember=0"`, judge.Config, false},
		{`apt-key adv --keyserver keyserver.example.org --recv-keys 40976EAF437D05B5`, judge.Config, false},
		{`curl="_build/src/curl-8.exe"`, judge.Config, false},
		{`mysql_python_package: python3-mysqldb`, judge.Config, false},
		{`__mysql_socket: /run/mysqld/mysqld.sock`, judge.Config, false},
		{`curl -u me:§ "ldap://ldap.example.com/o=frontec"`, judge.Config, true},
		{`| password | ¶ |`, judge.Prose, true},
		// templates
		{`{{- $password := index .Values.users $user }}`, judge.Config, false},
		{`password: {{ $password | b64enc | quote }}`, judge.Config, false},
		// names
		{`force:user:password:generate)`, judge.Config, false},
		{`include ":web:authentication:username-password:form"`, judge.Code, false},
		{`input[type="password"]:focus,`, judge.Config, false},
		{`for v in ['passwords', 'playbook', 'inventory']:`, judge.Code, false},
		{`features = ["secure-password", "civet"]`, judge.Config, false},
		{`'auth' => ['guards', 'providers', 'passwords'],`, judge.Code, false},
		{`{"credentials": [1], "inventory": 1}`, judge.Config, false},
		{`isAuthorized(authorization, "client", "secret")`, judge.Code, false},
		{`auth=["me", "¶"]`, judge.Code, true},
		{`"token": "BYRADIUS",`, judge.Config, false},
		{`auth = "AWS_SIGV4";`, judge.Code, false},
		{`sid = "SqsWrite"`, judge.Config, false},
		{`Author: @someone`, judge.Config, false},
		{`"key": "webhooks"`, judge.Config, false},
		{`    *password = passphrase;`, judge.Code, false},
		{`hasPassword = await UserManager.HasPasswordAsync(user);`, judge.Config, false},
		{`"pass": "routes/main"`, judge.Config, false},
		{`getCookieJar ()Lokhttp3/CookieJar;`, judge.Config, false},
		{`internal const string CLSID = "4ec4f0187cb04f4cb6973460dfe252df";`, judge.Code, false},
		{`bin/rails generate model user password:digest`, judge.Prose, false},
		{`filter = "overlay_x=eof_action=pass:repeatlast=0:format=nv12";`, judge.Code, false},
		{`stringc('PASS', 'green'),`, judge.Code, false},
		{`    password = content`, judge.Code, false},
		{`pass:?string,`, judge.Code, false},
		{`$x = '// SYMFONY_SECRET='.base64_encode($data)."\n" : '';`, judge.Code, false},
		{"// one pass: match `\t<name>` lines", judge.Code, false},
		// what is no secret by its form
		{`  password: foobarbaz`, judge.Config, false},
		{`"android:apk-key-hash:dUGFzUzf3lmHSLBDBIv+WaFyZMI"`, judge.Code, false},
		{`# Second pass: truststores — each app must trust all`, judge.Unknown, false},
		{`PASSWORD_ERROR = 'd9bcdbfe-a9d6-4bfa-a8ff-da5fd93e0f6d'`, judge.Code, false},
		{`--gpg-key D56C4FCA57A46444`, judge.Code, false},
		{`tokenRowFormat := "%s\t%v\t%v\n"`, judge.Code, false},
		{"PasswordPattern = `^.{8,32}$`", judge.Code, false},
		{`needs to match 'Vault password:\s*?$'`, judge.Code, false},
		{`"web-token/jwt-library": "^3.3.2|^4.0"`, judge.Config, false},
		{`"symfony/password-hasher": "^7.4|^8.0"`, judge.Config, false},
		{`--proxy-pass                         7.52.0`, judge.Config, false},
		{`AuthProxyWhitelist = "192.168.1.1, 2001::23"`, judge.Code, false},
		{`#SIGNING_KEY="SEC08ffdbd403cbc3fc8a65xxxxxxxxxxxxxxxxxxxx"`, judge.Config, false},
		{`secret: 'CHANGEMEaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'`, judge.Code, false},
		{`#API_TOKEN="123456789ABCDEF"`, judge.Config, false},
		{`api_token = 123456abcdefg`, judge.Config, false},
		{`export TOKEN=d41d8cd98f00b204` + `e9800998ecf8427e`, judge.Config, false},
		{`cluster_auth_base64 = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUM1ekNDQWMrZ0F3SUJBZ0lCQURBTkJna3Foa2lHOXcw"`, judge.Config, false},
		{`gpg key: 13BB3A34C9E380258CE43D595CB150B31F6426BC`, judge.Prose, false},
		{`encrypted_key: 'd3qNhUWfqheyPp4H8sjOWsDYajoej4c5'`, judge.Config, false},
		{`key: PublicKey{ID: nil, Key: String("2Sg8iYjAxxmI2LvUXpJjkYrMxURPc8r+dB7TJyvv1234")}`, judge.Code, false},
		{`ret['password'] = '$encrypted$'`, judge.Code, false},
		{`"NEW_PASSWORD": "Please type in your new password twice."`, judge.Config, false},
		{`"Apitoken": "{\"yal\": \"66ko2y1z` + `ek9703v8\", \"b\": \"x\", \"c\": \"y\"}",`, judge.Config, true},
		{`TOTP.new('ILBLD5WA` + `BAUC7QAD')`, judge.Code, true},
		{`otp = ROTP::TOTP.new 'ZWJUI4PE` + `THOF5HZK'`, judge.Code, true},
	} {
		got := ""
		for _, claim := range judge.Claims([]byte(strings.NewReplacer("§", word, "¤", token, "¶", chosen).Replace(c.text))) {
			if judge.Default().Scores(&claim)[c.kind] >= judge.MediumScore {
				got = claim.Value
			}
		}
		if (got != "") != c.want {
			t.Errorf("%s: found %q, want one: %v", c.text, got, c.want)
		}
	}
}

// TestOfReadable wants what is said in base64 of a user or an address to be no credential, and a password in it to be one.
func TestOfReadable(t *testing.T) {
	for text, want := range map[string]bool{
		"node.session.auth.username: aXNjc2l1c2Vy": false,
		"apiAddress: dGNwOi8vMTI3LjAuMC4xOjU3MDU=": false,
		"apiPassword: c3RvcmFnZW9zcHc=":            true,
		"CREDENTIALS: dXNlcm5hbWU6cGFzc3dvcmQ=":    false,
	} {
		start := strings.LastIndex(text, " ") + 1
		if _, ok := judge.Of([]byte(text), 0, start, len(text)); ok != want {
			t.Errorf("%s: %v", text, ok)
		}
	}
}
