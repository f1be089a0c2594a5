package proof

import (
	"slices"
	"strings"

	"keysweep/finding"
)

// issuer is a range of payment card numbers: the first six digits, and how many digits such a number has.
type issuer struct {
	name     string
	from, to int
	lengths  []int
}

// issuers are the ranges that the networks name (ISO/IEC 7812; the merchants' guides of Visa, Mastercard, American Express, Discover,
// Diners Club, JCB, UnionPay and Maestro).
func issuers() []issuer {
	return []issuer{
		{"Visa", 400000, 499999, []int{13, 16, 19}},
		{"Mastercard", 510000, 559999, []int{16}}, {"Mastercard", 222100, 272099, []int{16}},
		{"American Express", 340000, 349999, []int{15}}, {"American Express", 370000, 379999, []int{15}},
		{"Discover", 601100, 601199, []int{16, 19}}, {"Discover", 644000, 659999, []int{16, 19}},
		{"Diners Club", 300000, 305999, []int{14}}, {"Diners Club", 360000, 369999, []int{14}}, {"Diners Club", 380000, 399999, []int{14}},
		{"JCB", 352800, 358999, []int{16}}, {"UnionPay", 620000, 629999, []int{16, 17, 18, 19}},
		{"Maestro", 501800, 501899, []int{16, 19}}, {"Maestro", 675900, 676799, []int{16, 19}},
	}
}

// testCard reports whether a number is one of those that the networks and payment services publish for tests, which are mostly
// repetitions, or looks like one: no account is behind them.
func testCard(digits string) bool {
	seen := map[byte]bool{}
	for i := 0; i < len(digits); i++ {
		seen[digits[i]] = true
	}
	const fewDigits = 4
	published := []string{
		"378282246310005", "371449635398431", "378734493671000", "30569309025904", "38520000023237", "3530111333300000", "3566002020360505",
		"6011000990139424", "5105105105105100", "5200828282828210", "2223003122003222", "4012888888881881", "6011111111111117", "5019717010103742",
	}
	return len(seen) <= fewDigits || slices.Contains(published, digits)
}

// proveCard knows payment card numbers where the rule says that it is one: the form alone says little.
func proveCard(s *Subject, p *Proof) bool {
	if !slices.Contains(s.Rules, "payment-card-number") {
		return false
	}
	digits := strings.NewReplacer(" ", "", "-", "").Replace(s.Text)
	name := issuerOf(digits)
	p.checksum(name != "" && luhn(digits))
	if p.Refuted = p.Altered; p.Proven { // digits that do not fit are no card
		p.say(finding.FactIssuer, name)
	}
	if p.Proven && testCard(digits) {
		p.Refuted, p.Proven = true, false
		p.say(finding.FactKind, "a number that is published for tests")
	}
	return true
}

// issuerOf names the network of a number; "" if there is none with numbers of that length.
func issuerOf(digits string) string {
	const head = 6
	if len(digits) < head || !isOf(digits, isDigit) {
		return ""
	}
	first := 0
	for _, d := range digits[:head] {
		first = 10*first + int(d-'0')
	}
	for _, i := range issuers() {
		if first >= i.from && first <= i.to && slices.Contains(i.lengths, len(digits)) {
			return i.name
		}
	}
	return ""
}

// luhn checks the last digit (ISO/IEC 7812-1, annex B): of every second digit from the right the double counts, digit by digit.
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
