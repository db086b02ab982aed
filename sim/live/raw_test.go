// Tests: a service that speaks no HTTP, as bytes.
package live

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
)

// pond is a Channel that answers each message with one of 100 bytes, and fails those
// whose number is odd.
type pond struct{ sim.Transfer }

func (p *pond) Serve(req *sim.Request, reply func(*sim.Response)) {
	reply(sim.Answer(200+int(req.ID%2)*300, nil, 100))
}

// rawServer lets everybody in at /game, and tells who has come.
func rawServer(t *testing.T) (address string, came chan sim.Request, ends chan sim.Cause) {
	n := newTestNode(t)
	came, ends = make(chan sim.Request, 10), make(chan sim.Cause, 10)
	address, _ = serve(t, n, sim.HandlerFunc(func(req *sim.Request, reply func(*sim.Response)) {
		came <- *req
		if req.Path != "/game" {
			reply(sim.Answer(404, nil, 0))
			return
		}
		p := &pond{}
		p.Length, p.Abandoned = -1, func(c sim.Cause) { p.End(c, 0) }
		p.OnEnd(func(c sim.Cause, _ int64) { ends <- c })
		reply(&sim.Response{Status: http.StatusSwitchingProtocols, Header: sim.SwitchedTCP, Size: -1, Body: p})
	}))
	return address, came, ends
}

// rawClient is a client that speaks it.
type rawClient struct {
	*testing.T
	net.Conn
	r *bufio.Reader
}

func dialRaw(t *testing.T, address string) *rawClient {
	nc, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	_ = nc.SetDeadline(time.Now().Add(patience))
	return &rawClient{t, nc, bufio.NewReader(nc)}
}

// hello says hello and returns the status of the greeting.
func (c *rawClient) hello(token, path string) int {
	c.Helper()
	if _, err := c.Write(appendHello(nil, token, &sim.Request{ID: 7, Client: 3, Place: "New York", Path: path})); err != nil {
		c.Fatal(err)
	}
	text, err := readRaw(c.r, maxHello)
	if err != nil {
		c.Fatal(err)
	}
	resp, ok := readGreeting(text)
	if !ok {
		c.Fatalf("a greeting of %q", text)
	}
	return resp.Status
}

func TestRaw(t *testing.T) {
	address, came, ends := rawServer(t)
	c := dialRaw(t, address)
	if got := c.hello("secret", "/else"); got != 404 {
		t.Fatalf("greeted with %d", got)
	}
	if got := c.hello("secret", "/game"); got != 101 { // over the same connection
		t.Fatalf("greeted with %d", got)
	}
	<-came
	if req := <-came; req.ID != 7 || req.Client != 3 || req.Place != "New York" || !req.Raw() {
		t.Errorf("the node was asked %+v", req)
	}
	for id := uint64(10); id < 14; id++ {
		if _, err := c.Write(rawTCP.message(id, false, 20, true)); err != nil {
			t.Fatal(err)
		}
		f, err := rawTCP.read(c.r)
		if got, failed := f.message(); err != nil || got != id || failed != (id%2 == 1) || len(f.data) != 100 {
			t.Errorf("message %d: answered %d, failed %v, %d bytes, %v", id, got, failed, len(f.data), err)
		}
	}
	c.Close()
	if got := receive(t, ends, "the end"); got != sim.Cancelled {
		t.Errorf("it ended with %v", got)
	}
}

// TestRawStrangers: who does not have the run's token is let in, and not believed.
func TestRawStrangers(t *testing.T) {
	address, came, _ := rawServer(t)
	if got := dialRaw(t, address).hello("guess", "/game"); got != 101 {
		t.Fatalf("greeted with %d", got)
	}
	if req := <-came; req.ID != 0 || req.Client != 0 || req.Place != "" || req.Addr.String() != "127.0.0.1" {
		t.Errorf("the node was asked %+v", req)
	}
}

// TestRawNonsense: what is no hello is not passed on, and ends the connection.
func TestRawNonsense(t *testing.T) {
	address, came, _ := rawServer(t)
	for _, text := range []string{
		string(appendRaw(nil, nil)),
		string(appendRaw(nil, []byte("secret 1 0 0 0 - x"))),
		string(appendRaw(nil, []byte("secret 1 0 0 0 - x\nno path"))),
		string(appendRaw(nil, []byte("secret 1 0 0 0 - x\n/a b"))),
		string(appendRaw(nil, bytes.Repeat([]byte("x"), maxHello+1))),
		"\x00\xff\xff\xff" + strings.Repeat("x", 100),
	} {
		c := dialRaw(t, address)
		if _, err := c.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if rest, _ := io.ReadAll(c.r); len(rest) > 0 { // a reset is as good an end
			t.Errorf("%.40q is answered with %q", text, rest)
		}
	}
	if len(came) > 0 {
		t.Errorf("the node was asked %+v", <-came)
	}
}

func FuzzReadRaw(f *testing.F) {
	f.Add(rawTCP.message(7, true, 30, false))
	f.Add(rawTCP.bye())
	f.Add([]byte("\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := readRaw(bufio.NewReader(bytes.NewReader(text)), maxFrame)
		if err != nil {
			return
		}
		if again := appendRaw(nil, got); !bytes.HasPrefix(text, again) {
			t.Fatalf("%q is written as %q", text, again)
		}
		_, _ = readGreeting(got)
		var req sim.Request
		if s := (&Server{token: []byte("secret")}); s.hello(got, req.Addr, &req) && !strings.HasPrefix(req.Path, "/") {
			t.Fatal(fmt.Sprint("a path of ", req.Path))
		}
	})
}
