// proxy: what an HTTP CONNECT needs (RFC 9110 9.3.6).
package fabric

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"cdnlab/sim"
)

// proxy reads who is wanted, and answers when the connection to them stands.
type proxy struct {
	conn  *conn
	head  []byte // so far; nil: it is whole
	early []byte // what came behind it
	timer sim.Timer
}

const (
	// maxHead bounds a request's head: 8 KiB, as nginx and Apache have it.
	maxHead = 8 << 10
	// headTimeout is how long a client may take to send it.
	headTimeout = 10 * time.Second
	// lookupTimeout is how long finding a name's address may take.
	lookupTimeout = 5 * time.Second
	// lingerTime is how long a client that was refused may take to read why.
	lingerTime = time.Second
)

func newProxy(c *conn) *proxy {
	p := &proxy{conn: c, head: make([]byte, 0, 512)}
	p.timer = c.relay.loop.engine.After(headTimeout, func() {
		p.refuse(http.StatusRequestTimeout, fmt.Sprintf("no CONNECT request within %v", headTimeout))
	})
	return p
}

// read takes in the head.
func (p *proxy) read() {
	c := p.conn
	for c.near.readable && p.head != nil {
		space := c.relay.space[:maxHead+1-len(p.head)]
		n, at, err := c.near.read(space)
		if errors.Is(err, errWait) {
			return
		}
		if err != nil {
			c.drop(false)
			return
		}
		p.head = append(p.head, space[:n]...)
		end := bytes.Index(p.head, []byte("\r\n\r\n"))
		switch {
		case end >= 0:
			p.early = p.head[end+4:]
			p.asked(at, p.head[:end+4])
		case len(p.head) > maxHead:
			p.refuse(http.StatusRequestHeaderFieldsTooLarge, fmt.Sprintf("a request's head may have %d bytes", maxHead))
		case !bytes.HasPrefix(p.head, []byte("CONNECT ")[:min(len(p.head), 8)]):
			p.refuse(http.StatusMethodNotAllowed, onlyConnect)
		}
	}
}

const onlyConnect = "this is a proxy for CONNECT alone; curl sends that with --proxytunnel, " +
	"and a link with --to needs no proxy at all"

// asked takes in a whole head that came at a time.
func (p *proxy) asked(at sim.Time, head []byte) {
	p.head = nil
	p.timer.Stop()
	req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(head)))
	if err != nil {
		p.refuse(http.StatusBadRequest, "not an HTTP request: "+err.Error())
		return
	}
	if req.Method != http.MethodConnect {
		p.refuse(http.StatusMethodNotAllowed, onlyConnect)
		return
	}
	host, text, err := net.SplitHostPort(req.Host)
	port, bad := strconv.ParseUint(text, 10, 16)
	if err != nil || bad != nil || port == 0 || host == "" {
		p.refuse(http.StatusBadRequest, fmt.Sprintf("CONNECT %s: want HOST:PORT", req.Host))
		return
	}
	p.find(at, host, uint16(port))
}

// find finds the address of a host, if need be by asking the system.
func (p *proxy) find(at sim.Time, host string, port uint16) {
	if ip, err := netip.ParseAddr(host); err == nil {
		p.found(at, host, port, []netip.Addr{ip}, nil)
		return
	}
	loop := p.conn.relay.loop
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), lookupTimeout)
		defer cancel()
		ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		loop.Do(func() { p.found(at, host, port, ips, err) })
	}()
}

// found begins to connect, if it may.
func (p *proxy) found(at sim.Time, host string, port uint16, ips []netip.Addr, err error) {
	c := p.conn
	if c.over {
		return
	}
	if err != nil {
		p.refuse(http.StatusBadGateway, err.Error())
		return
	}
	for _, ip := range ips {
		if ip = ip.Unmap(); ip.IsLoopback() || c.relay.Remote {
			c.targets = append(c.targets, netip.AddrPortFrom(ip, port))
		}
	}
	if len(c.targets) == 0 {
		p.refuse(http.StatusForbidden, host+" is not on this machine's loopback; start the link with --remote to go beyond it")
		return
	}
	c.attempt(at)
}

// connected answers when who dialled would know that the connection stands.
func (p *proxy) connected() {
	c := p.conn
	at := c.stands - sim.Time(c.relay.Base)
	c.timer = c.relay.loop.engine.At(at, func() {
		c.relay.delivered(max(at, c.sent))
		p.say("HTTP/1.1 200 Connection established\r\n\r\n")
		if len(p.early) > 0 {
			c.out.opens = c.stands
			c.out.take(p.early)
			c.out.send(c.stands)
			p.early = nil
		}
		c.start()
	})
}

// fail answers one way later that there will be no connection.
func (p *proxy) fail(why error) {
	c := p.conn
	status := http.StatusBadGateway
	if c.deaf {
		status = http.StatusGatewayTimeout
	}
	c.timer = c.relay.loop.engine.After(c.relay.link.OneWay(), func() { p.refuse(status, why.Error()) })
}

// refuse answers and closes.
func (p *proxy) refuse(status int, why string) {
	c := p.conn
	p.head = nil
	p.timer.Stop()
	if c.targets == nil {
		c.relay.stats.Failed++
	}
	why = strings.ToValidUTF8(why, "?") + "\n"
	p.say(fmt.Sprintf("HTTP/1.1 %d %s\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s",
		status, http.StatusText(status), len(why), why))
	c.near.sock.finish()
	c.timer = c.relay.loop.engine.After(lingerTime, func() { c.drop(false) })
}

// say writes a short text; a client whose socket has no room for it is gone.
func (p *proxy) say(text string) { _, _ = p.conn.near.write([]byte(text)) }
