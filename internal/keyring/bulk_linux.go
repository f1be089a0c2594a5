package keyring

import (
	"encoding/json"
	"errors"
	"slices"

	library "github.com/99designs/keyring"
	"github.com/godbus/dbus"
	"github.com/gsterjov/go-libsecret"
)

// The library reads items one by one, with five calls over D-Bus for each, and lists them by their labels, which a person may
// change. Here the questions are all sent before the first answer is waited for, and the secrets come in one call.

// atOnce is how many questions are sent before an answer is waited for: a bus lets a connection wait for 128 (max_replies_per_connection,
// dbus-daemon(1)).
const atOnce = 64

// index returns where the items are that the library wrote, by key: it puts the key into the attribute "profile", and looks
// items up by that. More than one of a key are somebody else's work.
func (s *secretService) index() (map[string][]dbus.ObjectPath, error) {
	items, err := s.collection.Items()
	if err != nil {
		return nil, err
	}
	at := make(map[string][]dbus.ObjectPath, len(items))
	for part := range slices.Chunk(items, atOnce) {
		var answers []*dbus.Call
		for _, item := range part {
			answers = append(answers, s.conn.Object(secretsName, item.Path()).Go("org.freedesktop.DBus.Properties.Get", 0,
				make(chan *dbus.Call, 1), "org.freedesktop.Secret.Item", "Attributes"))
		}
		for i, answer := range answers {
			<-answer.Done
			var attributes dbus.Variant
			if err := answer.Store(&attributes); isGone(err) {
				continue // another program took it away meanwhile
			} else if err != nil {
				return nil, err
			}
			if key, ours := attributesOf(attributes)["profile"]; ours {
				at[key] = append(at[key], part[i].Path())
			}
		}
	}
	return at, nil
}

// isGone reports whether an error says that there is no such item.
func isGone(err error) bool {
	var theirs dbus.Error
	if !errors.As(err, &theirs) {
		return false
	}
	switch theirs.Name {
	case "org.freedesktop.Secret.Error.NoSuchObject", "org.freedesktop.DBus.Error.UnknownObject", "org.freedesktop.DBus.Error.UnknownMethod":
		return true
	}
	return false
}

func attributesOf(v dbus.Variant) map[string]string {
	attributes, _ := v.Value().(map[string]string)
	return attributes
}

func (s *secretService) keys() ([]string, error) {
	if err := s.unlock(); err != nil {
		return nil, err
	}
	at, err := s.index()
	keys := make([]string, 0, len(at))
	for key := range at {
		keys = append(keys, key)
	}
	return keys, known(err)
}

func (s *secretService) getAll(keys []string) (map[string][]byte, error) {
	if err := s.unlock(); err != nil {
		return nil, err
	}
	at, err := s.index()
	if err != nil {
		return nil, known(err)
	}
	var paths []dbus.ObjectPath
	for _, key := range keys {
		if len(at[key]) > 1 {
			return nil, &ForeignError{Key: key}
		}
		paths = append(paths, at[key]...)
	}
	if len(paths) == 0 {
		return nil, nil
	}
	session, err := s.service.Open()
	if err != nil {
		return nil, err
	}
	var secrets map[dbus.ObjectPath]libsecret.Secret
	call := s.conn.Object(secretsName, libsecret.DBusPath).Call("org.freedesktop.Secret.Service.GetSecrets", 0, paths, session.Path())
	if err := call.Store(&secrets); err != nil {
		return nil, known(err)
	}
	found := make(map[string][]byte, len(secrets))
	for _, key := range keys {
		if len(at[key]) == 0 {
			continue
		}
		secret, there := secrets[at[key][0]]
		if !there {
			continue // taken away meanwhile
		}
		var item library.Item
		if json.Unmarshal(secret.Value, &item) != nil || item.Key != key {
			return nil, &ForeignError{Key: key}
		}
		clear(secret.Value)
		found[key] = item.Data
	}
	return found, nil
}
