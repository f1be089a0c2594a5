package judge

// Feature is something that holds for a claim or does not.
type Feature uint8

// Features are all that hold for a claim.
type Features [featureCount]bool

// FeatureCount is how many features there are.
const FeatureCount = int(featureCount)

// The features; featureNames says what they are.
const (
	keyPassword Feature = iota
	keySecret
	keyToken
	keyAPI
	keyAuth
	keyPlain
	keyOther
	keyExact
	keyEnds
	keyTail
	keyHead
	keyAccident
	keyUpper
	keySetting
	keyCamel
	keySnake
	keyDashed
	keyDotted
	keyFlag
	keyQuery
	keyQuoted
	keyLong
	keyNone
	keyWords
	keyID
	keyHashed
	keyRandom
	keyAsks
	sepEquals
	sepColon
	sepDefine
	sepArrow
	sepCompare
	sepComma
	sepParen
	sepElement
	sepSpace
	sepPair
	sepSecond
	sepOption
	quoteBare
	quoteDouble
	quoteSingle
	quoteBacktick
	quoteEscaped
	bareCode
	bareConfig
	bareProse
	bareUnknown
	bareComment
	bareString
	bareCall
	callNone
	callDecode
	callDefault
	callOther
	schemeBasic
	schemeBearer
	schemeOther
	len3
	len5
	len7
	len9
	len12
	len16
	len20
	len28
	len36
	len48
	len72
	onlyLower
	onlyUpper
	onlyDigits
	lowerDigits
	upperDigits
	mixedLetters
	mixedDigits
	hasSpecial
	hasBang
	oneSpace
	manySpaces
	nonASCII
	wideMost
	hexLong
	hexDigest
	uuid
	base64Like
	base64Padded
	base32Like
	camelWord
	randomCase
	titleWord
	snakeWord
	constWord
	kebabWord
	dottedWord
	pathLike
	urlLike
	emailLike
	versionLike
	coordinates
	absolutePath
	dotsAndDigits
	colonPair
	ellipsis
	startsSign
	callLike
	percent
	placeholder
	testWord
	namesCredential
	equalsKey
	typeWord
	weak
	repeats
	sequential
	bytesList
	listed
	entropyLow
	entropyMiddle
	entropyHigh
	digitsSome
	digitsMany
	endsDigits
	vowelsFew
	vowelsMany
	consonants
	wordy
	wordless
	hashForm
	expression
	basicDecodes
	afterEnd
	afterComma
	afterClose
	afterPlus
	afterDot
	afterWord
	bareSentence
	afterWords
	valueBefore
	beforeComment
	beforeTest
	beforePrint
	beforeError
	beforePrompt
	beforeImport
	beforeFunction
	beforeReturn
	beforeType
	beforeLabel
	beforeUser
	beforeHeader
	beforePublic
	beforeStatement
	beforeNothing
	beforeExample
	userExample
	userEquals
	userNone
	hostExample
	urlSetting
	urlService
	ownWord
	bias
	featureCount
)

var featureNames = [featureCount]string{
	keyPassword:     "the key names a password",
	keySecret:       "the key names a secret",
	keyToken:        "the key names a token",
	keyAPI:          "the key names a key of an API, or one that encrypts or signs",
	keyAuth:         "the key speaks of authorization",
	keyPlain:        "the key is some key",
	keyOther:        "the key names no credential by itself",
	keyExact:        "the key is nothing but that word",
	keyEnds:         "the key ends with that word",
	keyTail:         "the key goes on: it names something about a credential",
	keyHead:         "the key begins like one of another kind",
	keyAccident:     "the key holds such a word by accident",
	keyUpper:        "the key is in capitals",
	keySetting:      "the key is a setting in capitals, as of the environment",
	keyCamel:        "the key is in camel case",
	keySnake:        "the key has underscores",
	keyDashed:       "the key has dashes",
	keyDotted:       "the key has dots",
	keyFlag:         "the key is an option of a command",
	keyQuery:        "the key is a parameter of a URL",
	keyQuoted:       "the key is in quotes",
	keyLong:         "the key is long",
	keyNone:         "there is no key",
	keyWords:        "the key has four words or more",
	keyID:           "the key speaks of an id or a name",
	keyHashed:       "the key speaks of what is hashed, encrypted, signed or public",
	keyRandom:       "the key is no name: made of pairs of letters as words are not",
	keyAsks:         "a call that checks, reads or looks for a credential",
	sepEquals:       "= stands between key and value",
	sepColon:        ": stands between key and value",
	sepDefine:       ":= stands between key and value",
	sepArrow:        "an arrow stands between key and value",
	sepCompare:      "key and value are compared",
	sepComma:        "key and value are arguments one after the other",
	sepParen:        "the value is an argument of a call",
	sepElement:      "the value is the text of an element",
	sepSpace:        "only space stands between key and value",
	sepPair:         "key and value are in fields of their own",
	sepSecond:       "the value is an argument behind a user's name",
	sepOption:       "the value is an option of a program that takes a password",
	quoteBare:       "the value is not in quotes",
	quoteDouble:     "the value is in double quotes",
	quoteSingle:     "the value is in single quotes",
	quoteBacktick:   "the value is in backticks",
	quoteEscaped:    "the value is in quotes within quotes",
	bareCode:        "the value is not in quotes, in code",
	bareConfig:      "the value is not in quotes, in a configuration",
	bareProse:       "the value is not in quotes, in a document",
	bareUnknown:     "the value is not in quotes, in a file of unknown kind",
	bareComment:     "the value is not in quotes, in a comment of code",
	bareString:      "the value is not in quotes, in a text in code",
	bareCall:        "the value is not in quotes and has brackets",
	callNone:        "the value stands for itself",
	callDecode:      "the value is decoded or turned into bytes",
	callDefault:     "the value is the default of a setting",
	callOther:       "the value is handed to something",
	schemeBasic:     "the header's scheme is Basic",
	schemeBearer:    "the header's scheme is Bearer",
	schemeOther:     "the header has another scheme",
	len3:            "3 or 4 bytes",
	len5:            "5 or 6 bytes",
	len7:            "7 or 8 bytes",
	len9:            "9 to 11 bytes",
	len12:           "12 to 15 bytes",
	len16:           "16 to 19 bytes",
	len20:           "20 to 27 bytes",
	len28:           "28 to 35 bytes",
	len36:           "36 to 47 bytes",
	len48:           "48 to 71 bytes",
	len72:           "72 bytes or more",
	onlyLower:       "only small letters",
	onlyUpper:       "only capitals",
	onlyDigits:      "only digits",
	lowerDigits:     "small letters and digits",
	upperDigits:     "capitals and digits",
	mixedLetters:    "small letters and capitals without digits",
	mixedDigits:     "small letters, capitals and digits",
	hasSpecial:      "signs",
	hasBang:         "signs that are typical of passwords",
	oneSpace:        "one space",
	manySpaces:      "several spaces",
	nonASCII:        "letters beyond ASCII",
	wideMost:        "mostly beyond ASCII",
	hexLong:         "16 hexadecimal digits or more",
	hexDigest:       "as long as a digest in hexadecimal",
	uuid:            "a UUID",
	base64Like:      "base64",
	base64Padded:    "ends with =",
	base32Like:      "base32",
	camelWord:       "a name in camel case",
	randomCase:      "small letters and capitals in no order",
	titleWord:       "a name with a capital",
	snakeWord:       "a name with underscores",
	constWord:       "the name of a constant",
	kebabWord:       "words with dashes",
	dottedWord:      "a name with dots",
	pathLike:        "a path",
	urlLike:         "a URL",
	emailLike:       "an address of mail",
	versionLike:     "a version",
	coordinates:     "the name of a package with its version",
	absolutePath:    "a path from the root",
	dotsAndDigits:   "digits and dots",
	colonPair:       "a colon within",
	ellipsis:        "an ellipsis within",
	startsSign:      "begins with a sign",
	callLike:        "brackets within",
	percent:         "something to fill in within",
	placeholder:     "a word of placeholders within",
	testWord:        "a word of tests within",
	namesCredential: "the name of a credential within",
	equalsKey:       "the value repeats the key",
	typeWord:        "the value names a type or a state",
	weak:            "one of the most common passwords",
	repeats:         "three different characters at most",
	sequential:      "characters in the order of the alphabet",
	bytesList:       "a list of numbers",
	listed:          "a list",
	entropyLow:      "low entropy",
	entropyMiddle:   "middle entropy",
	entropyHigh:     "high entropy",
	digitsSome:      "a few digits",
	digitsMany:      "many digits",
	endsDigits:      "digits at the end only",
	vowelsFew:       "few vowels",
	vowelsMany:      "many vowels",
	consonants:      "five consonants in a row",
	wordy:           "made of pairs of letters as words are",
	wordless:        "made of pairs of letters as words are not",
	hashForm:        "the form of a digest or public key",
	expression:      "a regular expression",
	basicDecodes:    "decodes to a name and a password",
	afterEnd:        "the line ends behind the value",
	afterComma:      "a comma follows",
	afterClose:      "a bracket closes behind the value",
	afterPlus:       "something is added to the value",
	afterDot:        "something is asked of the value",
	afterWord:       "a word follows",
	bareSentence:    "the value is the first of several words",
	afterWords:      "several words follow",
	valueBefore:     "the value stands before the key, too",
	beforeComment:   "in a comment",
	beforeTest:      "in a test",
	beforePrint:     "in a message",
	beforeError:     "in an error",
	beforePrompt:    "in a question to the user",
	beforeImport:    "in an import",
	beforeFunction:  "in the head of a function",
	beforeReturn:    "in what is returned",
	beforeType:      "in the definition of a type",
	beforeLabel:     "beside a label or description",
	beforeUser:      "beside a user",
	beforeHeader:    "in a header or request",
	beforePublic:    "beside something public",
	beforeStatement: "in an SQL statement about users",
	beforeNothing:   "nothing stands before the key",
	beforeExample:   "called an example",
	userExample:     "the user is an example",
	userEquals:      "the user is the password",
	userNone:        "there is no user",
	hostExample:     "the host is an example",
	urlSetting:      "the URL is a setting's",
	ownWord:         "no sign of an example in the password of the URL",
	urlService:      "the URL is that of a database or a queue",
	bias:            "any claim",
}

// String says what holds, in a few words.
func (f Feature) String() string { return featureNames[f] }
