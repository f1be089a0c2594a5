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

// searchMost is how many items are looked for one by one. For more, all that there are are listed.
const searchMost = 16

// get reads one item. The library would take six answers, one after the other; this takes two.
func (s *secretService) get(key string) ([]byte, error) {
	all, err := s.getAll([]string{key})
	if err != nil {
		return nil, err
	}
	data, found := all[key]
	if !found {
		return nil, errAbsent
	}
	return data, nil
}

func (s *secretService) getAll(keys []string) (map[string][]byte, error) {
	if len(keys) > searchMost {
		return s.listAndGet(keys)
	}
	at, session, locked, err := s.search(keys)
	if locked { // a locked collection need not say all
		if err := s.unlock(); err != nil {
			return nil, err
		}
		at, session, _, err = s.search(keys)
	}
	if err != nil {
		return nil, known(err)
	}
	return s.secrets(keys, at, session)
}

func (s *secretService) listAndGet(keys []string) (map[string][]byte, error) {
	if err := s.unlock(); err != nil {
		return nil, err
	}
	at, err := s.index()
	if err != nil {
		return nil, known(err)
	}
	session, err := s.service.Open()
	if err != nil {
		return nil, err
	}
	return s.secrets(keys, at, session.Path())
}

// search finds items, opens a session to read them in, and looks whether the collection is locked, all at once.
func (s *secretService) search(keys []string) (at map[string][]dbus.ObjectPath, session dbus.ObjectPath, locked bool, err error) {
	ask := func(object dbus.ObjectPath, method string, args ...any) *dbus.Call {
		return s.conn.Object(secretsName, object).Go(method, 0, make(chan *dbus.Call, 1), args...)
	}
	lock := ask(s.collection.Path(), "org.freedesktop.DBus.Properties.Get", "org.freedesktop.Secret.Collection", "Locked")
	open := ask(libsecret.DBusPath, "org.freedesktop.Secret.Service.OpenSession", "plain", dbus.MakeVariant(""))
	searches := make([]*dbus.Call, len(keys))
	for i, key := range keys {
		searches[i] = ask(s.collection.Path(), "org.freedesktop.Secret.Collection.SearchItems", map[string]string{"profile": key})
	}
	answered := func(call *dbus.Call, to ...any) {
		<-call.Done
		if failed := call.Store(to...); err == nil {
			err = failed
		}
	}
	var output dbus.Variant
	answered(lock, &locked)
	answered(open, &output, &session)
	at = make(map[string][]dbus.ObjectPath, len(keys))
	for i, key := range keys {
		var paths []dbus.ObjectPath
		answered(searches[i], &paths)
		at[key] = paths
	}
	return at, session, locked, err
}

// secrets reads items that were found, in one call.
func (s *secretService) secrets(keys []string, at map[string][]dbus.ObjectPath, session dbus.ObjectPath) (map[string][]byte, error) {
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
	var secrets map[dbus.ObjectPath]libsecret.Secret
	call := s.conn.Object(secretsName, libsecret.DBusPath).Call("org.freedesktop.Secret.Service.GetSecrets", 0, paths, session)
	if err := call.Store(&secrets); err != nil {
		return nil, known(err)
	}
	if len(secrets) < len(paths) { // those that are locked are left out, as well as those that were taken away meanwhile
		if locked, err := s.locked(); err != nil {
			return nil, err
		} else if locked {
			return nil, ErrLocked
		}
	}
	found := make(map[string][]byte, len(secrets))
	for _, key := range keys {
		if len(at[key]) == 0 {
			continue
		}
		secret, there := secrets[at[key][0]]
		if !there {
			continue
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
