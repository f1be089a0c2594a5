package keys

import "errors"

// Format is the outer form of a private key file.
type Format string

// The formats that Parse understands.
const (
	FormatOpenSSH Format = "OpenSSH" // openssh-key-v1, PROTOCOL.key of OpenSSH
	FormatPEM     Format = "PEM"     // the traditional form of OpenSSL: RSA, EC or DSA PRIVATE KEY, with DEK-Info if encrypted
	FormatPKCS8   Format = "PKCS#8"  // PRIVATE KEY and ENCRYPTED PRIVATE KEY, RFC 5958
	FormatPPK2    Format = "PPK v2"  // PuTTY's format up to 0.74
	FormatPPK3    Format = "PPK v3"  // PuTTY's format since 0.75
)

// KDF is how a file makes an encryption key of a passphrase.
type KDF struct {
	Name        string // "bcrypt", "MD5" (of traditional PEM), "PBKDF2-HMAC-SHA256", "scrypt", "Argon2id", "SHA-1" (of PPK v2)
	Rounds      int    // rounds of bcrypt, iterations of PBKDF2, N of scrypt, passes of Argon2; 1 where there is no stretching
	MemoryKiB   int    // memory of scrypt and Argon2; 0 for others
	Parallelism int    // of scrypt and Argon2; 0 for others
}

// File is a private key file as far as it can be understood without its passphrase.
type File struct {
	Format Format
	// Public is the public half. A file that hides it, an encrypted one in PEM or PKCS#8, has nil. In an encrypted file
	// nothing vouches for it before Open has compared it with the private half.
	Public  *Public
	Type    string // the kind of key where it is known without the public half: "ssh-rsa" of an encrypted RSA PRIVATE KEY; "" if unknown
	Comment string // "" if there is none, or where the file encrypts it
	Cipher  string // as the format names it: "aes256-ctr", "AES-128-CBC"; "none" if the file is not protected
	KDF     KDF    // zero if the file is not protected
	// Quirk is what keeps ssh from reading the file although the key in it is whole: "Windows line ends"; "" if nothing does.
	Quirk string
	// Damage is what is wrong with the private half as far as that shows without the passphrase; nil if nothing does. The
	// facts above are from the public half, which ssh-keygen -l shows all the same. Open fails with it.
	Damage error

	// Others names what else the file holds, in order: "CERTIFICATE", "RSA PRIVATE KEY". It is lost where the file is written
	// anew or removed. Files with one key have none.
	Others []string

	open func(passphrase []byte) (*Private, error)
}

// Protected reports whether the file needs a passphrase.
func (f *File) Protected() bool { return f.Cipher != "none" }

// Open decrypts the private key. For a file that is not protected the passphrase plays no part. A wrong passphrase is
// ErrPassphrase; a private half that does not fit the public one is ErrMismatch. The caller clears the result.
func (f *File) Open(passphrase []byte) (*Private, error) { return f.open(passphrase) }

var (
	// ErrPassphrase says that the passphrase is wrong, or missing. Formats without authentication cannot tell a wrong
	// passphrase from a damaged file: it stands for both there.
	ErrPassphrase = errors.New("wrong passphrase")
	// ErrMismatch says that a file's private half does not belong to the public half beside it.
	ErrMismatch = errors.New("the private key does not belong to the public key in the same file")
	// ErrNoKey says that the data hold no private key of any known format.
	ErrNoKey = errors.New("not a private key file of a known format")
)
