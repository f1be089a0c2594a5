// Package system finds out what a machine is and how it is kept: its release and kernel, whether it waits for a reboot, how long it has run, where its
// logs go, whether its disks are encrypted, whose hardware it is. It states facts; package policy/audit judges them.
//
// Start at Look.
package system

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"keysweep/host"
)

// Facts are what is known of a machine.
type Facts struct {
	Release    Release
	ReleaseErr error
	Kernel     string // of the running kernel: "6.1.0-37-amd64"; of an image, of the newest one installed
	KernelErr  error
	Container  bool // it runs in a container, whose kernel is another machine's
	Uptime     time.Duration
	UptimeErr  error
	Reboot     Reboot
	Stale      []Stale // processes that should be started again
	StaleErr   error
	Boots      []Boot // the newest first
	BootsErr   error
	Logs       Logs
	Disks      []Disk // what the root and home directories lie on
	DisksErr   error
	Vendor     Vendor
}

// Look finds out about a machine. It does not fail: what could not be had is said in the part that misses it.
func Look(ctx context.Context, s host.Source) *Facts {
	f := &Facts{}
	f.Release, f.ReleaseErr = readRelease(s)
	f.Container = inContainer(s)
	kernels, kernelsErr := installedKernels(s)
	f.Kernel, f.KernelErr = kernel(s, kernels, kernelsErr)
	f.Uptime, f.UptimeErr = uptime(s)
	f.Reboot = reboot(ctx, s, f, kernels, kernelsErr)
	f.Stale, f.StaleErr = stale(s)
	f.Boots, f.BootsErr = boots(ctx, s)
	f.Logs = logs(s)
	f.Disks, f.DisksErr = disks(s)
	f.Vendor = vendor(s)
	return f
}

// Release is what os-release(5) says.
type Release struct {
	ID      string // "debian"
	Like    []string
	Version string // VERSION_ID: "12"; "" for those that have none, as Debian's testing
	Pretty  string // "Debian GNU/Linux 12 (bookworm)"
	Variant string // VARIANT_ID or IMAGE_ID
	Path    string // the file
}

func readRelease(s host.Source) (r Release, err error) {
	var f *host.File
	for _, name := range []string{"/etc/os-release", "/usr/lib/os-release"} {
		if f, err = s.Read(name); err == nil {
			r.Path = name
			break
		}
		if !host.Missing(err) {
			return r, err
		}
	}
	if err != nil {
		return r, err
	}
	values := map[string]string{}
	for line := range strings.Lines(string(f.Data)) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if ok && !strings.HasPrefix(key, "#") && len(value) < 1000 {
			values[key] = unquoted(value)
		}
	}
	r.ID, r.Version, r.Pretty = strings.ToLower(values["ID"]), values["VERSION_ID"], values["PRETTY_NAME"]
	r.Like = strings.Fields(strings.ToLower(values["ID_LIKE"]))
	r.Variant = values["VARIANT_ID"]
	if r.Variant == "" {
		r.Variant = values["IMAGE_ID"]
	}
	if r.ID == "" {
		return r, fmt.Errorf("%s does not say what system it is", r.Path)
	}
	return r, nil
}

// unquoted takes the quotes of a shell away.
func unquoted(value string) string {
	if n := len(value); n >= 2 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
		value = value[1 : n-1]
	}
	return strings.ReplaceAll(value, `\`, "")
}

// inContainer reports whether files say that it is one: those that systemd, Docker and Podman leave.
func inContainer(s host.Source) bool {
	for _, name := range []string{"/run/systemd/container", "/.dockerenv", "/run/.containerenv"} {
		if _, err := s.Stat(name); err == nil {
			return true
		}
	}
	return false
}

func uptime(s host.Source) (time.Duration, error) {
	text, err := word(s, "/proc/uptime")
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(text, " ")
	seconds, err := strconv.ParseFloat(first, 64)
	if err != nil || seconds < 0 || seconds > 1e9 {
		return 0, fmt.Errorf("/proc/uptime holds no seconds")
	}
	return time.Duration(seconds) * time.Second, nil
}

// word reads a short file without the white space around it.
func word(s host.Source, name string) (string, error) {
	f, err := s.Read(name)
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(f.Data[:min(len(f.Data), 4096)])), nil
}

// Vendor is whose machine it is, as far as the hardware and cloud-init say. Empty fields are not known.
type Vendor struct {
	System  string // of the hardware: "QEMU", "Amazon EC2", "DigitalOcean"
	Product string
	Cloud   string // as cloud-init names it: "aws", "hetzner"
	Region  string
	Err     error // why nothing is known
}

func vendor(s host.Source) (v Vendor) {
	var errs [2]error
	v.System, errs[0] = word(s, "/sys/class/dmi/id/sys_vendor")
	v.Product, _ = word(s, "/sys/class/dmi/id/product_name")
	v.Cloud, errs[1] = word(s, "/run/cloud-init/cloud-id")
	if f, err := s.Read("/run/cloud-init/instance-data.json"); err == nil {
		v.Cloud, v.Region = instanceData(f.Data, v.Cloud)
	}
	if v.System == "" && v.Cloud == "" {
		switch {
		case !host.Missing(errs[0]):
			v.Err = errs[0]
		case !host.Missing(errs[1]):
			v.Err = errs[1]
		default:
			v.Err = errors.New("neither the hardware nor cloud-init says it")
		}
	}
	return v
}
