package finding

import "fmt"

// Severity says how bad it is if the finding is real. The zero value is Info.
type Severity uint8

// The severities, mildest first, so that they compare with < and >.
const (
	Info Severity = iota
	Low
	Medium
	High
	Critical
)

// Severities lists the severities' names, mildest first.
func Severities() []string { return []string{"info", "low", "medium", "high", "critical"} }

// String returns the lower-case name that reports and flags use.
func (s Severity) String() string { return nameOf(Severities(), int(s)) }

// MarshalText writes the name; it never fails.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a name; it refuses every other word.
func (s *Severity) UnmarshalText(text []byte) error {
	i, err := indexOf("severity", Severities(), string(text))
	*s = Severity(i)
	return err
}

// Confidence says how sure the tool is that the finding is real. The zero value is LowConfidence.
type Confidence uint8

// The confidences, weakest first, so that they compare with < and >.
const (
	LowConfidence Confidence = iota
	MediumConfidence
	HighConfidence
)

// Confidences lists the confidences' names, weakest first.
func Confidences() []string { return []string{"low", "medium", "high"} }

// String returns the lower-case name that reports and flags use.
func (c Confidence) String() string { return nameOf(Confidences(), int(c)) }

// MarshalText writes the name; it never fails.
func (c Confidence) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads a name; it refuses every other word.
func (c *Confidence) UnmarshalText(text []byte) error {
	i, err := indexOf("confidence", Confidences(), string(text))
	*c = Confidence(i)
	return err
}

func nameOf(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return fmt.Sprintf("unknown(%d)", i)
}

func indexOf(what string, names []string, word string) (int, error) {
	for i, name := range names {
		if name == word {
			return i, nil
		}
	}
	return 0, fmt.Errorf("unknown %s %q (one of %v)", what, word, names)
}
