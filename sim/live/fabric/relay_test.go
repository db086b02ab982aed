// Tests: what passes through a relay, by every way of waiting.
package fabric

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"cdnlab/sim/network"
)

// patience bounds every wait of these tests.
const patience = 20 * time.Second

// everyWay runs a test on a loop of each kind.
func everyWay(t *testing.T, test func(t *testing.T, l *Loop)) {
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			s, err := way.system()
			if err != nil {
				t.Fatal(err)
			}
			l := startLoop(s)
			t.Cleanup(l.Close)
			test(t, l)
		})
	}
}

// way is a way of waiting.
type way struct {
	name   string
	system func() (system, error)
}

var portableWay = way{"portable", func() (system, error) { return newPortable(), nil }}

// serve accepts connections for a test and gives each to f.
func serve(t *testing.T, f func(c *net.TCPConn)) netip.AddrPort {
	t.Helper()
	ln, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(loopback))
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := ln.AcceptTCP()
			if err != nil {
				return
			}
			_ = c.SetDeadline(time.Now().Add(patience))
			all.Go(func() {
				defer c.Close()
				f(c)
			})
		}
	})
	t.Cleanup(func() { ln.Close(); all.Wait() })
	return ln.Addr().(*net.TCPAddr).AddrPort()
}

// echo answers with what it is sent: by reads and writes, as splice would keep
// pipes, which are open files.
func echo(c *net.TCPConn) { _, _ = io.Copy(struct{ io.Writer }{c}, struct{ io.Reader }{c}) }

var loopback = netip.MustParseAddrPort("127.0.0.1:0")

// relayTo starts a relay before a target.
func relayTo(t *testing.T, l *Loop, path network.Spec, target ...netip.AddrPort) *Relay {
	t.Helper()
	r, err := NewRelay(l, Config{Listen: loopback, Target: target, Path: path, Seed: 1, Limit: 10_000,
		Trouble: func(err error) { t.Log(err) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.Close()
		l.Call(func() {
			if r.held != 0 || len(r.conns) != 0 {
				t.Errorf("left behind: %d bytes, %d connections", r.held, len(r.conns))
			}
		})
	})
	return r
}

func dial(t *testing.T, r *Relay) *net.TCPConn {
	t.Helper()
	c, err := net.DialTCP("tcp", nil, net.TCPAddrFromAddrPort(r.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	_ = c.SetDeadline(time.Now().Add(patience))
	t.Cleanup(func() { c.Close() })
	return c
}

// stats waits until what a relay counts is as wanted.
func (r *Relay) await(t *testing.T, what string, is func(Stats) bool) {
	t.Helper()
	var s Stats
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		r.loop.Call(func() { s = r.Stats() })
		if is(s) {
			return
		}
	}
	t.Fatalf("waited for %s in vain: %+v", what, s)
}

const ms = time.Millisecond

// A message takes a round trip and no less; the first waits for the handshake too.
func TestExchange(t *testing.T) {
	everyWay(t, func(t *testing.T, l *Loop) {
		const rtt = 20 * ms
		r := relayTo(t, l, network.Plain(rtt), serve(t, echo))
		c := dial(t, r)
		for i := range 5 {
			begun := time.Now()
			if _, err := c.Write([]byte("ping")); err != nil {
				t.Fatal(err)
			}
			got := make([]byte, 4)
			if _, err := io.ReadFull(c, got); err != nil || string(got) != "ping" {
				t.Fatalf("got %q, %v", got, err)
			}
			least := rtt
			if i == 0 {
				least = 2*rtt - 5*ms // it was dialled before
			}
			if took := time.Since(begun); took < least {
				t.Errorf("exchange %d took %v, less than %v", i, took, least)
			}
		}
	})
}

// Much in both directions at once comes through whole and in order.
func TestBigBodies(t *testing.T) {
	everyWay(t, func(t *testing.T, l *Loop) {
		const size = 20 << 20
		r := relayTo(t, l, network.Plain(2*ms), serve(t, echo))
		c := dial(t, r)
		sent, got := sha256.New(), sha256.New()
		go func() {
			dice := rand.New(rand.NewPCG(1, 2))
			p := make([]byte, 100_000)
			for left := size; left > 0; {
				n := min(left, 1+dice.IntN(len(p)))
				for i := range n {
					p[i] = byte(dice.Uint32())
				}
				sent.Write(p[:n])
				if _, err := c.Write(p[:n]); err != nil {
					return
				}
				left -= n
			}
			_ = c.CloseWrite()
		}()
		n, err := io.Copy(got, c)
		if err != nil || n != size || !bytes.Equal(got.Sum(nil), sent.Sum(nil)) {
			t.Errorf("got %d bytes, %v", n, err)
		}
		r.await(t, "the end", func(s Stats) bool {
			return s.Open == 0 && s.BytesOut == size && s.BytesBack == size && s.Held == 0 && s.Reset == 0
		})
	})
}

// A megabyte takes about the time that the model says, slow start from ten segments
// in seven rounds behind the handshake's, and not a multiple of it.
func TestSlowStart(t *testing.T) {
	everyWay(t, func(t *testing.T, l *Loop) {
		path := network.Plain(150 * ms)
		path.Rate = 100_000_000
		r := relayTo(t, l, path, serve(t, func(c *net.TCPConn) {
			_, _ = c.Read(make([]byte, 1))
			_, _ = c.Write(make([]byte, 691*network.MSS))
		}))
		c := dial(t, r)
		begun := time.Now()
		fmt.Fprint(c, "a")
		n, err := io.Copy(io.Discard, c)
		const want = 150*ms + 1050*ms
		if took := time.Since(begun); took < want-10*ms || took > 2*want || n != 691*network.MSS || err != nil {
			t.Errorf("%d bytes took %v, %v; want %v", n, took, err, want)
		}
	})
}

// What the one end closes the other may still answer.
func TestHalfClose(t *testing.T) {
	everyWay(t, func(t *testing.T, l *Loop) {
		r := relayTo(t, l, network.Plain(2*ms), serve(t, func(c *net.TCPConn) {
			all, err := io.ReadAll(c)
			fmt.Fprintf(c, "%d bytes, %v", len(all), err)
		}))
		c := dial(t, r)
		fmt.Fprint(c, "hello")
		_ = c.CloseWrite()
		if all, err := io.ReadAll(c); string(all) != "5 bytes, <nil>" || err != nil {
			t.Errorf("got %q, %v", all, err)
		}
		r.await(t, "the end", func(s Stats) bool { return s.Open == 0 && s.Reset == 0 })
	})
}

// An end that dies takes the other with it; what it had sent still arrives.
func TestReset(t *testing.T) {
	everyWay(t, func(t *testing.T, l *Loop) {
		r := relayTo(t, l, network.Plain(10*ms), serve(t, func(c *net.TCPConn) {
			_, _ = io.ReadFull(c, make([]byte, 5))
			fmt.Fprint(c, "last words")
			time.Sleep(ms) // a reset throws away what has not been sent
			_ = c.SetLinger(0)
		}))
		c := dial(t, r)
		fmt.Fprint(c, "hello")
		all, err := io.ReadAll(c)
		if !errors.Is(err, syscall.ECONNRESET) || string(all) != "last words" {
			t.Errorf("got %q, %v; want the last words and a reset", all, err)
		}
		r.await(t, "the end", func(s Stats) bool { return s.Open == 0 && s.Reset == 1 })
	})
}

// A client that dies takes the server's end with it.
func TestResetByClient(t *testing.T) {
	everyWay(t, func(t *testing.T, l *Loop) {
		end := make(chan error, 1)
		r := relayTo(t, l, network.Plain(10*ms), serve(t, func(c *net.TCPConn) {
			_, err := io.Copy(io.Discard, c)
			end <- err
		}))
		c := dial(t, r)
		fmt.Fprint(c, "hello")
		r.await(t, "the hello", func(s Stats) bool { return s.Messages == 1 })
		_ = c.SetLinger(0)
		c.Close()
		if err := <-end; !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("the server saw %v, not a reset", err)
		}
		r.await(t, "the end", func(s Stats) bool { return s.Open == 0 })
	})
}

// Nobody listens: a plain client is reset.
func TestRefused(t *testing.T) {
	everyWay(t, func(t *testing.T, l *Loop) {
		r := relayTo(t, l, network.Plain(4*ms), closedPort(t))
		_, err := io.ReadAll(dial(t, r))
		if !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("got %v, not a reset", err)
		}
		r.await(t, "the end", func(s Stats) bool { return s.Open == 0 && s.Failed == 1 })
	})
}

// closedPort returns an address where nobody listens.
func closedPort(t *testing.T) netip.AddrPort {
	t.Helper()
	ln, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(loopback))
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).AddrPort()
}

// A receiver that does not read holds the sender up, and the relay's memory stays
// bounded.
func TestBackPressure(t *testing.T) {
	everyWay(t, func(t *testing.T, l *Loop) {
		go_ := make(chan struct{})
		const size = 64 << 20
		r := relayTo(t, l, network.Plain(2*ms), serve(t, func(c *net.TCPConn) {
			<-go_
			n, err := io.Copy(io.Discard, c)
			fmt.Fprintf(c, "%d %v", n, err)
		}))
		c := dial(t, r)
		written := make(chan error, 1)
		go func() {
			_, err := c.Write(make([]byte, size))
			_ = c.CloseWrite()
			written <- err
		}()
		r.await(t, "a full line", func(s Stats) bool { return s.Held == lineMemory })
		select {
		case err := <-written:
			t.Errorf("all was written, %v", err)
		default:
		}
		close(go_)
		if err := <-written; err != nil {
			t.Error(err)
		}
		if all, err := io.ReadAll(c); string(all) != fmt.Sprint(size, " <nil>") {
			t.Errorf("got %q, %v", all, err)
		}
	})
}

// Real servers and clients of HTTP/1.1, TLS and HTTP/2.
func TestHTTP(t *testing.T) {
	everyWay(t, func(t *testing.T, l *Loop) {
		for _, kind := range []string{"plain", "TLS", "HTTP/2"} {
			t.Run(kind, func(t *testing.T) { testHTTP(t, l, kind) })
		}
	})
}

func testHTTP(t *testing.T, l *Loop, kind string) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // HTTP/1.1 takes turns
		w.Header().Set("Proto", r.Proto)
		_, _ = w.Write(body)
	}))
	server.EnableHTTP2 = kind == "HTTP/2"
	if kind == "plain" {
		server.Start()
	} else {
		server.StartTLS()
	}
	t.Cleanup(server.Close)
	r := relayTo(t, l, network.Plain(2*ms), netip.MustParseAddrPort(server.Listener.Addr().String()))
	client := server.Client()
	client.Timeout = patience
	at := strings.Replace(server.URL, server.Listener.Addr().String(), r.Addr().String(), 1)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			text := strings.Repeat(fmt.Sprint(i), 50_000)
			resp, err := client.Post(at, "text/plain", strings.NewReader(text))
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if string(body) != text || err != nil {
				t.Errorf("got %d bytes, %v", len(body), err)
			}
			if want := map[string]string{"plain": "HTTP/1.1", "TLS": "HTTP/1.1", "HTTP/2": "HTTP/2.0"}[kind]; resp.Header.Get("Proto") != want {
				t.Errorf("%s, want %s", resp.Header.Get("Proto"), want)
			}
		})
	}
	all.Wait()
	client.CloseIdleConnections()
	r.await(t, "the end", func(s Stats) bool { return s.Open == 0 })
}

// Through the CONNECT proxy even connecting takes its round trip.
func TestConnect(t *testing.T) {
	everyWay(t, func(t *testing.T, l *Loop) {
		const rtt = 20 * ms
		server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "hello") }))
		t.Cleanup(server.Close)
		r := relayTo(t, l, network.Plain(rtt))
		client := server.Client()
		client.Timeout = patience
		client.Transport.(*http.Transport).Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: r.Addr().String()})
		begun := time.Now()
		resp, err := client.Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if took := time.Since(begun); took < 3*rtt {
			t.Errorf("TCP, TLS and the request took %v, less than %v", took, 3*rtt)
		}
		if body, err := io.ReadAll(resp.Body); string(body) != "hello" {
			t.Errorf("got %q, %v", body, err)
		}
	})
}

// What the proxy refuses, it says why.
func TestConnectRefusals(t *testing.T) {
	everyWay(t, func(t *testing.T, l *Loop) {
		r := relayTo(t, l, network.Plain(2*ms))
		for _, c := range []struct{ ask, want string }{
			{"GET http://localhost/ HTTP/1.1\r\n\r\n", "405 Method Not Allowed"},
			{"\x16\x03\x01\x02", "405 Method Not Allowed"},
			{"CONNECT localhost HTTP/1.1\r\n\r\n", "400 Bad Request"},
			{"CONNECT localhost:99999 HTTP/1.1\r\n\r\n", "400 Bad Request"},
			{"CONNECT localhost:80 NONSENSE\r\n\r\n", "400 Bad Request"},
			{"CONNECT 192.0.2.1:80 HTTP/1.1\r\n\r\n", "403 Forbidden"},
			{"CONNECT nobody.invalid:80 HTTP/1.1\r\n\r\n", "502 Bad Gateway"},
			{"CONNECT " + closedPort(t).String() + " HTTP/1.1\r\n\r\n", "502 Bad Gateway"},
			{"CONNECT a:1 HTTP/1.1\r\nX: " + strings.Repeat("x", maxHead) + "\r\n\r\n", "431 Request Header Fields Too Large"},
		} {
			conn := dial(t, r)
			fmt.Fprint(conn, c.ask)
			all, err := io.ReadAll(conn)
			if first, _, _ := strings.Cut(string(all), "\r\n"); first != "HTTP/1.1 "+c.want {
				t.Errorf("%.40q: %q, %v; want %s", c.ask, all, err, c.want)
			}
			conn.Close()
		}
		r.await(t, "the end", func(s Stats) bool { return s.Open == 0 && s.Failed == 9 })
	})
}

// A cut holds all back until it heals.
func TestCut(t *testing.T) {
	everyWay(t, func(t *testing.T, l *Loop) {
		r := relayTo(t, l, network.Plain(2*ms), serve(t, echo))
		c := dial(t, r)
		echoes(t, c)
		for _, cut := range []network.Change{{CutOut: true}, {CutBack: true}, {CutOut: true, CutBack: true}} {
			l.Call(func() { r.Set(cut) })
			fmt.Fprint(c, "b")
			_ = c.SetReadDeadline(time.Now().Add(50 * ms))
			if n, err := c.Read(make([]byte, 1)); n != 0 {
				t.Errorf("a byte got through, %v", err)
			}
			_ = c.SetReadDeadline(time.Now().Add(patience))
			l.Call(func() { r.Set(network.Change{}) })
			if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// echoes sends a byte and waits for it to come back.
func echoes(t *testing.T, c *net.TCPConn) {
	t.Helper()
	fmt.Fprint(c, "a")
	if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
}

// The fault reset ends what stands, and every attempt.
func TestResetFault(t *testing.T) {
	everyWay(t, func(t *testing.T, l *Loop) {
		r := relayTo(t, l, network.Plain(2*ms), serve(t, echo))
		c := dial(t, r)
		echoes(t, c)
		l.Call(func() { r.Set(network.Change{Reset: true}) })
		for _, c := range []*net.TCPConn{c, dial(t, r)} {
			if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("got %v, not a reset", err)
			}
		}
		l.Call(func() { r.Set(network.Change{}) })
		c = dial(t, r)
		echoes(t, c)
	})
}

// In a black hole SYNs vanish, and connections that stand go on.
func TestBlackhole(t *testing.T) {
	everyWay(t, func(t *testing.T, l *Loop) {
		r := relayTo(t, l, network.Plain(2*ms), serve(t, echo))
		old := dial(t, r)
		echoes(t, old)
		l.Call(func() { r.Set(network.Change{Blackhole: true}) })
		c := dial(t, r)
		fmt.Fprint(c, "a")
		echoes(t, old)
		begun := time.Now()
		l.Call(func() { r.Set(network.Change{}) })
		if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begun); took > 3*time.Second {
			t.Errorf("the SYN came through %v later", took)
		}
	})
}

// More than the limit wait at the door.
func TestLimit(t *testing.T) {
	everyWay(t, func(t *testing.T, l *Loop) {
		r := relayTo(t, l, network.Plain(2*ms), serve(t, echo))
		l.Call(func() { r.Limit = 2 })
		var conns []*net.TCPConn
		for range 3 {
			conns = append(conns, dial(t, r))
			fmt.Fprint(conns[len(conns)-1], "a")
		}
		for _, c := range conns[:2] {
			if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
		}
		l.Call(func() {
			if s := r.Stats(); s.Open != 2 {
				t.Errorf("%d are open", s.Open)
			}
		})
		conns[0].Close()
		if _, err := io.ReadFull(conns[2], make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
	})
}

// With losses and a rate all still comes through whole.
func TestLossy(t *testing.T) {
	everyWay(t, func(t *testing.T, l *Loop) {
		path := network.Plain(4 * ms)
		path.Loss, path.Rate, path.Jitter = 0.05, 200_000_000, ms
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			_, _ = w.Write(body)
		}))
		t.Cleanup(server.Close)
		r := relayTo(t, l, path, netip.MustParseAddrPort(server.Listener.Addr().String()))
		text := strings.Repeat("0123456789", 20_000)
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+r.Addr().String(), strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if body, err := io.ReadAll(resp.Body); string(body) != text {
			t.Errorf("got %d bytes, %v", len(body), err)
		}
	})
}
