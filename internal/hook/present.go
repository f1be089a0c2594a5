package hook

import (
	"context"
	"path/filepath"
)

// Missing returns those of the hooks called names that do not call keysweep, as far as files say: neither is keysweep's own
// script in the hooks directory, able to run, nor does the manager's tracked file have its line. It is a quick look; Check is the
// proof.
func Missing(ctx context.Context, g Git, l Layout, names []string) (missing []string) {
	present := map[string]bool{}
	if m := Detect(ctx, g, l); m != nil {
		for _, line := range m.Lines(names) {
			present[line.Hook] = line.Present
		}
	}
	for _, name := range names {
		f, err := look(filepath.Join(l.Dir, name))
		if !present[name] && (err != nil || !f.ours || !f.executable) {
			missing = append(missing, name)
		}
	}
	return missing
}
