// What an L4 relay costs: a connection that is passed on byte by byte, as the
// difference between the way through a relay and the way without.
package calibrate

import (
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

var relaySampler = sampler{
	name: "an L4 relay",
	kinds: []kind{
		{"relay", "a request of 200 B and its answer of 1 KB through a relay (io.Copy both ways) on an open connection, less without"},
		{"relay-connection", "a connection through the relay, opened, asked once and closed, less without, less relay"},
		{"relay-mb", "content through the relay, less without"},
	},
	measure: relayRound,
}

// The sizes of a round, a fraction of a second: so many askers at once, each with
// so many exchanges on one connection, connections of one exchange, and MB.
const (
	askers      = 8
	exchanges   = 400
	connections = 60
	megabytes   = 16
	askBytes    = 200
	answerBytes = 1000
)

// patience bounds everything that a relay's peers wait for.
const patience = 20 * time.Second

// relayRound measures each load without and with the relay in between.
func relayRound() ([]float64, error) {
	target, err := serve(answer)
	if err != nil {
		return nil, err
	}
	defer target.close()
	relay, err := serve(func(c net.Conn) { pass(c, target.address) })
	if err != nil {
		return nil, err
	}
	defer relay.close()
	per := func(n int, load func(address string) error) (float64, error) {
		direct, err := busy(func() error { return load(target.address) })
		if err != nil {
			return 0, err
		}
		through, err := busy(func() error { return load(relay.address) })
		return float64(through-direct) / float64(n), err
	}
	exchange, err := per(askers*exchanges, func(at string) error { return ask(at, 1, exchanges, answerBytes) })
	if err != nil {
		return nil, err
	}
	connection, err := per(askers*connections, func(at string) error { return ask(at, connections, 1, answerBytes) })
	if err != nil {
		return nil, err
	}
	mb, err := per(askers*megabytes, func(at string) error { return ask(at, 1, megabytes, 1_000_000) })
	return []float64{exchange, connection - exchange, mb}, err
}

// busy returns the CPU time that this process took meanwhile, in ns.
func busy(f func() error) (int64, error) {
	before, err := cpuTime()
	if err != nil {
		return 0, err
	}
	if err := f(); err != nil {
		return 0, err
	}
	after, err := cpuTime()
	return after - before, err
}

// ask has every asker open so many connections, one after the other, and ask so
// many times on each for so many bytes.
func ask(address string, connections, exchanges, bytes int) error {
	var all sync.WaitGroup
	failed := make(chan error, askers)
	for range askers {
		all.Go(func() {
			for range connections {
				if err := askOn(address, exchanges, bytes); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	all.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

func askOn(address string, exchanges, bytes int) error {
	c, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		return err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience)) // of an open connection it cannot fail
	request := make([]byte, askBytes)
	copy(request, fmt.Sprintf("%d\n", bytes))
	for range exchanges {
		if _, err := c.Write(request); err != nil {
			return err
		}
		if _, err := io.CopyN(io.Discard, c, int64(bytes)); err != nil {
			return err
		}
	}
	return nil
}

// answer is the target: it sends as many bytes as a request says.
func answer(c net.Conn) {
	request := make([]byte, askBytes)
	var content []byte
	for {
		if _, err := io.ReadFull(c, request); err != nil {
			return
		}
		var n int
		if _, err := fmt.Sscanf(string(request), "%d\n", &n); err != nil {
			return
		}
		if len(content) != n {
			content = make([]byte, n)
		}
		if _, err := c.Write(content); err != nil {
			return
		}
	}
}

// pass is the relay: bytes both ways until either side has had enough. Go splices
// them in the kernel where that can (Linux).
func pass(c net.Conn, to string) {
	far, err := net.DialTimeout("tcp", to, patience)
	if err != nil {
		return
	}
	defer far.Close()
	var there sync.WaitGroup
	there.Go(func() {
		_, _ = io.Copy(far, c) // an end is an end, whatever brought it
		_ = far.(*net.TCPConn).CloseWrite()
	})
	_, _ = io.Copy(c, far)
	c.Close()
	there.Wait()
}

// server listens on loopback until it is closed, with all its connections.
type server struct {
	address  string
	listener net.Listener
	serving  sync.WaitGroup
}

// serve handles each connection with f, which may leave it open.
func serve(f func(net.Conn)) (*server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &server{address: l.Addr().String(), listener: l}
	s.serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.serving.Go(func() {
				defer c.Close()
				_ = c.SetDeadline(time.Now().Add(patience))
				f(c)
			})
		}
	})
	return s, nil
}

func (s *server) close() {
	s.listener.Close()
	s.serving.Wait()
}
