// raw: a service that speaks no HTTP, at both ends of a connection. Who has
// connected says who it is and what it wants (hello), is let in or not (greeting),
// and then sends messages.
package live

import (
	"bufio"
	"crypto/subtle"
	"encoding/binary"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"cdnlab/sim"
)

// rawByte begins such a connection: every length that may stand in front of bytes
// does, and no request of HTTP, no TLS record and no PROXY header.
const rawByte = 0

// maxHello bounds a hello in bytes; a greeting is no longer.
const maxHello = 4 << 10

// appendHello writes a hello: who asks, as elsewhere in a field, and the path that
// the service has in the scenario.
func appendHello(b []byte, token string, r *sim.Request) []byte {
	text := append(appendClient(nil, token, r), '\n')
	return appendRaw(b, append(text, r.Path...))
}

// hello reads a hello; false when it is none.
func (s *Server) hello(text []byte, from netip.Addr, r *sim.Request) bool {
	who, path, found := strings.Cut(string(text), "\n")
	if !found || !strings.HasPrefix(path, "/") || strings.ContainsFunc(path, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return false
	}
	token, rest, _ := strings.Cut(who, " ")
	known := len(s.token) > 0 && subtle.ConstantTimeCompare([]byte(token), s.token) == 1 && readClient(rest, r)
	if !known || s.passed.By.IsValid() {
		r.Addr = from
	}
	r.Method, r.Path, r.Header = http.MethodGet, path, sim.SwitchedTCP
	return true
}

// raw serves a connection that speaks no HTTP. Who was not let in may try again.
func (s *Server) raw(nc net.Conn, from netip.Addr) {
	defer nc.Close()
	if !s.talks.enter(nc) {
		return
	}
	defer s.talks.leave(nc)
	r := bufio.NewReader(nc)
	for {
		_ = nc.SetReadDeadline(time.Now().Add(headerTimeout)) // a broken connection shows at the read
		text, err := readRaw(r, maxHello)
		_ = nc.SetReadDeadline(time.Time{})
		v := &visit{}
		if err != nil || !s.hello(text, from, &v.req) || !s.welcome(nc, r, v) {
			return
		}
	}
}

// welcome asks the node whether to let in who has said hello, and passes messages
// until the connection ends. It reports whether another hello may come.
func (s *Server) welcome(nc net.Conn, r *bufio.Reader, v *visit) bool {
	v.req.Scope, v.ready = &v.scope, make(chan struct{}, 1)
	t := &talk{server: s, nc: nc, visit: v, words: rawTCP}
	gone := make(chan error, 1)
	go func() {
		_, err := r.Peek(1) // who waits for the greeting says nothing: it has gone, or is none of ours
		gone <- err
	}()
	s.node.Do(func() {
		s.handler.Serve(&v.req, func(resp *sim.Response) {
			v.resp = resp
			t.greets(resp)
			v.ready <- struct{}{}
		})
	})
	var err error
	select {
	case <-v.ready:
		if t.channel == nil {
			_ = nc.SetReadDeadline(time.Now().Add(s.node.wall.Real(idleTimeout))) // a broken connection shows at the read
		}
		err = <-gone
	case err = <-gone:
		s.node.Do(func() { v.scope.Cancel(sim.Cancelled) })
		<-v.ready
	}
	if t.channel == nil {
		return err == nil && v.resp.Status != 0
	}
	if err == nil {
		t.hear(r)
	}
	s.node.Do(func() {
		v.scope.Cancel(sim.Cancelled)
		t.channel.Abandon(sim.Cancelled)
	})
	return false
}

// greets answers a hello, within the node.
func (t *talk) greets(resp *sim.Response) {
	n := t.server.node
	channel, ok := resp.Body.(sim.Channel)
	if ok && resp.Status == http.StatusSwitchingProtocols {
		t.channel = channel
	} else if resp.Body != nil {
		resp.Body.Abandon(sim.Cancelled)
	}
	if resp.Status == 0 { // no answer: the end of the connection is all that a peer can see
		n.Later(func() { t.nc.Close() })
		return
	}
	text := appendGreeting(nil, resp)
	n.Later(func() { t.write(text) })
	if t.channel != nil {
		channel.OnEnd(func(c sim.Cause, _ int64) {
			n.Later(func() { t.close(c) })
		})
	}
}

// hear takes messages until the client leaves.
func (t *talk) hear(r *bufio.Reader) {
	for {
		f, err := t.words.read(r)
		if err != nil || f.op == frameClose {
			return
		}
		t.message(f)
	}
}

// appendGreeting writes the answer to a hello: its status and what the hops say of
// themselves.
func appendGreeting(b []byte, resp *sim.Response) []byte {
	text := binary.BigEndian.AppendUint16(nil, uint16(resp.Status))
	for i := range resp.Via.Len() {
		if i > 0 {
			text = append(text, ", "...)
		}
		text = appendTiming(text, resp.Via.At(i))
	}
	return appendRaw(b, text)
}

// readGreeting reads it.
func readGreeting(text []byte) (resp *sim.Response, ok bool) {
	if len(text) < 2 {
		return nil, false
	}
	resp = sim.Answer(int(binary.BigEndian.Uint16(text)), nil, 0)
	readTimings(string(text[2:]), &resp.Via)
	return resp, resp.Status >= 100 && resp.Status < 600
}

// greeted takes the answer to a hello off a Link's connection, and messages behind
// it until that ends. It reports whether another hello may go over the connection.
func (c *conn) greeted(at sim.Time) bool {
	text, err := readRaw(c.br, maxHello)
	if err != nil {
		return false
	}
	resp, ok := readGreeting(text)
	switch {
	case !ok:
		c.link.node.Do(func() { c.broken(sim.Malformed, at) })
		return false
	case resp.Status == http.StatusSwitchingProtocols:
		resp.Header = sim.SwitchedTCP
		return c.switches(resp, rawTCP, at)
	}
	return c.whole(false, resp, 0, nil, at)
}
