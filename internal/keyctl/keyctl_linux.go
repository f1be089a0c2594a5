package keyctl

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const (
	keyType = "user"
	// onlyOwner are the permissions of a key: all six of them for its owner, and none for who possesses it, its group and others
	// (keyctl_setperm(3)).
	onlyOwner = 0x003f0000
	maxData   = 32767 // bytes, of a key of this type: keyrings(7)
	idSize    = 4     // bytes of a key's number in a keyring's content
	maxKeys   = 1 << 16
)

// refused says what a refusal mostly comes from.
func refused(op string, err error) error {
	e := &RefusedError{Op: op, Err: err}
	switch {
	case errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EPERM), errors.Is(err, unix.EACCES):
		e.Why = "containers and sandboxes forbid it"
		e.Help = "use it outside, or allow add_key and keyctl there (Docker: a seccomp profile of your own)"
	case errors.Is(err, unix.EDQUOT):
		e.Why = "this user's keys take all the room that they may"
		e.Help = "see what is there: keyctl show @u; the limits: sysctl kernel.keys.maxbytes kernel.keys.maxkeys"
	}
	return e
}

// gone reports whether an error says that there is no key, or none that is valid any more.
func gone(err error) bool {
	return errors.Is(err, unix.ENOKEY) || errors.Is(err, unix.EKEYEXPIRED) || errors.Is(err, unix.EKEYREVOKED)
}

func control(cmd, a, b int) error {
	_, err := unix.KeyctlInt(cmd, a, b, 0, 0)
	return err
}

// Set keeps data under a name for as long as life, and replaces what was there of that name. Life counts in whole seconds, is at least one, and
// goes by the clock of the wall.
func Set(name string, data []byte, life time.Duration) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // for good: the thread, and with it its keyring, ends with the goroutine
		done <- set(name, data, life)
	}()
	return <-done
}

// set makes the key where nobody else sees it and where it goes with the thread: it is linked into the user's keyring when it is as it is to
// be, and takes the place of the former there in one step.
func set(name string, data []byte, life time.Duration) error {
	const op = "keep a secret"
	former, err := search(name)
	if err != nil && !gone(err) && !errors.Is(err, unix.EACCES) {
		return refused(op, err)
	}
	id, err := unix.AddKey(keyType, name, data, unix.KEY_SPEC_THREAD_KEYRING)
	if err != nil {
		return refused(op, err)
	}
	defer func() { _ = control(unix.KEYCTL_UNLINK, id, unix.KEY_SPEC_THREAD_KEYRING) }()
	seconds := math.Ceil(max(life, time.Second).Seconds())
	if err := control(unix.KEYCTL_SET_TIMEOUT, id, int(min(seconds, math.MaxInt32))); err != nil {
		return refused(op, err)
	}
	if err := unix.KeyctlSetperm(id, onlyOwner); err != nil {
		return refused(op, err)
	}
	if err := control(unix.KEYCTL_LINK, id, unix.KEY_SPEC_USER_KEYRING); err != nil {
		return refused(op, err)
	}
	if former != 0 { // it may be linked elsewhere too
		_ = control(unix.KEYCTL_REVOKE, former, 0)
	}
	return nil
}

// Usable says why Set will not work, as far as that can be known without it.
func Usable() error {
	if _, err := list(); err != nil {
		return refused("look around", err)
	}
	return nil
}

func search(name string) (id int, err error) {
	return unix.KeyctlSearch(unix.KEY_SPEC_USER_KEYRING, keyType, name, 0)
}

// Get returns what is kept under a name; the caller clears it. None is ErrNone, one that is not ours alone ErrForeign.
func Get(name string) ([]byte, error) {
	const op = "look for a secret"
	id, err := search(name)
	switch {
	case gone(err):
		return nil, ErrNone
	case errors.Is(err, unix.EACCES):
		return nil, ErrForeign
	case err != nil:
		return nil, refused(op, err)
	}
	k, err := describe(id)
	if err == nil && !k.ours() {
		return nil, ErrForeign
	}
	var data []byte
	if err == nil {
		data, err = read(id)
	}
	switch {
	case gone(err): // just now
		return nil, ErrNone
	case err != nil:
		return nil, refused(op, err)
	}
	return data, nil
}

func read(id int) ([]byte, error) {
	data := make([]byte, maxData)
	n, err := unix.KeyctlBuffer(unix.KEYCTL_READ, id, data, 0)
	if err != nil {
		return nil, err
	}
	if n > len(data) { // nothing was read then
		return nil, unix.EMSGSIZE
	}
	short := bytes.Clone(data[:n])
	clear(data[:n])
	return short, nil
}

// key is what the kernel says of one.
type key struct {
	kind, name string
	uid, perm  uint64
}

// describe reads "type;uid;gid;perm;description", the last of which may hold semicolons: keyctl_describe(3).
func describe(id int) (key, error) {
	text, err := unix.KeyctlString(unix.KEYCTL_DESCRIBE, id)
	if err != nil {
		return key{}, err
	}
	return parse(text)
}

func parse(text string) (key, error) {
	parts := strings.SplitN(text, ";", 5)
	if len(parts) != 5 {
		return key{}, unix.EBADMSG
	}
	uid, err := strconv.ParseUint(parts[1], 10, 32)
	perm, permErr := strconv.ParseUint(parts[3], 16, 32)
	if err != nil || permErr != nil {
		return key{}, unix.EBADMSG
	}
	return key{kind: parts[0], name: parts[4], uid: uid, perm: perm}, nil
}

// ours reports whether a key belongs to this user, and nobody else may do anything with it.
func (k key) ours() bool { return k.uid == uint64(os.Geteuid()) && k.perm&^onlyOwner == 0 }

// Remove takes every key whose name begins with prefix away, wherever it is linked, and returns how many there were.
func Remove(prefix string) (n int, err error) {
	const op = "take a secret away"
	ids, err := list()
	if err != nil {
		return 0, refused(op, err)
	}
	for _, id := range ids {
		k, err := describe(id)
		if err != nil || k.kind != keyType || !strings.HasPrefix(k.name, prefix) {
			continue // also keys that may not be looked at, and that are over: they are none of ours
		}
		// Nobody can read it once it is revoked; then its name goes.
		revoked := control(unix.KEYCTL_REVOKE, id, 0)
		unlinked := control(unix.KEYCTL_UNLINK, id, unix.KEY_SPEC_USER_KEYRING)
		switch {
		case gone(revoked), errors.Is(unlinked, unix.ENOENT): // another process was faster
		case revoked != nil && (k.ours() || unlinked != nil):
			return n, refused(op, revoked)
		case revoked == nil:
			n++
		}
	}
	return n, nil
}

// list returns the numbers of the keys in the user's keyring.
func list() (ids []int, err error) {
	for size := 1024; size <= maxKeys*idSize; size *= 4 {
		content := make([]byte, size)
		n, err := unix.KeyctlBuffer(unix.KEYCTL_READ, unix.KEY_SPEC_USER_KEYRING, content, 0)
		if err != nil {
			return nil, err
		}
		if n > size {
			continue
		}
		for ; n >= idSize; n, content = n-idSize, content[idSize:] {
			ids = append(ids, int(int32(binary.NativeEndian.Uint32(content))))
		}
		return ids, nil
	}
	return nil, unix.EMSGSIZE
}
