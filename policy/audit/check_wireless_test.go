package audit_test

import (
	"testing"

	"keysweep/host/hosttest"
	"keysweep/policy/audit"
)

func TestWirelessChecks(t *testing.T) {
	const dir, card = "/etc/NetworkManager/system-connections/", "/sys/class/net/wlan0/wireless/"
	const open, safe = "[connection]\ntype=wifi\n[wifi]\nssid=Cafe\n", "[connection]\ntype=wifi\n[wifi]\nssid=Home\n[wifi-security]\nkey-mgmt=sae\n"
	for name, tt := range map[string]struct {
		machine *hosttest.Machine
		want    string
	}{
		"safe":    {hosttest.New(map[string]string{dir + "a": safe, card: ""}), "pass"},
		"none":    {hosttest.New(map[string]string{card: ""}), "pass"},
		"open":    {hosttest.New(map[string]string{dir + "a": safe, dir + "b": open, card: ""}), "fail medium Cafe"},
		"wep":     {hosttest.New(map[string]string{"/etc/wpa_supplicant/a.conf": "network={\nssid=\"W\"\nkey_mgmt=NONE\nwep_key0=1\n}\n", card: ""}), "fail medium W"},
		"in use":  {hosttest.New(map[string]string{dir + "b": open, card: ""}).Program("nmcli -t -f active,ssid,security dev wifi", "yes:Cafe:\n"), "fail medium Cafe"},
		"no card": {hosttest.New(map[string]string{"/sys/class/net/eth0/": ""}), "not-applicable"},
		"denied":  {hosttest.New(map[string]string{dir + "a": safe, card: ""}).Deny(dir + "a"), "unknown"},
	} {
		if got := outcome(t, tt.machine, audit.Baseline(), "net.open-wifi"); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
