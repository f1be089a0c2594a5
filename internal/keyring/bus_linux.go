package keyring

import (
	"slices"

	library "github.com/99designs/keyring"
	"github.com/godbus/dbus"
)

// The names of the two keyrings on the bus. The library knows kwalletd5 alone; kwalletd6 offers the Secret Service too.
const (
	secretsName = "org.freedesktop.secrets"
	kwalletName = "org.kde.kwalletd5"
)

// openOnBus opens a keyring that is reached over D-Bus.
func openOnBus(backend string, config library.Config, environ []string, waits func() error) (ring, error) {
	address, _ := lookup(environ, busVariable)
	conn, err := dbus.SessionBus()
	if err != nil {
		return nil, &NoneError{Why: "the session bus at " + address + " cannot be reached: " + err.Error(),
			Do: "log in at a desktop; the bus may be one of a session that has ended" + orSnapshot}
	}
	if backend == KWallet {
		if err := wantOffered(conn, kwalletName, address); err != nil {
			return nil, err
		}
		return openKWallet(conn, config)
	}
	// It is there most of the time: it is asked at once, and who it is that offers it only if nobody answers.
	if at, err := findCollection(conn, dbus.FlagNoAutoStart); err == nil {
		return openSecretService(conn, at, config, waits)
	}
	if err := wantOffered(conn, secretsName, address); err != nil {
		return nil, err
	}
	at, err := findCollection(conn, 0)
	if err != nil {
		return nil, err
	}
	return openSecretService(conn, at, config, waits)
}

// wantOffered fails if nobody offers a name on the bus.
func wantOffered(conn *dbus.Conn, name, address string) error {
	offered, err := isOffered(conn, name)
	if err == nil && !offered {
		err = &NoneError{Why: "nothing on the session bus at " + address + " offers " + name,
			Do: "start the keyring's daemon, as logging in at a desktop does" + orSnapshot}
	}
	return err
}

// isOffered reports whether a program has a name on the bus, or would be started to have it.
func isOffered(conn *dbus.Conn, name string) (bool, error) {
	var owned bool
	if err := conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, name).Store(&owned); err != nil || owned {
		return owned, err
	}
	var startable []string
	err := conn.BusObject().Call("org.freedesktop.DBus.ListActivatableNames", 0).Store(&startable)
	return slices.Contains(startable, name), err
}

// kwallet is KDE's wallet. The library takes a refusal for an empty wallet.
type kwallet struct {
	*plainRing
	object dbus.BusObject
}

const walletName = "kdewallet"

func openKWallet(conn *dbus.Conn, config library.Config) (ring, error) {
	config.ServiceName, config.KWalletAppID, config.KWalletFolder = walletName, "keysweep", "keysweep"
	plain, err := openLibrary(config)
	if err != nil {
		return nil, err
	}
	return &kwallet{plain, conn.Object(kwalletName, "/modules/kwalletd5")}, nil
}

func (k *kwallet) locked() (bool, error) {
	var open bool
	err := k.object.Call("org.kde.KWallet.isOpen", 0, walletName).Store(&open)
	return !open, err
}

// opened wants the wallet to be open after a call that opens it.
func (k *kwallet) opened(err error) error {
	if closed, asked := k.locked(); asked == nil && closed {
		return ErrLocked
	}
	return err
}

func (k *kwallet) get(key string) ([]byte, error) {
	data, err := k.plainRing.get(key)
	return data, k.opened(err)
}

func (k *kwallet) set(key, label string, data []byte) error {
	return k.opened(k.plainRing.set(key, label, data))
}

func (k *kwallet) remove(key string) error { return k.opened(k.plainRing.remove(key)) }

func (k *kwallet) keys() ([]string, error) {
	keys, err := k.plainRing.keys()
	return keys, k.opened(err)
}
