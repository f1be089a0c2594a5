package secretscan

// Allows are the allow comments of a text. Those of a nil one cover nothing. They may be asked from several goroutines.
type Allows struct{ index *allowIndex }

// AllowComments reads the allow comments of a text, for audits that keep to the same grammar as the scanner.
func AllowComments(data []byte) *Allows {
	marks := allowMarksIn(nil, data, 0, len(data))
	return &Allows{newAllowIndex(data, marks, lineCounter{}, nil)}
}

// Covers returns the comment that covers a claim of a rule or check on the lines first to last, from 1; nil if none does.
func (a *Allows) Covers(rule string, first, last int) *Allow {
	if a == nil {
		return nil
	}
	return a.index.covers(rule, first, last)
}
