//go:build unix

package cli

import (
	"bytes"
	"encoding/binary"
	"encoding/pem"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
)

// dialogue runs key passphrase on a terminal: it waits for each question and answers it. It returns what the screen shows and
// the exit code.
func dialogue(t *testing.T, dir string, args []string, steps ...[2]string) (screen string, code int) {
	t.Helper()
	cmd := exec.Command(program(t), append([]string{"key", "passphrase"}, args...)...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "XDG_RUNTIME_DIR=" + dir, "TERM=xterm"}
	terminal, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = terminal.Close() }()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	for _, step := range steps {
		screen += readUntil(t, terminal, step[0])
		if _, err := io.WriteString(terminal, step[1]); err != nil {
			t.Fatal(err)
		}
	}
	rest, _ := io.ReadAll(terminal) // ends with EIO when the program has closed its side
	return screen + string(rest), exitOf(t, cmd.Wait())
}

func TestPassphraseOnATerminal(t *testing.T) {
	env, _ := passphraseEnv(t)
	screen, code := dialogue(t, env.Dir, []string{"id", "--kdf-rounds", "16"},
		[2]string{"Passphrase for id: ", "a typo\n"}, [2]string{"Passphrase for id: ", testOldPass + "\n"},
		[2]string{"New passphrase for id: ", "short\n"}, [2]string{"New passphrase for id: ", testNewPass + "\n"},
		[2]string{"The same again: ", testNewPass + "x\n"}, [2]string{"New passphrase for id: ", testNewPass + "\n"},
		[2]string{"The same again: ", testNewPass + "\n"})
	if code != exitOK || !strings.Contains(screen, "Try again") || !strings.Contains(screen, "passphrase changed") {
		t.Errorf("exit code %d\n%s", code, screen)
	}
	if strings.Contains(screen, testNewPass) || strings.Contains(screen, testOldPass) {
		t.Errorf("a passphrase is on the screen:\n%s", screen)
	}
	sshKeygen(t, "-y", "-P", testNewPass, "-f", filepath.Join(env.Dir, "id"))
}

func TestPassphraseInterrupted(t *testing.T) {
	for name, steps := range map[string][][2]string{
		"at the first question":  {{"Passphrase for id: ", "\x03"}},
		"at the second question": {{"Passphrase for id: ", testOldPass + "\n"}, {"New passphrase for id: ", "\x03"}},
		"at the last question": {{"Passphrase for id: ", testOldPass + "\n"}, {"New passphrase for id: ", testNewPass + "\n"},
			{"The same again: ", "zebra\x03"}},
	} {
		env, _ := passphraseEnv(t)
		path := filepath.Join(env.Dir, "id")
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if screen, code := dialogue(t, env.Dir, []string{"id"}, steps...); code != exitInterrupted {
			t.Errorf("%s: exit code %d\n%s", name, code, screen)
		}
		if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
			t.Errorf("%s: the file changed: %v", name, err)
		}
	}
}

// A slow KDF shows that something is going on, and Ctrl-C does not wait for its end.
func TestPassphraseOfASlowFile(t *testing.T) {
	env, _ := passphraseEnv(t)
	path := filepath.Join(env.Dir, "id")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, withRounds(t, data, 90_000), 0o600); err != nil { // ten minutes
		t.Fatal(err)
	}
	screen, code := dialogue(t, env.Dir, []string{"--check", "id"}, [2]string{"Passphrase for id: ", testOldPass + "\n"},
		[2]string{"Opening id (bcrypt, 90000 rounds)", "\x03"})
	if code != exitInterrupted {
		t.Errorf("exit code %d\n%s", code, screen)
	}
}

func TestPassphraseWithoutATerminal(t *testing.T) {
	env, _ := passphraseEnv(t)
	cmd := exec.Command(program(t), "key", "passphrase", "id")
	cmd.Dir, cmd.Env, cmd.SysProcAttr = env.Dir, []string{"HOME=" + env.Dir}, &syscall.SysProcAttr{Setsid: true}
	out, err := cmd.CombinedOutput()
	if code := exitOf(t, err); code != exitUsage || !strings.Contains(string(out), "--passphrase-file") {
		t.Errorf("exit code %d\n%s", code, out)
	}
}

func TestPassphraseKeepsTheOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root has files of others")
	}
	env, said := passphraseEnv(t, change()...)
	path := filepath.Join(env.Dir, "id")
	if err := os.Chown(path, 1234, 1235); err != nil {
		t.Fatal(err)
	}
	wantExit(t, env, said, exitOK)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); !ok || stat.Uid != 1234 || stat.Gid != 1235 || info.Mode().Perm() != 0o600 {
		t.Errorf("%+v", info.Sys())
	}
}

// withRounds sets the rounds of bcrypt in a file that ssh-keygen wrote with one round: 1 after a salt of 16 bytes.
func withRounds(t *testing.T, data []byte, rounds uint32) []byte {
	t.Helper()
	block, _ := pem.Decode(data)
	at := bytes.Index(block.Bytes, []byte("bcrypt\x00\x00\x00\x18\x00\x00\x00\x10"))
	if at < 0 {
		t.Fatal("the rounds are not where they should be")
	}
	binary.BigEndian.PutUint32(block.Bytes[at+14+16:], rounds)
	return pem.EncodeToMemory(block)
}
