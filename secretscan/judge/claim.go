package judge

// Claim is a value that something beside it calls a credential.
type Claim struct {
	Lane  Lane
	Key   string // the identifier as it is written, without quotes; "" where a form, as of a URL, needs none
	Value string
	Start int // of the value in the text
	End   int
	From  int // the claim goes by the bytes from From to To alone
	To    int

	Sep    Sep
	Quote  Quote
	Call   string // function or type that the value is handed to right there: "base64Decode"; "" if there is none
	Scheme string // what stands before the value in an authorization header: "bearer", in lower case
	Before string // of the line, before the key; shortened
	After  string // of the line, behind the value and its quote; shortened
	User   string // who the password belongs to, where a form has both: in a URL, a call, an option
}

// Lane is the form by which a claim was found.
type Lane uint8

// The lanes.
const (
	Password Lane = iota // a key that names a password: its value may be a word
	Token                // a key that names a token, secret or key
	URL                  // scheme://user:password@host
	Header               // Authorization and the like: a scheme and what follows
	lanes
)

// LaneCount is how many lanes there are.
const LaneCount = int(lanes)

var laneNames = [lanes]string{"password", "token", "url", "header"}

// String returns the lane's name, in one word.
func (l Lane) String() string { return laneNames[l] }

// Sep is what stands between key and value.
type Sep uint8

// The separators.
const (
	Equals  Sep = iota // =
	Colon              // : and ::
	Define             // :=
	Arrow              // => and ->
	Compare            // == and !=
	Comma              // , of a list of arguments
	Paren              // ( of a call
	Element            // > of an XML element
	Space              // nothing but space
	Pair               // name and value in fields of their own
	Second             // a call that takes a user and a password
	Option             // an option of a program, after which a password comes
)

// Quote is what a value stands in.
type Quote uint8

// The quotes.
const (
	Bare Quote = iota
	Double
	Single
	Backtick
	Escaped // \" within a string, or an entity
)
