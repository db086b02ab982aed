// tun: wires that this process carries packets over, by the model.
package kernel

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// device is the name of a host's only device beside loopback, in its namespace.
const device = "wire"

// tunQueue is how many packets a device holds for this process to read: the kernel's
// 500 drops the burst of one large window.
const tunQueue = 10_000

// tun reads the packets that hosts send and writes each to its receiver when it is
// due. Packets for nobody are dropped.
type tun struct {
	start time.Time
	late  *courier

	mu    sync.Mutex // protects what follows
	ports map[netip.Addr]*tunPort
	ways  map[[2]netip.Addr]*tunWay
	rolls uint64
}

// tunPort is a host's device as this process has it.
type tunPort struct{ file *os.File }

// tunWay is the way from one address to another.
type tunWay struct {
	link *network.Link
	dir  network.Direction
	mile *network.LastMile // of the pair
}

func newTun() (wires, error) {
	c, err := newCourier()
	if err != nil {
		return nil, err
	}
	return &tun{start: time.Now(), late: c, ports: map[netip.Addr]*tunPort{}, ways: map[[2]netip.Addr]*tunWay{}}, nil
}

func (t *tun) join(h *Host) error {
	var file *os.File
	err := h.Do(func() (err error) {
		file, err = openTun()
		return err
	})
	if err != nil {
		return fmt.Errorf("a TUN device: %w", err)
	}
	link, err := h.nl.LinkByName(device)
	if err == nil {
		err = h.nl.LinkSetTxQLen(link, tunQueue)
	}
	if err == nil {
		err = h.address(device)
	}
	if err != nil {
		file.Close()
		return err
	}
	t.mu.Lock()
	t.ports[h.Addr] = &tunPort{file}
	t.mu.Unlock()
	go t.read(file) // it ends when the device is closed
	return nil
}

func openTun() (*os.File, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	request, err := unix.NewIfreq(device)
	if err == nil {
		request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		err = unix.IoctlIfreq(fd, unix.TUNSETIFF, request)
	}
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), "tun"), nil
}

func (t *tun) path(from, to *Host, l *network.Link) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	mile := &network.LastMile{}
	t.ways[[2]netip.Addr{from.Addr, to.Addr}] = &tunWay{l, network.Out, mile}
	t.ways[[2]netip.Addr{to.Addr, from.Addr}] = &tunWay{l, network.Back, mile}
	return nil
}

func (t *tun) update(from, to *Host, f func(*network.Link, sim.Time)) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	f(t.ways[[2]netip.Addr{from.Addr, to.Addr}].link, sim.Time(time.Since(t.start)))
	return nil
}

// maxPacket is the largest packet that a device hands over: its MTU is 1,500.
const maxPacket = 2048

func (t *tun) read(file *os.File) {
	buffer := make([]byte, maxPacket)
	for {
		n, err := file.Read(buffer)
		if err != nil {
			return
		}
		t.carry(buffer[:n], sim.Time(time.Since(t.start)))
	}
}

var luckPacket = sim.NewLuck("kernel: packet")

// carry sends a packet on its way.
func (t *tun) carry(packet []byte, now sim.Time) {
	from, to, ok := ends(packet)
	if !ok {
		return
	}
	t.mu.Lock()
	way, port := t.ways[[2]netip.Addr{from, to}], t.ports[to]
	if way == nil || port == nil {
		t.mu.Unlock()
		return
	}
	t.rolls++
	roll := sim.Draw(way.link.Seed, luckPacket, t.rolls, 0)
	due, arrives := way.link.Packet(way.dir, now, len(packet), way.mile, &roll)
	t.mu.Unlock()
	if arrives {
		t.late.send(parcel{due: t.start.Add(time.Duration(due)), data: append([]byte(nil), packet...), to: port.file})
	}
}

// ends reads the addresses of an IPv4 packet (RFC 791 3.1).
func ends(packet []byte) (from, to netip.Addr, ok bool) {
	if len(packet) < 20 || packet[0]>>4 != 4 || int(binary.BigEndian.Uint16(packet[2:])) != len(packet) {
		return from, to, false
	}
	return netip.AddrFrom4([4]byte(packet[12:16])), netip.AddrFrom4([4]byte(packet[16:20])), true
}

func (t *tun) close() {
	t.late.close()
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.ports { // all of them: any order will do
		p.file.Close()
	}
}
