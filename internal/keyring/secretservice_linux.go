package keyring

import (
	"encoding/hex"
	"errors"
	"path"
	"strings"
	"sync"

	library "github.com/99designs/keyring"
	"github.com/godbus/dbus"
	"github.com/gsterjov/go-libsecret"
)

// secretService is a collection of the Secret Service (https://specifications.freedesktop.org/secret-service).
type secretService struct {
	conn       *dbus.Conn
	service    *libsecret.Service
	collection *libsecret.Collection
	waits      func() error
	// library is what writes. It is opened when it is needed, with two more calls.
	library func() (*plainRing, error)
}

func openSecretService(conn *dbus.Conn, at dbus.ObjectPath, config library.Config, waits func() error) (ring, error) {
	service, err := libsecret.NewService()
	if err != nil {
		return nil, err
	}
	config.LibSecretCollectionName = decoded(path.Base(string(at)))
	open := sync.OnceValues(func() (*plainRing, error) { return openLibrary(config) })
	return &secretService{conn, service, libsecret.NewCollection(conn, at), waits, open}, nil
}

// findCollection finds the collection of the login session, or the default one where there is no "login", as in KeePassXC.
// None is ever made: that asks a person for a passphrase.
func findCollection(conn *dbus.Conn, flags dbus.Flags) (dbus.ObjectPath, error) {
	service := conn.Object(secretsName, libsecret.DBusPath)
	var list dbus.Variant
	err := service.Call("org.freedesktop.DBus.Properties.Get", flags, "org.freedesktop.Secret.Service", "Collections").Store(&list)
	if err != nil {
		return "", err
	}
	paths, _ := list.Value().([]dbus.ObjectPath)
	for _, p := range paths {
		if p == libsecret.DBusPath+"/collection/login" {
			return p, nil
		}
	}
	var alias dbus.ObjectPath
	if err := service.Call("org.freedesktop.Secret.Service.ReadAlias", flags, "default").Store(&alias); err != nil {
		return "", err
	}
	if !strings.HasPrefix(string(alias), libsecret.DBusPath+"/collection/") {
		return "", &NoneError{
			Why: "it has no keyring named login, and no default one",
			Do:  "log in at the desktop with a password, or make a keyring in its program (Passwords and Keys, KeePassXC)",
		}
	}
	return alias, nil
}

// decoded undoes how names stand in paths of D-Bus: what is no letter or digit is "_" and two hexadecimal digits. The library
// compares names decoded so.
func decoded(name string) string {
	var plain strings.Builder
	for i := 0; i < len(name); i++ {
		if name[i] == '_' && i+2 < len(name) {
			if b, err := hex.DecodeString(name[i+1 : i+3]); err == nil {
				plain.Write(b)
				i += 2
				continue
			}
		}
		plain.WriteByte(name[i])
	}
	return plain.String()
}

func (s *secretService) locked() (bool, error) { return s.collection.Locked() }

// unlock has the user asked for the passphrase, if need be. The library would do it too, but says neither that it waits nor
// that it was in vain.
func (s *secretService) unlock() error {
	locked, err := s.collection.Locked()
	if err != nil || !locked {
		return err
	}
	if err := s.waits(); err != nil {
		return err
	}
	if err := s.service.Unlock(s.collection); err != nil {
		return err
	}
	locked, err = s.collection.Locked()
	if err == nil && locked {
		return ErrLocked
	}
	return err
}

// known puts the service's own words for a locked collection into ours: it may be locked between two calls.
func known(err error) error {
	var theirs dbus.Error
	if errors.As(err, &theirs) && theirs.Name == "org.freedesktop.Secret.Error.IsLocked" {
		return ErrLocked
	}
	return err
}

func (s *secretService) set(key, label string, data []byte) error {
	return s.write(func(library *plainRing) error { return library.set(key, label, data) })
}

func (s *secretService) remove(key string) error {
	return s.write(func(library *plainRing) error { return library.remove(key) })
}

func (s *secretService) write(work func(*plainRing) error) error {
	if err := s.unlock(); err != nil {
		return err
	}
	library, err := s.library()
	if err != nil {
		return err
	}
	return known(work(library))
}
