// Calibrate: what an exchange over loopback costs without any delay.
package fabric

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"slices"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

const (
	// calibrations is how many exchanges are timed, and calibrationGap is the time
	// between two: the pace at which links are mostly used. An idle core takes twice
	// as long to wake, a busy one less; what is measured lies between.
	calibrations   = 150
	calibrationGap = 2 * time.Millisecond
	calibrationRTT = 4 * time.Millisecond
	// mostBase bounds what is taken off: more is no cost but a machine that has no time
	// to be measured.
	mostBase = 2 * time.Millisecond
	// calibrationTime is when it gives up.
	calibrationTime = 5 * time.Second
)

// Calibrate measures what an exchange takes beyond its round-trip time when it
// passes through a relay on this loop: two more hops over loopback, and the waking
// of the loop and of who answers. It is the median of many, by the kernel's time
// stamps. Relays subtract it from their delays, so that an exchange takes what the
// model says and not that and a bit more. Call it from anywhere but the loop.
func Calibrate(l *Loop) (time.Duration, error) {
	local := netip.MustParseAddrPort("127.0.0.1:0")
	echo, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(local))
	if err != nil {
		return 0, err
	}
	defer echo.Close()
	go func() {
		if c, err := echo.AcceptTCP(); err == nil {
			_, _ = io.Copy(struct{ io.Writer }{c}, struct{ io.Reader }{c}) // until it is closed; without splice
			c.Close()
		}
	}()
	target := echo.Addr().(*net.TCPAddr).AddrPort()
	r, err := NewRelay(l, Config{Listen: local, Target: []netip.AddrPort{target}, Path: network.Plain(calibrationRTT), Limit: 1})
	if err != nil {
		return 0, err
	}
	defer r.Close()
	m := &measurer{loop: l, done: make(chan error, 1)}
	l.Do(func() { m.begin(r.Addr()) })
	select {
	case err = <-m.done:
	case <-time.After(calibrationTime):
		err = errors.New("fabric: the calibration took too long; is this machine busy?")
	}
	l.Call(m.end)
	if err != nil {
		return 0, err
	}
	slices.Sort(m.extra)
	return max(0, min(m.extra[len(m.extra)/2], mostBase)), nil
}

// measurer sends one message after the other and times its way there and back.
type measurer struct {
	loop  *Loop
	sock  socket
	open  bool
	sent  sim.Time
	extra []time.Duration
	done  chan error
	timer sim.Timer
}

func (m *measurer) begin(to netip.AddrPort) {
	s, err := m.loop.system.dial(m.loop, to)
	if err == nil {
		m.sock = s
		err = s.watch(m)
	}
	if err != nil {
		m.done <- err
	}
}

func (m *measurer) end() {
	m.timer.Stop()
	if m.sock != nil {
		m.sock.close(true)
	}
}

func (m *measurer) send() {
	var text [8]byte
	binary.LittleEndian.PutUint64(text[:], uint64(len(m.extra)))
	m.sent = m.loop.Clock()
	_, _ = m.sock.write(text[:]) // an error shows when reading
}

// ready implements watcher.
func (m *measurer) ready(what ready) {
	if !m.open && what&writable != 0 {
		m.open = true
		m.send()
		return
	}
	var text [64]byte
	n, at, err := m.sock.read(text[:])
	if errors.Is(err, errWait) {
		return
	}
	if err != nil || n != 8 {
		m.finish(errors.Join(err, errors.New("fabric: the calibration's echo broke")))
		return
	}
	if m.extra = append(m.extra, at.Sub(m.sent)-calibrationRTT); len(m.extra) == calibrations {
		m.finish(nil)
		return
	}
	m.timer = m.loop.engine.After(calibrationGap, m.send)
}

func (m *measurer) finish(err error) {
	select {
	case m.done <- err:
	default:
	}
}
