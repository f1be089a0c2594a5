package keyring

import (
	"cmp"
	"time"
)

// The backends: keyrings that can be a home of the ledger. keyctl is none: the kernel forgets at reboot.
const (
	SecretService = "secret-service" // GNOME Keyring, KeePassXC and others, over D-Bus
	KWallet       = "kwallet"        // KDE, over D-Bus
	Pass          = "pass"           // https://www.passwordstore.org
	Keychain      = "keychain"       // macOS
	WinCred       = "wincred"        // the credential manager of Windows
)

const (
	// DefaultPrefix stands in front of the name of every item of ours: keyrings are shared with other programs.
	DefaultPrefix = "keysweep/v1/"
	// DefaultDeadline is how long a keyring may take for an answer.
	DefaultDeadline = 10 * time.Second
	// DefaultPatience is how long it may take where a person may have to answer a prompt first.
	DefaultPatience = 60 * time.Second
)

// Backends returns the keyrings that an operating system (of runtime.GOOS) may have, the usual one first.
func Backends(goos string) []string {
	switch goos {
	case "linux":
		return []string{SecretService, KWallet, Pass}
	case "darwin":
		return []string{Keychain, Pass}
	case "windows":
		return []string{WinCred}
	}
	return []string{Pass}
}

// Options say which keyring, and how to reach it.
type Options struct {
	Backend    string   // one of Backends; never another one instead
	Executable string   // of this program, which is run again as the child
	Environ    []string // as of os.Environ, with the user's own DBUS_SESSION_BUS_ADDRESS
	Deadline   time.Duration
	Patience   time.Duration
	PassDir    string // the password store of pass; "" is what PASSWORD_STORE_DIR says, or ~/.password-store
	Prefix     string // of the names of items; "" is DefaultPrefix
	// Waiting is called when the keyring is locked and its own program asks a person to unlock it; may be nil.
	Waiting func()
}

func (o Options) filled() Options {
	o.Deadline = cmp.Or(o.Deadline, DefaultDeadline)
	o.Patience = max(o.Deadline, cmp.Or(o.Patience, DefaultPatience))
	o.Prefix = cmp.Or(o.Prefix, DefaultPrefix)
	return o
}
