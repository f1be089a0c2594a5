package keyring

import (
	"context"
	"errors"
	"time"

	"github.com/gofrs/flock"
)

// held is a file that the child has locked, for as many readers as there are, or for one writer.
type held struct {
	lock  *flock.Flock
	users int
}

// holdEvery is how long the child waits before it asks for a lock again.
const holdEvery = 2 * time.Millisecond

// hold locks a file. That readers and a writer of one parent do not meet here is the parent's business.
func (s *server) hold(ctx context.Context, path string, shared bool) error {
	if h := s.holds[path]; h != nil {
		h.users++
		return nil
	}
	lock := flock.New(path)
	try := lock.TryLockContext
	if shared {
		try = lock.TryRLockContext
	}
	if _, err := try(ctx, holdEvery); err != nil {
		return err
	}
	s.holds[path] = &held{lock, 1}
	return nil
}

// view reads items while nobody writes who locks the file.
func (s *server) view(ctx context.Context, path string, keys []string) (found map[string][]byte, err error) {
	if err := s.hold(ctx, path, true); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.release(path)) }()
	return s.many(keys)
}

func (s *server) release(path string) error {
	h := s.holds[path]
	if h == nil {
		return nil
	}
	if h.users--; h.users > 0 {
		return nil
	}
	delete(s.holds, path)
	return h.lock.Unlock()
}
