package proven

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"testing"
)

// placeSecrets are passwords in all the places that the rules for places know, and keys that stand without PEM's lines.
func placeSecrets() []provenSecret {
	const password, variable = "Rm4" + "_tulip-Q9", "$PASSWORD"
	var numbers []string
	for _, b := range ed25519.NewKeyFromSeed(dice(32, "bytes")) {
		numbers = append(numbers, strconv.Itoa(int(b)))
	}
	signature := hex.EncodeToString(dice(32, "signature"))
	list := []provenSecret{
		{"command-line-password", password, []string{
			"sshpass -p %s ssh ann@example.org", "sshpass -p'%s' scp x example.org:", "docker login -u ann -p %s r.example.org", "az login --service-principal -u a --password=%s",
			"redis-cli -h r1 -a %s ping", "mysql -u root -p%s app", "mysqldump -uroot -p'%s' app", "htpasswd -cb .htpasswd ann %s", "echo %s | sudo -S reboot",
			"echo '%s' | docker login -u ann --password-stdin", `echo "root:%s" | chpasswd`, "smbclient //srv/share -U 'ann%%%s'", `net use Z: \\srv\share /user:ann %s`,
			"net user ann %s /add", "rabbitmqctl add_user ann %s", "ldapsearch -D cn=admin -w %s -b dc=example", "mongosh -u ann -p %s db1/app", "plink -ssh -pw %s ann@example.org",
			"cmdkey /add:srv /user:ann /pass:%s", "sqlcmd -S srv -U sa -P %s", "sqlplus -s scott/%s@db1", "PGPASSWORD=%s psql app", "MYSQL_PWD='%s' mysql",
		}, variable},
		{"call-password", password, []string{
			`req.SetBasicAuth("ann", "%s")`, `.basic_auth("ann", Some("%s"))`, `HTTPBasicAuth('ann', '%s')`, `new NetworkCredential("ann", "%s");`,
			`DriverManager.getConnection("jdbc:mysql://db1/app", "ann", "%s");`, `mysqli_connect("db1", "ann", "%s", "app");`, `new PDO("mysql:host=db1", $user, '%s');`,
			`mysql_real_connect(&m, "db1", "ann", "%s", "app", 0, NULL, 0);`, `WiFi.begin(ssid, "%s");`, `ds.setPassword("%s");`,
			`ConvertTo-SecureString -String '%s' -AsPlainText -Force`, `curl_setopt($c, CURLOPT_USERPWD, "ann:%s");`, `jwt.sign(payload, '%s', options)`,
			`ks.load(in, "%s".toCharArray());`, `requests.get(url, auth=("ann", "%s"))`, `define( 'DB_PASSWORD', '%s' );`, `System.setProperty("javax.net.ssl.trustStorePassword", "%s")`, `props.put("password", "%s");`, `server.login("ann@example.org", "%s")`,
		}, variable},
		{"config-line-password", password, []string{
			"requirepass %s\n", "port 1\n  masterauth \"%s\"\n", `psk="%s"`, "username ann privilege 15 password 0 %s", "enable secret 0 %s", "snmp-server community %s RW",
			"<AdministratorPassword><Value>%s</Value>", "<Key>Password</Key>\n<Value ProtectInMemory=\"True\">%s</Value>", "jdbc:oracle:thin:scott/%s@db1:1521:orcl",
			"variable \"db_password\" {\n  type = string\n  default = \"%s\"\n}",
		}, variable},
		{"property-password", password, []string{`<property name="javax.persistence.jdbc.password" value="%s"/>`, `<env name="DB_PASSWORD" value="%s"/>`}, variable},
		{"wifi-psk", password, []string{"psk=%s\n", "[wifi-security]\nkey-mgmt=wpa-psk\npsk=%s"}, variable},
		{"ipsec-secret", password, []string{`1.2.3.4 5.6.7.8 : PSK "%s"`, `ann : EAP "%s"`}, variable},
		{"postfix-relay-password", password, []string{"[smtp.example.org]:587 ann@example.org:%s\n"}, variable},
		{"dovecot-plain-password", password, []string{"ann:{PLAIN}%s:1000:1000::/home/ann\n"}, variable},
		{"snmp-user-password", password, []string{`createUser ann SHA "%s" AES`, "createUser ann MD5 %s\n"}, variable},
		{"snmp-user-privacy", password, []string{`createUser ann SHA "` + "Rm4" + `_tulip-Q7" AES "%s"`, "createUser ann MD5 " + "Rm4" + "_tulip-Q7 DES %s\n"}, variable},
		{"directory-bind-password", password, []string{"bindpw %s\n", "\trootpw   \"%s\"\n"}, variable},
		{"archive-command-password", password, []string{"zip -r -P %s a.zip b", "zip -P%s a.zip b", "unzip -o -P '%s' a.zip", "7z x -p%s a.7z", "7z a -mhe=on -p'%s' a.7z b", "unrar x -p%s a.rar", "rar a -hp%s a.rar b"}, variable},
		{"transfer-command-password", password, []string{"wget --user ann --password %s https://example.org", "wget --http-user=ann --http-password='%s' https://example.org", "lftp -u ann,%s ftp.example.org", "ncftpput -u ann -p %s ftp.example.org / x"}, variable},
		{"openssl-passwd-argument", password, []string{"useradd -p $(openssl passwd -6 %s) ann", "openssl passwd -1 -salt ab %s\n"}, variable},
		{"npm-config-token", "Rm4tulipQ9" + "Rm4tulipQ9Rm4tulip", []string{"npm config set //registry.npmjs.org/:_authToken %s"}, variable},
		{"remote-desktop-password", password, []string{"xfreerdp /u:ann /p:%s /v:srv", "rdesktop -u ann -p %s srv"}, variable},
		{"snmp-command-passphrase", password, []string{"snmpwalk -v3 -u ann -A %s srv"}, variable},
		{"snmp-command-privacy", password, []string{"snmpget -v3 -l authPriv -u ann -A " + "Rm4" + "_tulip-Q7 -X '%s' srv"}, variable},
		{"wireless-command-key", password, []string{"nmcli dev wifi connect home password %s", "wpa_passphrase home %s > x.conf"}, variable},
		{"windows-command-password", password, []string{`psexec \\srv -u ann -p %s cmd`, `schtasks /create /tn x /ru ann /rp %s`, "wmic /node:srv /user:ann /password:%s os"}, variable},
		{"piped-password", password, []string{`echo -e "%s\n` + "Rm4" + `_tulip-Q7" | passwd ann`, "echo %s | kinit ann", "echo -n '%s' | sudo cryptsetup open /dev/sda2 x"}, variable},
		{"jenkins-command-token", password, []string{"java -jar jenkins-cli.jar -s https://ci.example.org -auth ann:%s list-jobs"}, variable},
		{"hmac-key-in-call", password, []string{`createHmac('sha256', '%s')`, `crypto.createHmac("sha1", Buffer.from("%s"))`, `hmac.new(b"%s", m, sha256)`, `hmac.New(sha256.New, []byte("%s"))`,
			`hash_hmac('sha256', $data, '%s')`, `OpenSSL::HMAC.hexdigest('SHA256', "%s", data)`, `Algorithm.HMAC256("%s")`, `new HMACSHA256(Encoding.UTF8.GetBytes("%s"))`, `CryptoJS.HmacSHA256(text, "%s")`}, variable},
		{"token-signing-key-in-call", password, []string{`token.SignedString([]byte("%s"))`, `.signWith(SignatureAlgorithm.HS512, "%s")`, `Jwts.parser().setSigningKey("%s")`}, variable},
		{"cipher-key-in-call", password, []string{`AES.new(b"%s", AES.MODE_CBC)`, `CryptoJS.AES.encrypt(text, "%s")`, `createCipheriv('aes-256-cbc', Buffer.from('%s'), iv)`, `openssl_encrypt($x, 'aes-128-cbc', "%s")`}, variable},
		{"cipher-key-in-call", base64.URLEncoding.EncodeToString(dice(32, "fernet")), []string{`Fernet(b"%s")`, `Fernet('%s')`}, variable},
		{"fallback-credential", password, []string{`const token = process.env.API_TOKEN || "%s";`, `process.env["JWT_SECRET"] ?? '%s'`, "import.meta.env.VITE_API_KEY || `%s`"}, variable},
		{"environment-call-credential", password, []string{`os.Setenv("DB_PASSWORD", "%s")`, ` setenv("API_TOKEN", "%s", 1);`, `putenv('DB_PASSWORD=%s');`, `env::set_var("API_KEY", "%s");`}, variable},
		{"build-field-credential", password, []string{`buildConfigField("String", "API_KEY", "\"%s\"")`, `resValue "string", "maps_api_key", "%s"`, `buildConfigField 'String', 'TOKEN', '"%s"'`}, variable},
		{"basic-auth-arguments", password, []string{`http.basic_auth 'ann', '%s'`, `http_basic_authenticate_with name: "ann", password: "%s"`}, variable},
		{"spring-plain-password", password, []string{`.withUser("ann").password("{noop}%s").roles("ADMIN")`, `password: '{noop}%s'`}, variable},
		{"twilio-client-token", hex.EncodeToString(dice(16, "twilio")), []string{`Client("AC` + hex.EncodeToString(dice(16, "account")) + `", "%s")`}, variable},
		{"password-field-value", password, []string{`<input type="password" name="p" value="%s">`, `<input class="x" type='password' value='%s' />`}, variable},
		{"typed-password", password, []string{`cy.get('#password').type('%s');`, `await page.fill('input[name=password]', '%s');`, `find_element(By.ID, "password").send_keys("%s")`, `fill_in 'Password', with: '%s'`}, variable},
		{"erlang-tuple-password", password, []string{`{ldap_password, "%s"}.`}, variable},
		{"ejabberd-database-password", password, []string{`{odbc_server, {mysql, "db1", 3306, "app", "ann", "%s"}}.`, `{odbc_server, {pgsql, "db1", "app", "ann", "%s"}}.`}, variable},
		{"openssl-passphrase", password, []string{"openssl enc -aes-256-cbc -k %s -in x"}, variable},
		{"config-line-password", base64.StdEncoding.EncodeToString([]byte(password)), []string{`<Pass encoding="base64">%s</Pass>`}, variable},
		{"signed-url", signature, []string{"https://b.s3.amazonaws.com/k?X-Amz-Date=1&X-Amz-Signature=%s"}, signature[:60]},
		{"signed-url", "Ab9" + signature[:20] + "=", []string{"https://b.example.org/k?AWSAccessKeyId=x&Expires=1&Signature=%s", "/o?GoogleAccessId=a@b&Expires=1&Signature=%s"}, "short"},
		{"solana-key-bytes", strings.Join(numbers, ","), []string{"secretKey: [%s]", "const keypair = Keypair.fromSecretKey(Uint8Array.from([%s]));"}, strings.Join(numbers[1:], ",")},
	}
	places := []string{"alipay.private_key=%s", `{"key": "%s"}`, "<RSAKey>%s</RSAKey>"}
	for _, key := range keysAsDER() {
		plain, digits := base64.StdEncoding.EncodeToString(key.der), hex.EncodeToString(key.der)
		list = append(list, provenSecret{"private-key-der", plain, places, strings.Replace(plain, "A", "?", 1)})
		if key.pkcs8 {
			list = append(list, provenSecret{"private-key-hex", digits, places, strings.Replace(digits, "020100", "020200", 1)})
		}
	}
	return list
}

// keyAsDER is a private key as it stands beneath PEM.
type keyAsDER struct {
	der   []byte
	pkcs8 bool
}

func keysAsDER() (list []keyAsDER) {
	must := func(err error) {
		if err != nil {
			panic(err) // of the machine's random numbers
		}
	}
	add := func(key any) {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		must(err)
		list = append(list, keyAsDER{der, true})
	}
	for _, bits := range []int{1024, 2048} {
		key, err := rsa.GenerateKey(rand.Reader, bits)
		must(err)
		add(key)
		list = append(list, keyAsDER{x509.MarshalPKCS1PrivateKey(key), false})
	}
	for _, curve := range []elliptic.Curve{elliptic.P256(), elliptic.P384(), elliptic.P521()} {
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		must(err)
		add(key)
		der, err := x509.MarshalECPrivateKey(key)
		must(err)
		list = append(list, keyAsDER{der, false})
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	must(err)
	add(key)
	return list
}

// TestStandIns: where it is shown how a password is written, none is found.
func TestStandIns(t *testing.T) {
	e := provenEngine(t)
	for _, word := range []string{
		"password", "PASSWORD", "yourpassword", "your-password", "my_password", "mypass", "changeme", "CHANGE_ME", "DB_PASSWORD", "<password>", "${PASS}", "{{ pass }}", "%PASS%", "xxxxxxxx",
		"********", "...", "secret", "user1", "test123", "foobar", "example-password", "$(cat file)", "`cat file`", "@file", "string",
	} {
		for _, c := range placeSecrets() {
			if !strings.HasSuffix(c.rule, "-password") {
				continue
			}
			for _, place := range c.places {
				if found := foundIn(t, e, "a.txt", strings.ReplaceAll(strings.ReplaceAll(place, "%s", word), "%%", "%")); found[c.rule] != "" {
					t.Errorf("%s: %q in %q", c.rule, found[c.rule], place)
				}
			}
		}
	}
}

// TestProseIsNoPassword: sentences about passwords are none.
func TestProseIsNoPassword(t *testing.T) {
	e := provenEngine(t)
	for _, text := range []string{
		"if the username and password provided are wrong", "this will enable password authentication for all", "mysql -u root -p app", "mysql -h db1 -P 3306 -p", "docker login -u ann",
		"use docker login -p to log in", "sshpass -e ssh ann@example.org", "func (r *Request) SetBasicAuth(username, password string) {", "req.SetBasicAuth(user, pass)",
		"zip -r a.zip b -x c", "zip -P", "7z x -ppassword a.7z", "wget --password-file x", "openssl passwd -6 -stdin", "openssl passwd --help", "wpa_passphrase <ssid> <passphrase>", "hmac.new(key, m, sha256)",
		`createHmac('sha256', secret)`, `hmac.New(sha512.New, []byte("Bitcoin seed"))`, `createHmac("sha1", "my-webhook")`, `hash_hmac('sha256', $data, $key)`, `process.env.API_TOKEN || ""`, `process.env.NODE_ENV || "development"`, `os.Setenv("DB_PASSWORD", password)`, `os.Setenv("PWD", "/srv/app")`, `os.Setenv("API_KEY", "access")`, `t.Setenv("API_KEY", "test-1")`, `process.env.X_KEY_ROLE || "readonly"`, `HMACSHA256([]byte("AWS4"+secret), x)`, `putenv("TOKEN=" . $x)`,
		`<input type="password" value="">`, `<input type="password" value="#{form.entered}">`, `<input type="password" value="<?= $x ?>">`, `page.fill('#password', password)`, `{noop}password`, `bindpw {SSHA}x`,
		"getConnection(url, user, password)", `setPassword("")`, `texts.put("login.password", "Passwort");`, "jwt.sign(payload, secret)", "requirepass\n", "snmp-server community <name> RO", `variable "db_password" {}`,
	} {
		if found := foundIn(t, e, "a.txt", text); len(found) > 0 {
			t.Errorf("%q: %q", text, found)
		}
	}
}
