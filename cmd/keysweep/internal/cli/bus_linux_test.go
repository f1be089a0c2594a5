package cli

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"keysweep/internal/testneed"
)

// The library of the keyring opens D-Bus in init functions. These tests run the real program, as what they look at happens before
// main: it rests on the order in which Go initialises packages.

// withoutBus is an environment without a session bus, in which dbus-launch leaves a trace.
func withoutBus(t *testing.T) (environ []string, trace string) {
	t.Helper()
	dir := t.TempDir()
	trace = filepath.Join(dir, "trace")
	launch := fmt.Sprintf("#!/bin/sh\necho \"$@\" >>%s\necho DBUS_SESSION_BUS_ADDRESS=unix:path=/none\n", trace)
	if err := os.WriteFile(filepath.Join(dir, "dbus-launch"), []byte(launch), 0o700); err != nil {
		t.Fatal(err)
	}
	return []string{"PATH=" + dir + ":" + os.Getenv("PATH"), "HOME=" + dir, "XDG_RUNTIME_DIR=" + dir, "GIT_CONFIG_NOSYSTEM=1"}, trace
}

// runProgram runs the program in an empty directory to its end, whatever that is.
func runProgram(t *testing.T, environ []string, args ...string) string {
	t.Helper()
	name := program(t)                                           // to build it may take longer than to run it
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // only a program that hangs takes so long
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = t.TempDir(), environ
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil || ctx.Err() != nil {
		t.Fatalf("%q: %v", args, err)
	}
	return string(out)
}

func TestDBusLaunchIsNeverCalled(t *testing.T) {
	environ, trace := withoutBus(t)
	for _, args := range [][]string{{"--help"}, {"version"}, {"scan"}, {"key", "list", "--no-ledger"}, {"ledger"}, {"rotate-due"}} {
		runProgram(t, environ, args...)
		if called, err := os.ReadFile(trace); err == nil {
			t.Fatalf("%q called dbus-launch %s", args, called)
		}
	}
	// dbus-launch leaves a trace if it is called: else this test shows nothing.
	if err := exec.Command(filepath.Join(filepath.Dir(trace), "dbus-launch")).Run(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(trace); err != nil {
		t.Error(err)
	}
}

func TestGuardComesFirst(t *testing.T) {
	environ, _ := withoutBus(t)
	out := runProgram(t, append(environ, "GODEBUG=inittrace=1"), "version")
	var order []string
	for line := range strings.Lines(out) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "init" {
			order = append(order, fields[1])
		}
	}
	guard, bus, ring := slices.Index(order, "keysweep/internal/keyring/guard"), slices.Index(order, "github.com/godbus/dbus"), slices.Index(order, "github.com/99designs/keyring")
	if guard < 0 || bus < guard || ring < guard {
		t.Errorf("initialised in the order %q", order)
	}
}

// TestSilentBusIsLeftAlone: what needs no keyring does not even connect to the bus, so that it cannot hang there.
func TestSilentBusIsLeftAlone(t *testing.T) {
	environ, _ := withoutBus(t)
	dir, err := os.MkdirTemp("", "bus-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	listener, err := net.Listen("unix", filepath.Join(dir, "bus"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	var connected atomic.Int32
	go func() {
		for {
			if _, err := listener.Accept(); err != nil {
				return
			}
			connected.Add(1) // and never answered
		}
	}()
	for _, where := range []string{"DBUS_SESSION_BUS_ADDRESS=unix:path=" + dir + "/bus", "XDG_RUNTIME_DIR=" + dir} {
		for _, args := range [][]string{{"--help"}, {"version"}, {"scan"}, {"key", "list", "--no-ledger"}} {
			runProgram(t, append(slices.Clone(environ), where), args...)
			if connected.Load() > 0 {
				t.Fatalf("%s: %q connected to the bus", where, args)
			}
		}
	}
}

// TestProgramsSeeTheUsersBus: what keysweep runs gets the environment that keysweep was given.
func TestProgramsSeeTheUsersBus(t *testing.T) {
	git := testneed.Program(t, "git")
	for _, given := range []string{"", "DBUS_SESSION_BUS_ADDRESS=", "DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere", "DBUS_SESSION_BUS_ADDRESS=disabled"} {
		environ, _ := withoutBus(t)
		dir := t.TempDir()
		script := fmt.Sprintf("#!/bin/sh\nenv >%s/seen\nexec %s \"$@\"\n", dir, git)
		if err := os.WriteFile(filepath.Join(dir, "git"), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
		environ = append(environ, "PATH="+dir+":"+os.Getenv("PATH"))
		if given != "" {
			environ = append(environ, given)
		}
		runProgram(t, environ, "scan", "--staged")
		seen, err := os.ReadFile(filepath.Join(dir, "seen"))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for line := range strings.Lines(string(seen)) {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, "DBUS_") || strings.Contains(line, "SESSION_BUS") {
				got = append(got, line)
			}
		}
		if strings.Join(got, " ") != given {
			t.Errorf("given %q, git has %q", given, got)
		}
	}
}
