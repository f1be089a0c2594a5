package secretscan

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
func costOf(first, second byte) int { return costOfPair(int(first)<<signBits | int(second)) }

// costOfPair is costOf for a pair as the number of its place in pairsCommon.
func costOfPair(pair int) int { return 1 << (pairsCommon[pair] - 'a') }

// pairSet is the pairs of signs that are looked for first: row by row of the first sign, a bit for each second one.
type pairSet [signs]uint32

func (s *pairSet) add(first, second byte) { s[first] |= 1 << second }

func (s *pairSet) has(first, second byte) bool { return s[first]>>second&1 != 0 }
