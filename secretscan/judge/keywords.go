package judge

import (
	"strings"
	"sync"
)

// set returns a function that reports whether a word is in a list. It is built at the first question.
func set(list string) func(string) bool {
	words := sync.OnceValue(func() map[string]bool {
		m := map[string]bool{}
		for _, w := range strings.Fields(list) {
			m[w] = true
		}
		return m
	})
	return func(w string) bool { return words()[w] }
}

// sign is what a word of a key says about the value; it may say several things.
type sign uint16

const (
	signPassword sign = 1 << iota
	signSecret
	signToken
	signAPIKey
	signAuth
	signKey      // is "key" itself
	signKeyKind  // comes before "key" where it is a secret
	signTail     // comes behind the word that names a credential, and makes of it something about one
	signHead     // comes before it
	signAccident // holds such a word by accident
	signAsks     // is what a call does to a credential that it is given, or looks for one by
	signReads    // is what a call does that makes a key of a text
	signVerifies // is what a call does to a credential that somebody else gave
	signIdentity // speaks of who or which, and not of a secret
	signHashed   // says that the value was turned into something that does not give it away
)

// signWords are the words of keys that say something.
var signWords = [...]struct {
	sign  sign
	words string
}{
	{signPassword, `passin passout keypass storepass password passwd passwords pass pwd psw pswd passphrase passcode pw userpass userpassword dbpassword dbpass kennwort senha contrasena parola
		rootpassword adminpassword mypassword sshpass passwort pwds loginpassword mysqlpassword cpassword userpwd dbpwd`},
	{signSecret, `secret secrets otp totp hotp clientsecret appsecret secretkey apisecret sharedsecret consumersecret secretaccesskey`},
	{signToken, `token tokens ticket tickets accesstoken authtoken apitoken refreshtoken usertoken bearer jwt webhooktoken authtokens idtoken csrftoken sessiontoken`},
	{signAPIKey, `apikey apikeys accesskey accesskeyid privatekey encryptionkey signingkey masterkey consumerkey authkey licensekey accountkey sharedkey storagekey nkey
		pkey aeskey secretkey skey cipherkey sshkey hmackey appkey`},
	{signAuth, `auth authorization credential credentials creds cred oauth authdata authkey authentication`},
	{signKey, `key keys`},
	{signTail, `app kind decode encode limit limits rate ratelimit quota name names id ids file files path url uri urls type types length len size count expire expires expired expiration expiry ttl label labels field fields
		hint error errors message messages msg text title placeholder regex regexp pattern policy strength prompt reset forgot change changed required invalid valid validation
		algorithm alg method header headers param params parameter parameters column class provider manager service factory endpoint generator encoder format prefix suffix index
		num number version scope scopes status state enabled enable disabled visible show hide input form page link view dialog icon button event events handler callback listener
		storage store source location dir directory map list at on of for to in is by from with without not no time timeout age date days hours validity
		callbacks client response request result util utils helper helpers exception failed failure success info data config options settings
		description desc grant usage use used uses mode level schema table model attribute attributes property properties value mapping rule rules constraint max min minimum maximum
		match matches matching mismatch notice warning tooltip help success successfully box textbox char chars column columns`},
	{signHead, `public pub primary foreign partition sort cache object hash index map dict i18n translation row group json registry reg hot short arrow function
		translate composite unique natural surrogate candidate lookup data config option setting parameter param header query form field attribute property metadata meta
		sequence next prev previous page cursor continuation sync idempotency routing message event topic kafka resource item record document element entity
		label tag filter state search category feature flag type kind name id class css html style menu node map path file folder dir url
		hashed encrypted digest checksum reset forgot forgotten invalid incorrect wrong missing no expired change update confirm
		prefix restore cancellation lexer parser syntax ident identifier operator punctuation string number eof end start first last begin`},
	{signAccident, `keyboard keyboards keyword keywords keycode keycodes keydown keyup keypress keystroke keyframe keyframes keyof keyspace keymap keypad keynote monkey hotkey hotkeys turkey whiskey
		jockey hockey author authors authored authority authorities authoritative authorship authenticate authenticated authenticator authorize authorized authorizes unauthorized tokenizer tokenize tokenized
		passenger passive bypass compass passed passing passes passthrough passport encompass surpass secretary accessibility accessor accessors accessible signal signals assign assigned
		assignment design designed designer signin signup sidebar inside outside beside side pinned pinterest spin opinion mapping spinner pinning apis apiversion
		resign consign loginurl keystore keychain keyring keyid keyfile keyname keypair keysize keylength keytype keytool keyserver keyset rapid capitalize capital`},
	{signReads, `parse decode load read import`},
	{signAsks, `verify verifies validate valid check checks parse decode query compare match matches find fetch lookup has is`},
	{signVerifies, `verify verifies validate valid check checks compare match matches`},
	{signIdentity, `id ids keyid name username user`},
	{signHashed, `digest public checksum signature fingerprint thumbprint sha sha1 sha2 sha256 sha512 md5 bcrypt crypted pbkdf2 scrypt argon2`},
	{signKeyKind, `api access private secret encryption signing master consumer auth license account shared storage client aes ssh hmac app cipher subscription service`},
}

var signs = sync.OnceValue(func() map[string]sign {
	m := make(map[string]sign, 1024)
	for _, list := range signWords {
		for word := range strings.FieldsSeq(list.words) {
			m[word] |= list.sign
		}
	}
	return m
})
