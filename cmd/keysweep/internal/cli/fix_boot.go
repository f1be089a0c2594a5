package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"keysweep/internal/atomicfile"
	"keysweep/internal/owned"
	"keysweep/remedy"
)

// bootUnits is where units of the machine's own are (systemd.unit(5)).
const bootUnits = "/etc/systemd/system"

func bootUnit(id string) (unit, wanted string) {
	name := "keysweep-fix-" + id + ".service"
	return filepath.Join(bootUnits, name), filepath.Join(bootUnits, "multi-user.target.wants", name)
}

// armBoot has systemd take a fix back that still waits when the machine starts again: after a power loss no process of ours is left. Without
// systemd, or for others than root, there is no such unit; the next keysweep fix does it then.
func armBoot(env *Env, p remedy.Pending, args []string) error {
	if os.Geteuid() != 0 || p.Config != "" {
		return nil
	}
	if _, err := os.Stat("/run/systemd/system"); err != nil {
		return nil
	}
	if err := owned.Check(env.Executable); err != nil {
		_, _ = fmt.Fprintf(env.Stderr, "note: after a power loss the next keysweep fix takes it back, and not the start of the machine: %v\n", err)
		return nil
	}
	unit, wanted := bootUnit(p.ID)
	var b strings.Builder
	b.WriteString("# Made by keysweep fix --rollback-after; it goes away with --confirm, or when the fix is taken back.\n[Unit]\nDescription=Take back the fix " + p.ID + " unless it is confirmed\n" +
		"After=local-fs.target network-pre.target\n\n[Service]\n")
	for _, name := range []string{"HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"} {
		if value := env.Getenv(name); value != "" {
			b.WriteString("Environment=" + strings.ReplaceAll(unitWord(name+"="+value), "$$", "$") + "\n") // which stands for nothing there
		}
	}
	b.WriteString("ExecStart=" + unitWord(env.Executable))
	for _, a := range args {
		b.WriteString(" " + unitWord(a))
	}
	b.WriteString("\n")
	if err := os.MkdirAll(filepath.Dir(wanted), 0o755); err != nil {
		return err
	}
	if err := atomicfile.Write(unit, []byte(b.String()), 0o644); err != nil {
		return err
	}
	if err := os.Symlink(unit, wanted); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return atomicfile.SyncDir(filepath.Dir(wanted))
}

// unitWord quotes a word for a unit (systemd.syntax(7)): % and $ would stand for something.
func unitWord(word string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "%", "%%", "$", "$$", "\n", `\n`).Replace(word) + `"`
}

// disarmBoot takes the unit away.
func disarmBoot(id string) error {
	unit, wanted := bootUnit(id)
	if _, err := os.Lstat(unit); err != nil {
		return nil
	}
	for _, path := range []string{wanted, unit} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
