//go:build unix

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
)

// record is a file with what was measured: a line of JSON that says what of, then one for each round.
type record struct{ file *os.File }

// openRecord returns the rounds that are in the plan's file, if they are of the same commands, and the file open at its end. A line
// that an interruption cut off is dropped. Without a file there are none, and nothing is kept.
func openRecord(p plan) (*record, [][]sample, error) {
	if p.keep == "" {
		return &record{}, nil, nil
	}
	var argvs [][]string
	for _, c := range p.commands {
		argvs = append(argvs, c.argv)
	}
	head, err := json.Marshal(map[string]any{"dir": p.dir, "before": p.before, "commands": argvs})
	if err != nil {
		return nil, nil, err
	}
	data, err := os.ReadFile(p.keep)
	if err != nil && !os.IsNotExist(err) {
		return nil, nil, err
	}
	good, rounds := parseRecord(data, head, len(p.commands))
	if good == nil {
		good = append(head, '\n')
	}
	if err := os.WriteFile(p.keep, good, 0o644); err != nil {
		return nil, nil, err
	}
	file, err := os.OpenFile(p.keep, os.O_APPEND|os.O_WRONLY, 0)
	return &record{file}, rounds[:min(len(rounds), p.rounds)], err
}

// parseRecord returns the lines that are whole, and the rounds in them; nil if they are of something else.
func parseRecord(data, head []byte, commands int) (good []byte, rounds [][]sample) {
	rest, ok := bytes.CutPrefix(data, append(head, '\n'))
	if !ok {
		return nil, nil
	}
	good = data[:len(data)-len(rest)]
	lines := bufio.NewScanner(bytes.NewReader(rest))
	for lines.Scan() {
		var round []sample
		if json.Unmarshal(lines.Bytes(), &round) != nil || len(round) != commands {
			break
		}
		good, rounds = data[:len(good)+len(lines.Bytes())+1], append(rounds, round)
	}
	return good, rounds
}

func (r *record) add(round []sample) error {
	if r.file == nil {
		return nil
	}
	line, err := json.Marshal(round)
	if err != nil {
		return err
	}
	if _, err := r.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("keep what was measured: %w", err)
	}
	return nil
}

func (r *record) close() error {
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}
