package listen_test

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"testing"
	"time"

	"keysweep/host"
	"keysweep/host/hosttest"
	"keysweep/host/listen"
	"keysweep/host/live"
)

const head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"

func line(at, state string, uid, inode int) string {
	return fmt.Sprintf("   0: %s 00000000:0000 %s 00000000:00000000 00:00000000 00000000  %4d        0 %d 1 0000000000000000 100 0 0 10 0\n", at, state, uid, inode)
}

func TestLook(t *testing.T) {
	m := hosttest.New(map[string]string{
		"/proc/net/tcp": head + line("00000000:1538", "0A", 105, 11) + line("0100007F:0CEA", "0A", 0, 12) + line("0101A8C0:A001", "01", 0, 13),
		"/proc/net/tcp6": head + line("00000000000000000000000000000000:07E8", "0A", 0, 14) + line("B80D0120000000000000000001000000:0050", "0A", 0, 15) +
			line("00000000000000000000000000000000:1538", "0A", 105, 16),
		"/proc/net/udp": head + line("00000000:0044", "07", 0, 17), "/proc/sys/net/ipv6/bindv6only": "0\n",
		"/proc/812/comm": "postgres\n", "/proc/812/cgroup": "0::/system.slice/system-postgresql.slice/postgresql@15-main.service\n",
		"/proc/99/comm": "sshd\n", "/proc/99/cgroup": "1:name=systemd:/system.slice/ssh.service\n2:cpu:/\n",
	}).Link("/proc/812/fd/5", "socket:[11]").Link("/proc/812/fd/6", "socket:[16]").Link("/proc/99/fd/3", "socket:[14]").Link("/proc/99/fd/4", "/dev/null").
		Link("/proc/99/ns/net", "net:[1]").Link("/proc/812/ns/net", "net:[2]")
	got := listen.Look(m)
	want := []string{
		"[2001:db8::1]:80/tcp", "[::]:2024/tcp (sshd, pid 99) ssh.service both", "127.0.0.1:3306/tcp loopback", "0.0.0.0:5432/tcp (postgres, pid 812) postgresql@15-main.service",
		"[::]:5432/tcp (postgres, pid 812) postgresql@15-main.service", "0.0.0.0:68/udp",
	}
	if got.Err != nil || got.Networks != 1 || len(got.Listeners) != len(want) {
		t.Fatalf("Look = %+v", got)
	}
	for i, l := range got.Listeners {
		text := l.String()
		for _, more := range []string{l.Unit, map[bool]string{true: "both"}[l.Both], map[bool]string{true: "loopback"}[l.Loopback()]} {
			if more != "" {
				text += " " + more
			}
		}
		if text != want[i] {
			t.Errorf("listener %d is %q, want %q", i, text, want[i])
		}
	}
}

func TestWhatIsNotKnown(t *testing.T) {
	if got := listen.Look(hosttest.New(nil).As(host.Image)); !errors.Is(got.Err, host.ErrNotRun) {
		t.Errorf("of an image: %v", got.Err)
	}
	if got := listen.Look(hosttest.New(nil).NotCollected("/proc/net/tcp").File("/proc/net/udp", head)); !errors.Is(got.Err, host.ErrNotCollected) {
		t.Errorf("not collected: %v", got.Err)
	}
	m := hosttest.New(map[string]string{"/proc/net/tcp": head + line("00000000:1538", "0A", 105, 11), "/proc/net/udp": head, "/proc/1/comm": "x"}).Dir("/proc/1/fd").Deny("/proc/1/fd")
	if got := listen.Look(m); got.Err != nil || got.Owners == nil || len(got.Listeners) != 1 || !got.Listeners[0].Both == got.Listeners[0].At.Addr().Is6() {
		t.Errorf("without rights: %+v", got)
	}
	for _, bad := range []string{"x\n", line("00000000:153800", "0A", 0, 1), line("zz000000:1538", "0A", 0, 1), line("0000:1538", "0A", 0, 1)} {
		if got := listen.Look(hosttest.New(map[string]string{"/proc/net/tcp": head + bad, "/proc/net/udp": head})); got.Err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// TestRealListeners opens sockets and looks for them.
func TestRealListeners(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("machines of other systems are not looked at")
	}
	four, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = four.Close() }()
	udp, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = udp.Close() }()
	got := listen.Look(live.New(live.Options{Now: time.Now}))
	for protocol, at := range map[string]string{"tcp": four.Addr().String(), "udp": udp.LocalAddr().String()} {
		found := false
		for _, l := range got.Listeners {
			if l.Protocol == protocol && l.At == netip.MustParseAddrPort(at) {
				found = true
				if l.PID != os.Getpid() || l.UID != os.Getuid() || l.Command == "" || !l.Loopback() {
					t.Errorf("%s %s: %+v", protocol, at, l)
				}
			}
		}
		if !found {
			t.Errorf("%s %s is not found (%v)", protocol, at, got.Err)
		}
	}
}

func TestOpenings(t *testing.T) {
	const passwd = "root:x:0:0::/root:/bin/sh\nflux:x:1000:1000::/home/flux:/bin/bash\nnobody:x:1:1::/:/no\n"
	unit := func(command string) string { return "[Service]\nUser=x\nExecStart=" + command + "\n" }
	for name, tt := range map[string]struct{ file, text, want string }{
		"flux":            {"/home/flux/.flux/flux.conf", "rpcuser=x\nrpcallowip=127.0.0.1\n rpcallowip = 0.0.0.0/0 # all\n", "rpcallowip=0.0.0.0/0 of flux.conf at /home/flux/.flux/flux.conf:3"},
		"bitcoin, mask":   {"/root/.bitcoin/bitcoin.conf", "rpcallowip=0.0.0.0/0.0.0.0\n", "rpcallowip=0.0.0.0/0.0.0.0 of bitcoin.conf at /root/.bitcoin/bitcoin.conf:1"},
		"bitcoin, IPv6":   {"/etc/bitcoin/bitcoin.conf", "rpcallowip=::/0\n", "rpcallowip=::/0 of bitcoin.conf at /etc/bitcoin/bitcoin.conf:1"},
		"bitcoin, closed": {"/etc/bitcoin/bitcoin.conf", "#rpcallowip=0.0.0.0/0\nrpcallowip=10.0.0.0/8\nrpcbind=0.0.0.0\n", ""},
		"geth":            {"/etc/systemd/system/geth.service", unit("/usr/bin/geth --http --http.addr 0.0.0.0 --ws.addr=127.0.0.1"), "--http.addr 0.0.0.0 of geth.service at /etc/systemd/system/geth.service:3"},
		"geth, on lines":  {"/etc/systemd/system/geth.service", unit("/usr/bin/geth --http \\\n --ws.addr=:: \\\n --x"), "--ws.addr=:: of geth.service at /etc/systemd/system/geth.service:4"},
		"geth, closed":    {"/etc/systemd/system/geth.service", unit("/usr/bin/geth --http --http.addr localhost") + "#ExecStart=/usr/bin/geth --http.addr 0.0.0.0\n", ""},
		"substrate":       {"/etc/systemd/system/dot.service", unit("/usr/bin/polkadot --unsafe-rpc-external"), "--unsafe-rpc-external of dot.service at /etc/systemd/system/dot.service:3"},
		"tendermint":      {"/etc/systemd/system/t.service", unit("gaiad start --rpc.laddr tcp://0.0.0.0:26657"), "--rpc.laddr tcp://0.0.0.0:26657 of t.service at /etc/systemd/system/t.service:3"},
		"bitcoind":        {"/etc/systemd/system/b.service", unit("bitcoind -rpcallowip=0.0.0.0/0"), "-rpcallowip=0.0.0.0/0 of b.service at /etc/systemd/system/b.service:3"},
	} {
		found := listen.Look(hosttest.New(map[string]string{"/etc/passwd": passwd, tt.file: tt.text}).As(host.Image))
		got := ""
		for _, o := range found.Openings {
			got += o.Setting + " of " + o.Node + " at " + o.Origin.String()
		}
		if got != tt.want || found.NodesErr != nil {
			t.Errorf("%s: %q, %v; want %q", name, got, found.NodesErr, tt.want)
		}
	}
	denied := hosttest.New(map[string]string{"/etc/passwd": passwd, "/root/.bitcoin/bitcoin.conf": ""}).Deny("/root/.bitcoin/bitcoin.conf")
	if found := listen.Look(denied); found.NodesErr == nil {
		t.Error("a file that cannot be read is passed over")
	}
}

func FuzzLook(f *testing.F) {
	f.Add(head+line("00000000:1538", "0A", 105, 11), "0::/a.service")
	f.Fuzz(func(t *testing.T, table, group string) {
		m := hosttest.New(map[string]string{"/proc/net/tcp": table, "/proc/net/udp": table, "/proc/net/tcp6": table, "/proc/1/cgroup": group, "/proc/1/comm": "x", "/etc/systemd/system/a.service": table, "/etc/bitcoin/bitcoin.conf": group}).Link("/proc/1/fd/3", "socket:[11]")
		for _, l := range listen.Look(m).Listeners {
			if !l.At.IsValid() {
				t.Errorf("%+v", l)
			}
		}
	})
}
