package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"filippo.io/age"
	"github.com/spf13/cobra"

	"keysweep/keys/backup"
	"keysweep/rotation"
)

// ledgerExportSchema names the content of an export.
const ledgerExportSchema = "keysweep.ledger-export/v1"

// ledgerExport is what an export holds, encrypted.
type ledgerExport struct {
	Schema     string       `json:"schema"`
	Ledger     string       `json:"ledger"` // its id in the home that it comes from
	Machine    string       `json:"machine"`
	ExportedAt time.Time    `json:"exported_at"`
	Secrets    bool         `json:"secrets"` // false: secrets were left out
	Items      []storedItem `json:"items"`
}

// maxExport is the largest export that is read, in bytes: a hundred thousand items.
const maxExport = 512 << 20

// ledgerExportOptions are what a user asks ledger export and ledger import for.
type ledgerExportOptions struct {
	ledger    ledgerOptions
	pass      passphraseOptions
	noSecrets bool
	work      int
}

func newLedgerExportCommand(env *Env) *cobra.Command {
	o := &ledgerExportOptions{}
	c := &cobra.Command{
		Use:   "export FILE",
		Short: "Write all of the ledger into one encrypted file",
		Long: "Writes every item of the ledger, secrets too, into a new file (mode 0600) that is encrypted with age to a passphrase of its own:\n" +
			"a backup, or the way to another machine. Any age program opens it; the content is JSON. Nothing is overwritten.",
		Example: `  keysweep ledger export /media/usb/ledger.age
  keysweep ledger export ledger.age --no-secrets          records and tombstones only
  keysweep ledger import /media/usb/ledger.age            into an empty ledger`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return runLedgerExport(c.Context(), env, o, args[0]) },
	}
	f := c.Flags()
	f.BoolVar(&o.noSecrets, "no-secrets", false, "leave secrets out, and the keys that the ledger keeps for itself")
	f.IntVar(&o.work, "work-factor", backup.DefaultWork, fmt.Sprintf("scrypt's cost as a power of two, %d to %d: 18 takes a second and 256 MiB", backup.MinWork, backup.MaxWork))
	o.pass.addFlags(f, "export-", "the export's passphrase")
	o.pass.addGenerateFlag(f)
	o.ledger.addPassphraseFlags(f)
	return c
}

func runLedgerExport(ctx context.Context, env *Env, o *ledgerExportOptions, name string) error {
	if err := errors.Join(o.pass.validate(), o.ledger.pass.validate()); err != nil {
		return err
	}
	if o.work < backup.MinWork || o.work > backup.MaxWork {
		return usagef("18 is what age uses", "--work-factor %d: it must be %d to %d", o.work, backup.MinWork, backup.MaxWork)
	}
	path, err := newFile(env, name)
	if err != nil {
		return err
	}
	o.ledger.onlyLook = true
	ledger, err := o.ledger.existing(ctx, env)
	if err != nil {
		return err
	}
	if ledger == nil {
		return errNoLedger()
	}
	export, err := o.take(ctx, env)
	if err != nil {
		return err
	}
	defer clearItems(export.Items)
	sealed, err := o.seal(ctx, env, export)
	if err != nil {
		return err
	}
	if err := (&madeBackup{data: sealed}).write(path); err != nil {
		return err
	}
	what := "secrets included"
	if o.noSecrets {
		what = "without secrets"
	}
	_, err = fmt.Fprintf(env.Stdout, "The ledger is in %s: %s, %s, encrypted with a passphrase of its own.\n", name, counted(len(export.Items), "item", "items"), what)
	return err
}

// newFile returns the path of a file that is to be made.
func newFile(env *Env, name string) (string, error) {
	if name == "-" {
		return "", usagef("name a file", "an export is not written to standard output")
	}
	path := absolute(env, name)
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return "", usagef("make it first, or mount what it is on", "there is no directory %s", filepath.Dir(path))
	}
	if _, err := os.Lstat(path); err == nil {
		return "", usagef("choose another name", "%s is there already, and is never overwritten", name)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("look at %s: %w", name, err)
	}
	return path, nil
}

// take reads the ledger.
func (o *ledgerExportOptions) take(ctx context.Context, env *Env) (*ledgerExport, error) {
	export := &ledgerExport{Schema: ledgerExportSchema, Ledger: o.ledger.home.Ledger, Machine: env.Hostname, ExportedAt: whole(env), Secrets: !o.noSecrets}
	err := o.ledger.store.View(ctx, func(r rotation.Reader) (err error) {
		export.Items, err = readItems(r)
		return err
	})
	if err == nil && o.noSecrets {
		export.Items = slices.DeleteFunc(export.Items, func(i storedItem) bool {
			if rotation.Public(i.Name) {
				return false
			}
			clear(i.Data)
			return true
		})
	}
	return export, err
}

// seal encrypts an export, and proves that it opens again.
func (o *ledgerExportOptions) seal(ctx context.Context, env *Env, export *ledgerExport) ([]byte, error) {
	pass, err := o.pass.fresh(ctx, env, freshQuestion{
		Prompt: "New passphrase for the export", Known: []string{"keysweep", "ledger", "export", env.LoginName(), env.Hostname},
		Instead: "let it be made for you: --generate-passphrase"})
	if err != nil {
		return nil, err
	}
	defer clear(pass)
	to, err := backup.ToPassphrase(pass, o.work)
	if err != nil {
		return nil, err
	}
	plain, err := json.Marshal(export)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	sealed, err := waiting(ctx, env, "Encrypting the ledger", func() ([]byte, error) { return backup.Seal(bytes.Clone(plain), to) })
	if err != nil {
		return nil, fmt.Errorf("encrypt the export: %w", err)
	}
	return backup.Armor(sealed), nil
}

// errExportPassphrase says that an export does not open with the passphrase.
var errExportPassphrase = errors.New("wrong passphrase for the export")

// unsealExport decrypts an export. The wrong passphrase is errExportPassphrase.
func unsealExport(ctx context.Context, env *Env, file, pass []byte) (*ledgerExport, error) {
	id, err := backup.ByPassphrase(pass)
	if err != nil {
		return nil, err
	}
	plain, err := waiting(ctx, env, "Opening the export", func() ([]byte, error) { return decryptExport(file, id) })
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	return parseExport(plain)
}

func decryptExport(file []byte, id age.Identity) ([]byte, error) {
	r, err := age.Decrypt(dearmored(file), id)
	var mismatch *age.NoIdentityMatchError
	if errors.As(err, &mismatch) {
		return nil, errExportPassphrase
	}
	if err != nil {
		return nil, fmt.Errorf("it is no export of a ledger, or damaged: %w", err)
	}
	plain, err := io.ReadAll(io.LimitReader(r, maxExport+1))
	if err == nil && len(plain) > maxExport {
		err = fmt.Errorf("it holds more than %d MB", maxExport>>20)
	}
	if err != nil {
		clear(plain)
		return nil, fmt.Errorf("the export is damaged: %w", err)
	}
	return plain, nil
}

// parseExport reads the content of an export.
func parseExport(plain []byte) (*ledgerExport, error) {
	var e ledgerExport
	if err := json.Unmarshal(plain, &e); err != nil {
		return nil, errors.New("it opens, but its content is no export of a ledger")
	}
	if e.Schema != ledgerExportSchema {
		return nil, fmt.Errorf("its content is %.60q, and this version knows %s", e.Schema, ledgerExportSchema)
	}
	slices.SortFunc(e.Items, func(a, b storedItem) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
	for i := range e.Items {
		if i > 0 && e.Items[i].Name == e.Items[i-1].Name {
			return nil, fmt.Errorf("it holds the item %.80q twice", e.Items[i].Name)
		}
	}
	return &e, nil
}
