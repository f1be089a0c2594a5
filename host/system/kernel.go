package system

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"keysweep/host"
)

// installedKernels returns the kernels that could be started: those with an image in /boot, or beside their modules.
func installedKernels(s host.Source) (list []string, err error) {
	known := false
	for _, dir := range []string{"/usr/lib/modules", "/lib/modules"} {
		entries, err := s.List(dir)
		if host.Missing(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		known = true
		for _, e := range entries {
			if e.Mode.IsDir() && bootable(s, dir, e.Name) && !slices.Contains(list, e.Name) {
				list = append(list, e.Name)
			}
		}
	}
	if !known {
		_, err = s.List("/lib/modules")
		return nil, err
	}
	slices.SortFunc(list, CompareVersions)
	return list, nil
}

func bootable(s host.Source, dir, version string) bool {
	for _, name := range []string{"/boot/vmlinuz-" + version, "/boot/vmlinux-" + version, path.Join(dir, version, "vmlinuz")} {
		if _, err := s.Lstat(name); err == nil {
			return true
		}
	}
	return false
}

// kernel is the version of the running kernel; of an image, of the newest one.
func kernel(s host.Source, installed []string, installedErr error) (string, error) {
	if s.Kind() != host.Image {
		return word(s, "/proc/sys/kernel/osrelease")
	}
	if installedErr != nil {
		return "", installedErr
	}
	if len(installed) == 0 {
		return "", fmt.Errorf("no kernel is installed: %w", host.ErrNotRun)
	}
	return installed[len(installed)-1], nil
}

// CompareVersions orders versions as people read them: numbers by their value, everything else by its letters. A version that goes on is newer.
func CompareVersions(a, b string) int {
	for a != "" && b != "" {
		x, restA := chunk(a)
		y, restB := chunk(b)
		if c := compareChunks(x, y); c != 0 {
			return c
		}
		a, b = restA, restB
	}
	return cmp.Compare(len(a), len(b))
}

func compareChunks(x, y string) int {
	if digit(x[0]) && digit(y[0]) {
		x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
		return cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(x, y))
	}
	return strings.Compare(x, y)
}

// chunk cuts the digits, or all else, off the beginning.
func chunk(text string) (first, rest string) {
	n := 1
	for n < len(text) && digit(text[n]) == digit(text[0]) {
		n++
	}
	return text[:n], text[n:]
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// KernelNumbers returns the first two numbers of a kernel's version: 6 and 1 of "6.1.0-37-amd64".
func KernelNumbers(version string) (major, minor int, ok bool) {
	first, rest, found := strings.Cut(version, ".")
	end := 0
	for end < len(rest) && digit(rest[end]) {
		end++
	}
	major, err1 := strconv.Atoi(first)
	minor, err2 := strconv.Atoi(rest[:end])
	return major, minor, found && err1 == nil && err2 == nil
}

// flavour is what kernels that replace each other have in common: "cloud-amd64" of "6.1.0-37-cloud-amd64".
func flavour(version string) string {
	var words []string
	for word := range strings.SplitSeq(version, "-") {
		if word != "" && !digit(word[0]) && !strings.ContainsAny(word, ".+") {
			words = append(words, word)
		}
	}
	return strings.Join(words, "-")
}

// Reboot is what says that the machine waits for a reboot.
type Reboot struct {
	Asked    bool     // a package asks for it: /run/reboot-required is there
	Packages []string // which ones
	AskedErr error
	Newer    string // a kernel that is installed and newer than the running one; "" if there is none
	NewerErr error  // why that is not known
	Needs    string // what needrestart or needs-restarting says, if it is there: "a newer kernel is installed"
	Checked  bool   // one of them was asked
}

func reboot(ctx context.Context, s host.Source, f *Facts, kernels []string, kernelsErr error) (r Reboot) {
	r.flag(s)
	switch {
	case s.Kind() == host.Image:
		r.NewerErr = host.ErrNotRun
	case f.KernelErr != nil:
		r.NewerErr = f.KernelErr
	case kernelsErr != nil:
		r.NewerErr = kernelsErr
	case !slices.Contains(kernels, f.Kernel):
		r.NewerErr = fmt.Errorf("the running kernel %s is none of those that are installed: %w", f.Kernel, host.ErrNotCollected)
	default:
		for _, k := range kernels {
			if flavour(k) == flavour(f.Kernel) && CompareVersions(k, f.Kernel) > 0 {
				r.Newer = k
			}
		}
	}
	r.ask(ctx, s)
	return r
}

// flag looks for the file that packages of Debian and Ubuntu leave. That it is not there proves nothing: only some packages bring what writes it.
func (r *Reboot) flag(s host.Source) {
	const name = "/run/reboot-required"
	_, err := s.Stat(name)
	if err != nil {
		if !host.Missing(err) {
			r.AskedErr = err
		}
		return
	}
	r.Asked = true
	f, err := s.Read(name + ".pkgs")
	if err != nil { // it only says which packages ask
		return
	}
	for line := range strings.Lines(string(f.Data)) {
		if p := strings.TrimSpace(line); p != "" && len(r.Packages) < 100 && !slices.Contains(r.Packages, p) {
			r.Packages = append(r.Packages, p)
		}
	}
}

// ask has needrestart(1) or needs-restarting(1) say it: NEEDRESTART-KSTA 2 and 3 mean that a newer kernel waits; the other's exit code is 1.
func (r *Reboot) ask(ctx context.Context, s host.Source) {
	if out, err := s.Run(ctx, "needrestart", "-b"); err == nil {
		for line := range strings.Lines(string(out.Stdout)) {
			if key, value, _ := strings.Cut(strings.TrimSpace(line), ":"); key == "NEEDRESTART-KSTA" {
				state := strings.TrimSpace(value)
				r.Checked = state == "1" || state == "2" || state == "3"
				if state == "2" || state == "3" {
					r.Needs = "needrestart: a newer kernel is installed"
				}
			}
		}
	}
	if out, err := s.Run(ctx, "needs-restarting", "-r"); err == nil && (out.Exit == 0 || out.Exit == 1) {
		r.Checked = true
		if out.Exit == 1 {
			r.Needs = "needs-restarting: core packages were updated"
		}
	}
}
