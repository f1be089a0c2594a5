package system

import (
	"strings"
	"time"
)

// EndsAsOf is when the table of ends was last brought up to date.
const EndsAsOf = "2026-08-22"

// EndsSource says where the table comes from: Debian and Ubuntu from Debian's package distro-info-data (of Debian the end of its long term support, of
// Ubuntu of the standard support that needs no subscription), the others from endoflife.date, which cites the makers' pages.
const EndsSource = "distro-info-data 0.58, endoflife.date"

// ends are the last days with security updates: ID and VERSION_ID of os-release(5), and the day.
const ends = `
debian 8 2020-06-30
debian 9 2022-06-30
debian 10 2024-06-30
debian 11 2026-08-31
debian 12 2028-06-30
debian 13 2030-06-30
ubuntu 14.04 2019-04-25
ubuntu 16.04 2021-04-30
ubuntu 18.04 2023-05-31
ubuntu 20.04 2025-05-31
ubuntu 21.04 2022-01-20
ubuntu 21.10 2022-07-14
ubuntu 22.04 2027-06-01
ubuntu 22.10 2023-07-20
ubuntu 23.04 2024-01-25
ubuntu 23.10 2024-07-11
ubuntu 24.04 2029-05-31
ubuntu 24.10 2025-07-10
ubuntu 25.04 2026-01-15
ubuntu 25.10 2026-07-09
ubuntu 26.04 2031-05-29
ubuntu 26.10 2027-07-15
rhel 6 2020-11-30
rhel 7 2024-06-30
rhel 8 2029-05-31
rhel 9 2032-05-31
rhel 10 2035-05-31
centos 6 2020-11-30
centos 7 2024-06-30
centos 8 2021-12-31
centos-stream 8 2024-05-31
centos-stream 9 2027-05-31
centos-stream 10 2030-05-31
rocky 8 2029-05-31
rocky 9 2032-05-31
rocky 10 2035-05-31
almalinux 8 2029-05-31
almalinux 9 2032-05-31
almalinux 10 2035-05-31
ol 6 2021-03-31
ol 7 2024-12-31
ol 8 2029-07-31
ol 9 2032-06-30
fedora 37 2023-12-05
fedora 38 2024-05-21
fedora 39 2024-11-26
fedora 40 2025-05-13
fedora 41 2025-12-15
fedora 42 2026-05-27
fedora 43 2026-12-09
fedora 44 2027-06-02
amzn 2018.03 2023-12-31
amzn 2 2026-06-30
amzn 2023 2029-06-30
alpine 3.15 2023-11-01
alpine 3.16 2024-05-23
alpine 3.17 2024-11-22
alpine 3.18 2025-05-09
alpine 3.19 2025-11-01
alpine 3.20 2026-04-01
alpine 3.21 2026-11-01
alpine 3.22 2027-05-01
alpine 3.23 2027-11-01
alpine 3.24 2028-06-01
opensuse-leap 15.4 2023-12-07
opensuse-leap 15.5 2024-12-31
opensuse-leap 15.6 2026-04-30
opensuse-leap 16.0 2027-10-31
sles 12.5 2024-10-31
sles 15.4 2023-12-31
sles 15.5 2024-12-31
sles 15.6 2025-12-31
sles 15.7 2031-07-31
`

// End is the last day on which a release gets security updates; known is false if the table does not hold it.
func (r Release) End() (day time.Time, known bool) {
	id, version := r.ID, r.Version
	if id == "centos" && strings.Contains(r.Pretty, "Stream") {
		id = "centos-stream"
	}
	for line := range strings.Lines(strings.TrimSpace(ends)) {
		words := strings.Fields(line)
		if words[0] != id || !covers(words[1], version) {
			continue
		}
		day, err := time.Parse(time.DateOnly, words[2])
		return day, err == nil
	}
	return time.Time{}, false
}

// covers reports whether a version is that of an entry, or a smaller release of it: 9.4 of 9, 3.20.1 of 3.20.
func covers(entry, version string) bool {
	return version == entry || strings.HasPrefix(version, entry+".")
}
