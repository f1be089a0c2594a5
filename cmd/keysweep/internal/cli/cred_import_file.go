package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"keysweep/internal/atomicfile"
	"keysweep/rotation/dotenv"
)

// envFile is a .env file on its way into the ledger.
type envFile struct {
	name string // as the user calls it
	path string // absolute, links followed
	info fs.FileInfo
	data []byte
	file *dotenv.File
	vars []envVar
	left []outside // what the scanner finds outside of variables
}

// outside is something that looks secret and is no variable's value: it stands in a comment, for instance.
type outside struct {
	line  int
	title string
}

// envVar is a variable of the file, with all its assignments.
type envVar struct {
	name   string
	at     []int  // of its assignments
	line   int    // of the last of them, which counts
	value  []byte // of that
	secret string // why it looks secret; "" if it does not
	stays  string // why it cannot be moved; "" if it can
	known  issuer
	move   bool
}

// readEnvFile reads a .env file, and finds out what is secret in it.
func readEnvFile(ctx context.Context, env *Env, name string) (*envFile, error) {
	path, err := filepath.EvalSymlinks(absolute(env, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usagef("name a .env file", "there is no file %s", name)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	e := &envFile{name: name, path: path}
	if e.info, err = os.Stat(path); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if !e.info.Mode().IsRegular() {
		return nil, usagef("name a .env file", "%s is a directory or a device, and no file", name)
	}
	if e.data, err = readEnvData(path); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if e.file, err = dotenv.Parse(e.data); err != nil {
		clear(e.data)
		return nil, usagef("put that right first: nothing was changed", "%s: %w", name, err)
	}
	e.group()
	if err := e.judge(ctx); err != nil {
		e.clear()
		return nil, err
	}
	return e, nil
}

// readEnvData reads the file, but no more than a .env file may have; dotenv.Parse refuses one byte more.
func readEnvData(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, dotenv.MaxSize+1))
}

func (e *envFile) clear() {
	clear(e.data)
	e.file.Clear()
}

// group puts the assignments of each variable together.
func (e *envFile) group() {
	index := map[string]int{}
	for i := range e.file.Assignments {
		a := &e.file.Assignments[i]
		at, seen := index[a.Name]
		if !seen {
			at = len(e.vars)
			index[a.Name] = at
			e.vars = append(e.vars, envVar{name: a.Name})
		}
		v := &e.vars[at]
		v.at, v.line, v.value = append(v.at, i), a.Line, a.Value
	}
}

func (e *envFile) chosen() (chosen []*envVar) {
	for i := range e.vars {
		if e.vars[i].move {
			chosen = append(chosen, &e.vars[i])
		}
	}
	return chosen
}

// rewrite puts references in the place of the values that were moved, if the file is still what was read.
func (e *envFile) rewrite(environment string) error {
	texts := map[int]string{}
	for _, v := range e.chosen() {
		for _, i := range v.at {
			texts[i] = dotenv.Reference{Env: environment, Name: v.name}.String()
		}
	}
	text, err := e.file.Replace(texts)
	if err != nil {
		return fmt.Errorf("%s: %w", e.name, err)
	}
	now, err := readEnvData(e.path)
	defer clear(now)
	if err == nil && !bytes.Equal(now, e.data) {
		err = usagef("run it again: the values that it has moved are in the ledger", "another program has changed it meanwhile")
	}
	if err == nil {
		err = atomicfile.Write(e.path, text, e.info.Mode().Perm())
	}
	if err != nil {
		return fmt.Errorf("%s was left as it was, with the values that the ledger has now: %w", e.name, err)
	}
	clear(e.data)
	e.data = text
	if err := keepOwner(e.path, e.info); err != nil {
		return fmt.Errorf("%s has its references, but another owner: %w", e.name, err)
	}
	return nil
}
