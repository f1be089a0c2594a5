package inflate

// Error says what is wrong with a stream. Errors are comparable.
type Error uint8

// What can be wrong with a stream.
const (
	ErrHeader     Error = iota + 1 // not a zlib stream
	ErrDictionary                  // a preset dictionary is wanted
	ErrTruncated                   // the source ends before the stream
	ErrBlock                       // block of the reserved type
	ErrStored                      // length of a stored block contradicts its complement
	ErrLengths                     // description of a block's codes makes no sense
	ErrCode                        // a block's codes are over-subscribed or incomplete
	ErrSymbol                      // bits that are no code, or one that stands for nothing
	ErrDistance                    // match before the start of the contents
	ErrTooLong                     // more contents than the destination holds
	ErrTooShort                    // less contents than that
	ErrChecksum                    // contents are not those that were compressed
)

// Error returns what is wrong.
func (e Error) Error() string {
	switch e {
	case ErrHeader:
		return "not a zlib stream: its first two bytes are wrong"
	case ErrDictionary:
		return "zlib stream wants a preset dictionary"
	case ErrTruncated:
		return "zlib stream ends too early"
	case ErrBlock:
		return "deflate block is of an unknown type"
	case ErrStored:
		return "length of a stored deflate block contradicts its complement"
	case ErrLengths:
		return "code lengths of a deflate block are wrong"
	case ErrCode:
		return "a code of a deflate block is over-subscribed or incomplete"
	case ErrSymbol:
		return "deflate block uses a code that stands for nothing"
	case ErrDistance:
		return "deflate match reaches back before the start of the contents"
	case ErrTooLong:
		return "zlib stream holds more than the stated size"
	case ErrTooShort:
		return "zlib stream holds less than the stated size"
	default:
		return "contents do not match the checksum of the zlib stream"
	}
}
