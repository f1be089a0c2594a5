//go:build !unix

package odb

import (
	"io"
	"os"
)

// mapMemory reads the file: mapping it would need unsafe here.
func mapMemory(f *os.File, size int) ([]byte, func() error, error) {
	data := make([]byte, size)
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, nil, err
	}
	return data, nil, nil
}
