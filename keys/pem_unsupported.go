package keys

// unsupported says what a file needs that keysweep does not have, and which other program to use.
type unsupported struct {
	what string // "the cipher RC2-CBC is not supported"
	hint string // what to do next
}

func (u *unsupported) Error() string { return u.what }

// Hint says what to do next.
func (u *unsupported) Hint() string { return u.hint }

// Hints for files that other programs can still read.
const (
	hintSSHKeygen = "ssh-keygen -p -f FILE rewrites it in OpenSSH's format, if your OpenSSL still has what it needs"
	hintOpenSSL   = "openssl pkcs8 -topk8 -provider legacy -provider default -in FILE -out NEWFILE rewrites it with a current cipher"
	hintDER       = "openssl pkcs8 -topk8 -in FILE -out NEWFILE writes it anew in DER"
	hintPuTTYgen  = "puttygen FILE --reencrypt -o NEWFILE writes it anew"
)
