package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"filippo.io/age"
	"filippo.io/age/armor"
	"github.com/spf13/cobra"

	"keysweep/rotation"
)

func newLedgerImportCommand(env *Env) *cobra.Command {
	o := &ledgerExportOptions{}
	c := &cobra.Command{
		Use:   "import FILE",
		Short: "Put an export into an empty ledger",
		Long: "Puts every item of an export into a ledger that is empty, or that is made for it, reads all of it back and compares.\n" +
			"A ledger with records is left as it is: two ledgers are not merged.",
		Example: `  keysweep ledger import /media/usb/ledger.age
  keysweep ledger init --home pass && keysweep ledger import ledger.age`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return runLedgerImport(c.Context(), env, o, args[0]) },
	}
	o.pass.addFlags(c.Flags(), "export-", "the export's passphrase")
	o.ledger.addPassphraseFlags(c.Flags())
	return c
}

func runLedgerImport(ctx context.Context, env *Env, o *ledgerExportOptions, name string) error {
	if err := errors.Join(o.pass.validate(), o.ledger.pass.validate()); err != nil {
		return err
	}
	file, err := readExport(env, name)
	if err != nil {
		return err
	}
	export, err := o.openExport(ctx, env, file)
	if err != nil {
		return fmt.Errorf("import %s: %w", name, err)
	}
	defer clearItems(export.Items)
	if _, err := o.ledger.open(ctx, env); err != nil {
		return err
	}
	store := o.ledger.store
	err = store.View(ctx, func(r rotation.Reader) error { return empty(r) })
	if err != nil {
		return err
	}
	if err := putItems(ctx, store, export.Items); err != nil {
		return fmt.Errorf("import %s: %w", name, err)
	}
	_, err = fmt.Fprintf(env.Stdout, "The ledger of %s, exported on %s, is in %s now: %s read back and compared.\n",
		orNone(export.Machine, "an unknown machine"), export.ExportedAt.Format("2006-01-02"), o.ledger.home.Home, counted(len(export.Items), "item was", "items were"))
	if err == nil && !export.Secrets {
		_, err = fmt.Fprintln(env.Stderr, "note: the export was made without secrets: API keys have to be entered again, and are not recognised by their value")
	}
	return err
}

// readExport reads the file of an export, still encrypted.
func readExport(env *Env, name string) ([]byte, error) {
	path := absolute(env, name)
	info, err := os.Stat(path) // before it is opened: a FIFO would block
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usagef("name the file that keysweep ledger export wrote", "there is no file %s", name)
	case err != nil:
		return nil, fmt.Errorf("read export: %w", err)
	case !info.Mode().IsRegular():
		return nil, usagef("name the file that keysweep ledger export wrote", "%s is no file", name)
	case info.Size() > 2*maxExport:
		return nil, fmt.Errorf("%s is too large for an export: more than %d MB", name, 2*maxExport>>20)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read export: %w", err)
	}
	if _, err := age.ExtractHeader(dearmored(data)); err != nil { // whose text would quote what may be another secret
		return nil, usagef("name the file that keysweep ledger export wrote", "%s is no export of a ledger: it does not begin as an age file does", name)
	}
	return data, nil
}

func orNone(text, none string) string {
	if text == "" {
		return none
	}
	return text
}

// empty refuses a ledger that holds something.
func empty(r rotation.Reader) error {
	names, err := r.List()
	if err != nil || rotation.Empty(names) {
		return err
	}
	return usagef("an export can only go into an empty ledger: see keysweep ledger", "the ledger holds something already")
}

// openExport decrypts an export. On a terminal a passphrase may be mistyped.
func (o *ledgerExportOptions) openExport(ctx context.Context, env *Env, file []byte) (*ledgerExport, error) {
	for try := 1; ; try++ {
		pass, err := o.pass.existing(ctx, env, "Passphrase of the export")
		if err != nil {
			return nil, err
		}
		export, err := unsealExport(ctx, env, file, pass)
		clear(pass)
		if !errors.Is(err, errExportPassphrase) || o.pass.given() || try == ledgerTries {
			return export, err
		}
		if _, err := fmt.Fprintln(env.Stderr, "That does not open the export. Try again."); err != nil {
			return nil, err
		}
	}
}

// dearmored reads age's text form as well as its binary one.
func dearmored(file []byte) io.Reader {
	if text := bytes.TrimSpace(file); bytes.HasPrefix(text, []byte(armor.Header)) {
		return armor.NewReader(bytes.NewReader(text))
	}
	return bytes.NewReader(file)
}
