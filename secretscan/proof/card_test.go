package proof_test

import (
	"fmt"
	"testing"

	"keysweep/finding"
	"keysweep/secretscan/proof"
)

// withLuhn adds the digit that makes the checksum fit: the one of ten for which the sum, counted by a table, is a multiple of ten.
func withLuhn(digits string) string {
	double := [10]int{0, 2, 4, 6, 8, 1, 3, 5, 7, 9}
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			d = double[d]
		}
		sum += d
	}
	return fmt.Sprintf("%s%d", digits, (10-sum%10)%10)
}

func TestPaymentCards(t *testing.T) {
	rules := []string{"payment-card-number"}
	for digits, issuer := range map[string]string{
		"453957804927316": "Visa", "540912873645091": "Mastercard", "222345678901234": "Mastercard", "37564918203746": "American Express",
		"601145678901236": "Discover", "365478901234567"[:13]: "Diners Club", "353045678901236": "JCB", "621234567890123": "UnionPay",
	} {
		card := withLuhn(digits)
		for _, text := range []string{card, card[:4] + " " + card[4:8] + "-" + card[8:]} {
			p := proof.Of(proof.Subject{Rules: rules, Text: text})
			if !p.Proven || factOf(p, finding.FactIssuer) != issuer {
				t.Errorf("%s: %+v", issuer, p)
			}
		}
		if p := proof.Of(proof.Subject{Text: card}); len(p.Facts) > 0 {
			t.Errorf("%s: without the rule it is a number: %+v", issuer, p)
		}
		for d := byte('0'); d <= '9'; d++ {
			if wrong := card[:len(card)-1] + string(d); wrong != card {
				if p := proof.Of(proof.Subject{Rules: rules, Text: wrong}); !p.Refuted {
					t.Errorf("%s with another last digit: %+v", issuer, p)
				}
			}
		}
	}
	for name, text := range map[string]string{
		"for tests": "4" + "111111111111111", "another": "37" + "8282246310005", "no issuer": withLuhn("912345678901234"), "short": "4539", "none": "",
	} {
		if p := proof.Of(proof.Subject{Rules: rules, Text: text}); p.Proven || !p.Refuted {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestSeedsOfOneTimePasswords(t *testing.T) {
	check := proof.CheckNamed("otp-seed")
	for text, want := range map[string]bool{
		"JBSW" + "Y3DPEHPK3PXP" + "ABCDEFGH": true, "jbsw y3dp ehpk 3pxq": true, "JBSWY3DPEHPK3PX": false, "ABCDEFGHIJKLMNOP": false,
		"AAAAAAAAAAAAAAA2": false, "JBSWY3DPEHPK3PX1": false, "": false,
	} {
		if _, _, ok := check(text); ok != want {
			t.Errorf("%q: %v", text, ok)
		}
	}
}
