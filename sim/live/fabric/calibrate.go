// Calibrate: what an exchange over loopback costs without any delay.
package fabric

import (
	"errors"
	"fmt"
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
	// between two. It is a matter of the pace: a core that is mostly idle takes twice as
	// long to wake as one that is used a thousand times a second.
	calibrations   = 300
	calibrationGap = time.Millisecond
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

// measurer sends messages at a pace and times their way there and back.
type measurer struct {
	loop  *Loop
	sock  socket
	open  bool
	sent  queue[sim.Time] // of the messages that are not back
	count int             // sent in all
	part  int             // bytes of a message that is not whole
	extra []time.Duration
	done  chan error
	timer sim.Timer
}

// calibrationSize is the size of a message: a short request.
const calibrationSize = 64

func (m *measurer) begin(to netip.AddrPort) {
	s, err := m.loop.system.dial(m.loop, to)
	if err == nil {
		m.sock = s
		err = s.watch(m)
	}
	if err != nil {
		m.finish(err)
	}
}

func (m *measurer) end() {
	m.timer.Stop()
	if m.sock != nil {
		m.sock.close(true)
	}
}

func (m *measurer) send() {
	var text [calibrationSize]byte
	now := m.loop.Clock()
	if n, _ := m.sock.write(text[:]); n == len(text) { // an error shows when reading
		m.sent.push(now)
		m.count++
	}
	if m.count < calibrations {
		m.timer = m.loop.engine.After(calibrationGap, m.send)
	}
}

// ready implements watcher.
func (m *measurer) ready(what ready) {
	if !m.open && what&writable != 0 {
		m.open = true
		m.send()
	}
	var space [16 * calibrationSize]byte
	for what&readable != 0 {
		n, at, err := m.sock.read(space[:])
		if errors.Is(err, errWait) {
			return
		}
		if err != nil {
			m.finish(fmt.Errorf("fabric: the calibration's connection broke: %w", err))
			return
		}
		m.back(n, at)
	}
}

// back takes in bytes that came back.
func (m *measurer) back(n int, at sim.Time) {
	for m.part += n; m.part >= calibrationSize; m.part -= calibrationSize {
		m.extra = append(m.extra, at.Sub(*m.sent.at(0))-calibrationRTT)
		m.sent.pop()
	}
	if len(m.extra) == calibrations {
		m.finish(nil)
	}
}

func (m *measurer) finish(err error) {
	select {
	case m.done <- err:
	default: // an error before
	}
}
