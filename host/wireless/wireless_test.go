package wireless_test

import (
	"context"
	"strings"
	"testing"

	"keysweep/host"
	"keysweep/host/hosttest"
	"keysweep/host/wireless"
)

// summary lists networks as NAME=SECURITY@FILE:LINE.
func summary(list []wireless.Network) string {
	var all []string
	for _, n := range list {
		text := n.Name + "=" + n.Security + "@" + n.Origin.String()
		if n.Weak() {
			text += "!"
		}
		all = append(all, text)
	}
	return strings.Join(all, " ")
}

func TestLook(t *testing.T) {
	const dir = "/etc/NetworkManager/system-connections/"
	for name, tt := range map[string]struct {
		file, text, want string
	}{
		"open":           {dir + "cafe.nmconnection", "[connection]\nid=cafe\ntype=wifi\n\n[wifi]\nmode=infrastructure\nssid=Cafe\n", "Cafe=@" + dir + "cafe.nmconnection:7!"},
		"wpa":            {dir + "home.nmconnection", "[connection]\ntype=wifi\n[wifi]\nssid=Home\n[wifi-security]\nkey-mgmt=wpa-psk\npsk=withheld\n", "Home=wpa-psk@" + dir + "home.nmconnection:4"},
		"wep":            {dir + "old", "[connection]\ntype=802-11-wireless\n[802-11-wireless]\nssid=Old\n[802-11-wireless-security]\nkey-mgmt=none\n", "Old=WEP@" + dir + "old:4!"},
		"cable":          {dir + "cable.nmconnection", "[connection]\ntype=ethernet\n", ""},
		"supplicant":     {"/etc/wpa_supplicant/w.conf", "ctrl_interface=x\nnetwork={\n ssid=\"Free\"\n key_mgmt=NONE\n}\nnetwork={\n\tssid=\"Home\"\n\tpsk=\"x\"\n}\n", "Free=@/etc/wpa_supplicant/w.conf:2! Home=WPA-PSK@/etc/wpa_supplicant/w.conf:6"},
		"supplicant wep": {"/etc/wpa_supplicant/w.conf", "network = {\n ssid=\"A\"\n key_mgmt=NONE\n wep_key0=1\n}\nnetwork={\n ssid=\"B\"\n key_mgmt=NONE\n disabled=1\n}\n", "A=WEP@/etc/wpa_supplicant/w.conf:1!"},
		"iwd":            {"/var/lib/iwd/Free Wifi.open", "", "Free Wifi=@/var/lib/iwd/Free Wifi.open!"},
		"cut off":        {"/etc/wpa_supplicant/w.conf", "network={\n ssid=\"A\"\n", ""},
	} {
		f := wireless.Look(context.Background(), hosttest.New(map[string]string{tt.file: tt.text, "/sys/class/net/wlan0/wireless/x": "", "/sys/class/net/eth0/x": ""}))
		if got := summary(f.Networks); got != tt.want || f.Err != nil || len(f.Cards) != 1 || f.Cards[0] != "wlan0" {
			t.Errorf("%s: %q, %v, cards %v; want %q", name, got, f.Err, f.Cards, tt.want)
		}
	}
}

func TestActive(t *testing.T) {
	f := wireless.Look(context.Background(), hosttest.New(nil).Program("nmcli -t -f active,ssid,security dev wifi", "no:Other:\nyes:Cafe\\: free:\nyes:Home:WPA2 WPA3\n"))
	if got := summary(f.Active); got != "Cafe: free=@default! Home=WPA2 WPA3@default" {
		t.Errorf("%q", got)
	}
}

func TestWhatIsNotKnown(t *testing.T) {
	m := hosttest.New(map[string]string{"/etc/NetworkManager/system-connections/x": "x"}).Deny("/etc/NetworkManager/system-connections/x")
	if f := wireless.Look(context.Background(), m); f.Err == nil {
		t.Error("a file that cannot be read is passed over")
	}
	if f := wireless.Look(context.Background(), hosttest.New(nil).As(host.Image)); f.CardsErr == nil {
		t.Error("an image has cards")
	}
}

func FuzzLook(f *testing.F) {
	f.Add("[connection]\ntype=wifi\n[wifi]\nssid=x\n", "network={\nssid=\"x\"\n}\n", "yes:a\\:b:WPA2\n")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		wireless.Look(context.Background(), hosttest.New(map[string]string{"/etc/NetworkManager/system-connections/x": a, "/etc/wpa_supplicant/x.conf": b}).
			Program("nmcli -t -f active,ssid,security dev wifi", c))
	})
}
