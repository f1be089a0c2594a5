package proven

import (
	"keysweep/finding"
	"keysweep/secretscan"
)

// What calls have in common.
const (
	// bytesOf is what a string is handed to that is wanted as bytes.
	bytesOf = `(?:\[\]byte\(|b|Buffer\.from\(|(?:[A-Za-z.]{0,24}Encoding\.)?[A-Za-z0-9]{0,8}\.?GetBytes\(|CryptoJS\.enc\.\w{1,8}\.parse\()?`
	// keyText is a string that may be a key: without a digit it most often names what it is for, as "Bitcoin seed" does (BIP-32).
	keyText = `["'\x60]([^"'\x60\s]{0,100}\d[^"'\x60\s]{3,100})["'\x60]`
	// named is what names of variables hold that are credentials.
	named = `(?:PASSWORD|PASSWD|PASS|_PWD|SECRET|TOKEN|KEY)`
)

// callRules find keys and passwords that stand in a program as an argument, where nothing but the call says what they are.
func callRules() []secretscan.Rule {
	rule := func(id, title, why string, list ...string) secretscan.Rule {
		return secretscan.Rule{ID: id, Title: title, Regex: either(list...), Check: "chosen", Confidence: finding.MediumConfidence, Why: why}
	}
	const signs, logsIn = "Signs whatever it is used for: tokens of any user, cookies, requests.", "Logs in to what the call is about."
	return []secretscan.Rule{
		rule("hmac-key-in-call", "Key of an HMAC in a call", signs,
			`\bcreateHmac\(\s{0,4}["'][\w-]{2,12}["']\s{0,2},\s{0,4}`+bytesOf+keyText,
			`\bhmac\.new\(\s{0,4}b?`+keyText,
			`\bhmac\.New\([^,\n]{1,40},\s{0,4}\[\]byte\(`+keyText,
			`\bhash_hmac\(\s{0,4}["'][\w,-]{2,16}["']\s{0,2},`+other+keyText,
			`\bOpenSSL::HMAC\.\w{1,12}\(`+other+keyText,
			`\bHMAC(?:SHA)?\d{0,3}\(\s{0,4}`+bytesOf+keyText+`\s{0,3}[),]`,
			`\bCryptoJS\.Hmac\w{2,8}\(`+other+bytesOf+keyText),
		rule("token-signing-key-in-call", "Key that signs tokens in a call", signs, `\bSignedString\(\s{0,4}\[\]byte\(`+literal,
			`\bsignWith\(\s{0,4}SignatureAlgorithm\.\w{2,8},\s{0,4}`+literal, `\bsetSigningKey\(\s{0,4}`+literal),
		rule("cipher-key-in-call", "Key of a cipher in a call", "Decrypts what the program encrypts.",
			`\bFernet\(\s{0,4}b?["']([A-Za-z0-9_-]{43}=)["']`,
			`\b(?:AES|DES3?|ARC4|Blowfish|ChaCha20)\.new\(\s{0,4}b?`+literal,
			`\bCryptoJS\.(?:AES|DES|TripleDES|RC4|Rabbit)\.(?:en|de)crypt\(`+other+bytesOf+literal,
			`\bcreate(?:C|Dec)ipher(?:iv)?\(\s{0,4}["'][\w-]{2,20}["']\s{0,2},\s{0,4}`+bytesOf+literal,
			`\bopenssl_(?:en|de)crypt\([^,\n]{1,120},\s{0,3}["'][\w-]{2,20}["']\s{0,2},\s{0,3}`+literal),
		rule("fallback-credential", "Credential for when a variable of the environment is not set", "Is in force wherever nobody set the variable.",
			`\b(?:process\.env|import\.meta\.env|Bun\.env)(?:\.|\[["'])\w{0,60}`+named+`(?:["']\])?\s{0,3}(?:\|\||\?\?)\s{0,3}`+literal),
		rule("environment-call-credential", "Credential that a program puts into its environment", logsIn, // without a digit it is most often a word of a test
			`(?:\bos\.Setenv|[^.\w]setenv|\benv::set_var)\(\s{0,4}["']\w{0,60}`+named+`["']\s{0,2},\s{0,4}["']([^"'\s,]{0,60}\d[^"'\s,]{3,60})["']`,
			`(?:\bos\.Setenv|[^.\w]setenv|\benv::set_var)\(\s{0,4}["']\w{0,60}PASS(?:WORD|WD)?["']\s{0,2},\s{0,4}`+literal,
			`(?i:\bputenv)\(\s{0,4}["']\w{0,60}`+named+`=([^"'\n]{4,128})["']`),
		rule("build-field-credential", "Credential in a field of a build", "Is in every copy of the program.",
			`\b(?:buildConfigField|resValue)[\s(]{1,2}["']\w{1,12}["']\s{0,2},\s{0,3}["']\w{0,60}(?i:key|token|secret|password)\w{0,20}["']\s{0,2},\s{0,3}["'](?:\\?["'])?([^"'\\\n]{8,200})`),
		rule("basic-auth-arguments", "Password that is handed over for HTTP authentication", logsIn,
			`\bbasic_auth\s{1,2}["'][^"'\n]{1,64}["']\s{0,2},\s{0,3}`+literal, `\b(?:http_basic_authenticate_with|http_basic_auth)\s[^\n]{0,80}?password:\s{0,3}`+literal),
		rule("spring-plain-password", "Password of a user in Spring Security's form", logsIn, `\{noop\}([^"'\s]{4,128})`),
		rule("twilio-client-token", "Auth token of Twilio in a call", "Controls the whole account: messages, calls, numbers.", `\(\s{0,4}["']AC[0-9a-f]{32}["']\s{0,2},\s{0,4}["']([0-9a-f]{32})["']`),
		rule("password-field-value", "Password in a field of a form", "Is sent to everyone who opens the page.",
			`<input\b[^>\n]{0,200}\btype=["']password["'][^>\n]{0,200}\bvalue=["']([^"'\n]{4,64})["']`),
		rule("typed-password", "Password that a test types", logsIn,
			`\.(?:fill|type|setValue)\(\s{0,3}["'\x60][^"'\x60\n]{0,60}(?i:password|passwd)[^"'\x60\n]{0,20}["'\x60]\s{0,2},\s{0,3}`+literal,
			`(?i:password|passwd)[^"'\x60\n]{0,20}["'\x60]\s{0,2}\)\s{0,2}\.(?:type|fill|send_keys|sendKeys|setValue)\(\s{0,3}`+literal,
			`\bfill_in\b[^\n,]{0,60}(?i:password)[^\n,]{0,20},\s{0,3}with:\s{0,3}`+literal),
	}
}
