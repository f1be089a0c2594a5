package secretscan

import "strings"

// The prefilter reads text in 32 signs, so that a pair of neighbours is one of 1,024: letters whatever their case, digits as one,
// a dot, a dash, whatever is beyond ASCII together with the dollar, and 0 for the rest. Bytes that differ may have the same sign, as digits and { have; what
// is found by signs is compared afterwards.
const (
	signBits   = 5
	signs      = 1 << signBits
	signDigit  = 27
	signDot    = 28
	signDash   = 29
	signBeyond = 30
)

// signOf returns the sign of a byte. pairs_amd64.s has the same in instructions for 32 bytes at once.
func signOf(b byte) byte {
	switch b = foldByte(b); {
	case b >= 0x80:
		return signBeyond
	case b >= 0x60:
		return b & (signs - 1)
	case '0' <= b && b <= '9':
		return signDigit
	case b == '$': // as rare, and hashes of passwords are looked for by it
		return signBeyond
	case b == '.':
		return signDot
	case b == '-':
		return signDash
	}
	return 0
}

// pairsCommon says how common a pair of signs is: 'a' and so many letters more, for once in 1,000,000 bytes and so many times
// twice that. It is the mean over Go's, Python's and Perl's libraries, C headers, documentation and Go modules of all kinds.
// The rows are for the first sign.
const pairsCommon = "" +
	"smlmmmmllnkkllmmmjmnnlllkjkommol" +
	"ljjlkhikfkfimlmfkfmlmjihiigjihkh" +
	"kjgigkgfejifkgfjgeijgkeffjfjjfjh" +
	"llhihlggljekkigmifjiljgfghejiiji" +
	"nkhhjmhgglfgiggkhfijhjgghhfkjikj" +
	"olillkljgihglkmikjnmmhjjljgjkikk" +
	"mjghhjjfgleejhhlgejijjefehejjijh" +
	"lighflfgijeeihjjgejjhifeeffiihjj" +
	"llffgmfefkefhgfkheihkieeegeihgli" +
	"kjklkjlkfgfhlknljfjlmfjfiejihgkh" +
	"jgeeeieeefeeeeehgeeiegeeeeehgfje" +
	"kifhfkfhfieeffggfefhfgegefehhgjk" +
	"mlhhjmkhglgflgglhegkkkigfjfiihkk" +
	"lligilgfejefijgkkefjhiffejfihgji" +
	"mlgllljlfkfiigilifhlmjifeigjiijj" +
	"lijklhkifjfikkmjlemkkkjjggfhhgji" +
	"llghhlggijeikggkjfljkjgffjeihgjj" +
	"jffeeeeeeeeefeeeefffejegeeehfejf" +
	"mlhjjnijglfijjklifkkkjihfjfkjikj" +
	"njgjhmhhklekkiikkgilmkghfjgjkijj" +
	"nlgjimigmmegiihljelkkkgiilgkjikk" +
	"jikiikihfjefkjlgjelkkfgehefigfjg" +
	"jkfgglffejefgigihffggfgffeejhfjh" +
	"kjffgifejkeeffhigeihfffheeehhfjh" +
	"kihihiiefieefhgfiefhkefehgemhhji" +
	"lgfgfgfgegeehihikehjiffgeefihhji" +
	"kgeeejeeegeeeffgeeeeeeeeeefiggjf" +
	"ojjjjjjhiihhiiihihiiihihlhhpmlnk" +
	"mihjiiihiihghijiifijiihhkffljhki" +
	"mhhhhhhgghffhggghfgihgggfegkhlkf" +
	"pkjjkjkjkjjjkjjjjjjjkjjjjjjnlkpj" +
	"kjikjjjiijfhjjjjkfjlkiihhfgjfgjk"

// costOf is a guess of how often a pair of signs occurs in so many bytes.
func costOf(first, second byte) int {
	return 1 << (pairsCommon[int(first)<<signBits|int(second)] - 'a')
}

// pairSet is the pairs of signs that are looked for first: row by row of the first sign, a bit for each second one.
type pairSet [signs]uint32

func (s *pairSet) add(first, second byte) { s[first] |= 1 << second }

func (s *pairSet) has(first, second byte) bool { return s[first]>>second&1 != 0 }

// chooseTriples decides for each literal by which three of its bytes it is looked for, and returns where in it those start: so that
// the first two of them are as rare as can be, taken together, since a pair that is looked for anyway costs nothing more.
func chooseTriples(texts []string) []uint8 {
	at := make([]uint8, len(texts))
	heads := make([]literalSigns, len(texts))
	for k, text := range texts {
		heads[k] = signsOf(text)
	}
	var users [signs << signBits]uint16
	for round := range chooseRounds {
		for k := range heads {
			if round > 0 {
				users[heads[k].pair(int(at[k]))]--
			}
			best := heads[k].choose(&users)
			at[k] = uint8(best)
			users[heads[k].pair(best)]++
		}
	}
	return at
}

// literalSigns is the signs of a literal's first bytes, as many as count.
type literalSigns struct {
	sign   [backMost + 3]byte
	common [backMost + 1]bool // of the four bytes from here on
	last   uint8              // where the last three of its bytes start that may be chosen
}

func signsOf(text string) (l literalSigns) {
	for i := range min(len(text), len(l.sign)) {
		l.sign[i] = signOf(text[i])
	}
	for i := range min(len(text)-literalLeast, len(l.common)) {
		l.common[i] = strings.Contains(commonFours, text[i:i+literalLeast+1])
	}
	l.last = lastTriple(text)
	return l
}

// lastTriple returns where the last three bytes of a literal start that may be chosen: a fourth is to stand behind them, if it has one.
func lastTriple(text string) uint8 { return uint8(max(0, min(len(text)-literalLeast-1, backMost))) }

func (l *literalSigns) pair(i int) int { return int(l.sign[i])<<signBits | int(l.sign[i+1]) }

// choose returns where the three bytes start that cost least, given how many literals use each pair.
func (l *literalSigns) choose(users *[signs << signBits]uint16) (best int) {
	least := 0
	first := costOf(l.sign[0], l.sign[1])
	for i := range int(l.last) + 1 {
		second := costOf(l.sign[i+1], l.sign[i+2])
		cost := min(first, second) / tripleShare
		if users[l.pair(i)] == 0 {
			cost += first
		}
		if l.common[i] {
			cost += commonCost
		}
		if i == 0 || cost < least {
			best, least = i, cost
		}
		first = second
	}
	return best
}

const (
	// backMost is how far into a literal the bytes may be by which it is looked for.
	backMost = 12
	// chooseRounds is how often the choice is gone over: what is chosen last changes what is best for the first.
	chooseRounds = 4
	// tripleShare is how many times more an occurrence of a pair costs that is looked for than its going on to a third byte: one
	// is a step in a loop, the other the comparison of a literal.
	tripleShare = 2
	// commonCost is what it costs more to look for one of commonFours, which in a million bytes stand some five hundred times and are
	// compared each time.
	commonCost = 4000
	// commonFours are the beginnings of words that stand in many literals and in much more text, in no order.
	commonFours = "turn file name test pack resp mail type data clie insi inst base line here clos dyna sear secu mach toke auth acce http " +
		"code time mode user serv para stat func main impo cont stri pass word read path host conf spon stac tack anal orde rror atio tion " +
		"ment able comp inte load stor open send form ever scal this that with from ecti exec vers ersi cons sign buil uild obje uest ques"
)
