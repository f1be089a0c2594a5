// Command train fits the weights of package judge to files of labelled lines, and shows how well the scanner does with weights that were fitted to
// other repositories' lines:
//
//	go run ./secretscan/judge/train [-write secretscan/judge/weights.csv] FILE...
//
// The repositories of the first file are dealt into five folds. For each, a model is fitted to the lines of the other four, of all files, and the
// whole scanner with that model looks at the fold's. Beside the result stands that of a model fitted to all lines.
package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"keysweep/secretscan/judge"
	"keysweep/secretscan/labelled"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

// set is a file of labelled lines.
type set struct {
	path     string
	sum      [sha256.Size]byte
	rows     []labelled.Row
	examples []*example
}

// weightsHead is the first line of a file of weights.
const weightsHead = "# Weights of package judge, fitted by keysweep/secretscan/judge/train to:"

// options say what else to show.
type options struct {
	write   string // file for the weights; "" for none
	claims  bool   // show what thresholds do to claims alone
	mistake int    // how many of each kind to list
}

func run(ctx context.Context, args []string, out, errs io.Writer) error {
	var o options
	flags := flag.NewFlagSet("train", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.StringVar(&o.write, "write", "", "`FILE` to write the weights to")
	flags.BoolVar(&o.claims, "claims", false, "show precision and recall of claims alone, by threshold")
	flags.IntVar(&o.mistake, "mistakes", 0, "list up to `N` mistakes of each kind, with their values")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := mayWrite(o.write); err != nil {
		return err
	}
	var sets []set
	for _, path := range flags.Args() {
		s, err := readSet(path)
		if err != nil {
			return err
		}
		sets = append(sets, s)
	}
	if len(sets) == 0 {
		return fmt.Errorf("name a file of labelled lines; its format: docs/detection.md")
	}
	shown := bufio.NewWriter(out)
	return errors.Join(report(ctx, shown, sets, o), shown.Flush())
}

// mayWrite refuses to overwrite a file that holds something else than weights: whoever forgets to name one after -write names the lines.
func mayWrite(path string) error {
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(path)
	if err == nil && !bytes.HasPrefix(text, []byte(weightsHead)) {
		return fmt.Errorf("%s holds no weights and is not overwritten: name the file for them after -write", path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func readSet(path string) (set, error) {
	f, err := os.Open(path)
	if err != nil {
		return set{}, err
	}
	defer f.Close()
	sum := sha256.New()
	rows, err := labelled.Read(io.TeeReader(f, sum))
	if err != nil {
		return set{}, fmt.Errorf("%s: %w", path, err)
	}
	if _, err := io.Copy(sum, f); err != nil {
		return set{}, err
	}
	s := set{path: path, rows: rows, examples: examples(rows)}
	sum.Sum(s.sum[:0])
	return s, nil
}

// report fits and shows, and writes the weights.
func report(ctx context.Context, out *bufio.Writer, sets []set, o options) error {
	fold := folds(sets[0].rows)
	var all []*example
	for i := range sets {
		all = append(all, sets[i].examples...)
	}
	models := make([]*judge.Model, foldCount)
	for k := range models {
		models[k] = fit(all, func(x *example) bool { return fold(x.row) != k })
	}
	whole := fit(all, func(*example) bool { return true })
	for i := range sets {
		if o.claims {
			showThresholds(out, &sets[i], models, fold)
		}
		if err := crossValidate(ctx, out, &sets[i], models, whole, fold, o.mistake); err != nil {
			return err
		}
	}
	if o.write == "" {
		return nil
	}
	return os.WriteFile(o.write, weightsFile(whole, sets), 0o644)
}

// weightsFile returns a model as a file, with the names and sums of what it was fitted to.
func weightsFile(m *judge.Model, sets []set) []byte {
	var text []byte
	text = fmt.Appendln(text, weightsHead)
	for i := range sets {
		text = fmt.Appendf(text, "# %s sha256 %x\n", filepath.Base(sets[i].path), sets[i].sum)
	}
	return append(text, m.String()...)
}
