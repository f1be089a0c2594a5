//go:build !linux

package keyctl

import "time"

// Usable fails with ErrSystem.
func Usable() error { return ErrSystem }

// Set fails with ErrSystem.
func Set(string, []byte, time.Duration) error { return ErrSystem }

// Get fails with ErrNone: nothing was ever kept.
func Get(string) ([]byte, error) { return nil, ErrNone }

// Remove fails with ErrSystem.
func Remove(string) (int, error) { return 0, ErrSystem }
