package judge

import (
	"strings"
	"sync"
	"unicode"
)

// words splits a key into its words, in lower case: dbPassword, DB_PASSWORD and db.password are db and password.
func words(key string) []string {
	var out []string
	start, runes := 0, []rune(key)
	flush := func(end int) {
		if end > start {
			out = append(out, strings.ToLower(string(runes[start:end])))
		}
		start = end
	}
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush(i)
			start = i + 1
		case i > start && unicode.IsUpper(r) && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])):
			flush(i)
		}
	}
	flush(len(runes))
	return out
}

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

// Words of keys, by what they say about the value.
var (
	passwords = set(`password passwd passwords pass pwd psw pswd passphrase passcode pw userpass userpassword dbpassword dbpass kennwort senha contrasena parola
		rootpassword adminpassword mypassword sshpass passwort pwds loginpassword mysqlpassword cpassword userpwd dbpwd`)
	secrets = set(`secret secrets clientsecret appsecret secretkey apisecret sharedsecret consumersecret secretaccesskey`)
	tokens  = set(`token tokens accesstoken authtoken apitoken refreshtoken usertoken bearer jwt webhooktoken authtokens idtoken csrftoken sessiontoken`)
	apikeys = set(`apikey apikeys accesskey accesskeyid privatekey encryptionkey signingkey masterkey consumerkey authkey licensekey accountkey sharedkey storagekey nkey
		pkey aeskey secretkey skey cipherkey sshkey hmackey appkey`)
	auths = set(`auth authorization credential credentials creds cred oauth authdata authkey authentication`)
	// tails come behind the word that names a credential, and make of it something about one.
	tails = set(`name names id ids file files path url uri urls type types length len size count expire expires expired expiration expiry ttl label labels field fields
		hint error errors message messages msg text title placeholder regex regexp pattern policy strength prompt reset forgot change changed required invalid valid validation
		algorithm alg method header headers param params parameter parameters column class provider manager service factory endpoint generator encoder format prefix suffix index
		num number version scope scopes status state enabled enable disabled visible show hide input form page link view dialog icon button event events handler callback listener
		storage store source location dir directory map list at on of for to in is by from with without not no time timeout age date days hours validity
		callbacks client response request result util utils helper helpers exception failed failure success info data config options settings
		description desc grant usage use used uses mode level schema table model attribute attributes property properties value mapping rule rules constraint max min minimum maximum
		confirmation confirm repeat again match matches matching mismatch notice warning tooltip help success successfully box textbox char chars column columns`)
	// heads come before it.
	heads = set(`public pub primary foreign partition sort cache object hash index map dict i18n translation row group json registry reg hot short arrow function
		translate composite unique natural surrogate candidate lookup data config option setting parameter param header query form field attribute property metadata meta
		sequence next prev previous page cursor continuation sync idempotency routing message event topic kafka resource item record document element entity
		label tag filter state search category feature flag type kind name id class css html style menu node map path file folder dir url
		hashed encrypted digest checksum reset forgot forgotten invalid incorrect wrong missing no expired change update new old current confirm
		cancellation lexer parser syntax ident identifier operator punctuation string number eof end start first last begin`)
	// others hold a word by accident.
	others = set(`keyboard keyboards keyword keywords keycode keycodes keydown keyup keypress keystroke keyframe keyframes keyof keyspace keymap keypad keynote monkey hotkey hotkeys turkey whiskey
		jockey hockey author authors authored authority authorities authoritative authorship authenticate authenticated authenticator authorize authorized authorizes unauthorized tokenizer tokenize tokenized
		passenger passive bypass compass passed passing passes passthrough passport encompass surpass secretary accessibility accessor accessors accessible signal signals assign assigned
		assignment design designed designer signin signup sidebar inside outside beside side pinned pinterest spin opinion mapping spinner pinning apis apiversion
		resign consign loginurl keystore keychain keyring keyid keyfile keyname keypair keysize keylength keytype keytool keyserver keyset rapid capitalize capital`)
	// keyKinds come before "key" where it is a secret.
	keyKinds = set(`api access private secret encryption signing master consumer auth license account shared storage client aes ssh hmac app cipher subscription service`)
)

func (f *Features) ofKey(c *Claim) {
	if c.Key == "" {
		f[keyNone] = true
		return
	}
	list := words(c.Key)
	at := -1 // the last word that names a credential
	for i, w := range list {
		if kind, ok := keyWord(list, i); ok {
			f[kind], at = true, i
		} else if at < 0 {
			f[keyHead] = f[keyHead] || heads(w)
		} else {
			f[keyTail] = f[keyTail] || tails(w)
		}
		f[keyAccident] = f[keyAccident] || others(w)
		f[keyID] = f[keyID] || w == "id" || w == "ids" || w == "name" || w == "username" || w == "user"
		f[keyHashed] = f[keyHashed] || strings.Contains(w, "hash") || strings.Contains(w, "encrypted") || w == "digest" || w == "public" || w == "checksum" || w == "signature"
	}
	f[keyOther] = at < 0
	f[keyExact] = at == 0 && len(list) == 1
	f[keyEnds] = at >= 0 && at == len(list)-1
	f.ofKeyForm(c, len(list))
}

// keyWord returns what the i-th word of a key names.
func keyWord(list []string, i int) (Feature, bool) {
	switch w := list[i]; {
	case passwords(w):
		return keyPassword, true
	case secrets(w):
		return keySecret, true
	case tokens(w):
		return keyToken, true
	case apikeys(w):
		return keyAPI, true
	case auths(w):
		return keyAuth, true
	case w != "key" && w != "keys":
		return 0, false
	case i > 0 && keyKinds(list[i-1]):
		return keyAPI, true
	}
	return keyPlain, true
}

func (f *Features) ofKeyForm(c *Claim, count int) {
	f[keyUpper] = strings.ToUpper(c.Key) == c.Key
	f[keyCamel] = !f[keyUpper] && count > 1 && strings.ToLower(c.Key) != c.Key
	f[keySnake] = strings.Contains(c.Key, "_")
	f[keyDashed] = strings.Contains(c.Key, "-")
	f[keyDotted] = strings.Contains(c.Key, ".")
	f[keyLong] = len(c.Key) > 30
	f[keyWords] = count > 3
	f[keyFlag] = strings.HasSuffix(c.Before, "-")
	f[keyQuoted] = strings.HasSuffix(c.Before, `"`) || strings.HasSuffix(c.Before, "'")
}
