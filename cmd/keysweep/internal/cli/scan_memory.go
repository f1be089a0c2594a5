package cli

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"keysweep/internal/atomicfile"
	"keysweep/secretscan/rules"
	"keysweep/secretscan/source"
)

// memoryKeySize is that of an HMAC-SHA256 key.
const memoryKeySize = 32

// memory says where a scan of the whole history keeps what it saw; nil: nowhere. All work trees of a repository share it.
func (s *scan) memory() *source.Memory {
	state := writableHome(s.env, "XDG_STATE_HOME")
	engine := s.engineName()
	if s.opts.noCache || state == "" || engine == "" {
		return nil
	}
	key := memoryKey(filepath.Join(state, "keysweep", "history.key"))
	if key == nil {
		return nil
	}
	common := s.place.repo.CommonDir()
	dirs := []string{filepath.Join(common, "keysweep")}
	if cache := writableHome(s.env, "XDG_CACHE_HOME"); cache != "" {
		sum := sha256.Sum256([]byte(common))
		dirs = append(dirs, filepath.Join(cache, "keysweep", "history", hex.EncodeToString(sum[:8])))
	}
	return &source.Memory{Dirs: dirs, Key: key, Engine: engine}
}

// engineName says which program and which rules scan; "" if the program cannot be told. It is the program's file that counts, so
// that no two builds are taken for one.
func (s *scan) engineName() string {
	program, err := os.Executable()
	if err != nil {
		return ""
	}
	info, err := os.Stat(program)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s %s %d %d %s %s %v", s.env.Version, s.env.Commit, info.Size(), info.ModTime().UnixNano(), rules.Hash(s.rules), s.minConfidence, &s.opts.decodeDepth)
}

// memoryKey returns the user's key, which is made once; nil: there is none. Nothing is remembered then, which costs time alone.
func memoryKey(file string) []byte {
	info, err := os.Stat(file)
	if err == nil && info.Mode().IsRegular() && info.Size() == memoryKeySize { // to open a FIFO would hang, and a device may have no end
		if key, err := os.ReadFile(file); err == nil && len(key) == memoryKeySize {
			return key
		}
	}
	key := make([]byte, memoryKeySize)
	_, _ = rand.Read(key) // cannot fail, see crypto/rand
	if os.MkdirAll(filepath.Dir(file), 0o700) != nil || atomicfile.Write(file, key, 0o600) != nil {
		return nil
	}
	return key
}
