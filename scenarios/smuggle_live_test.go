// Bad input through a live PoP and the balancer behind it: what reaches the app is one
// request or none, and nobody gets another's answer.
package scenarios

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/live"
	"cdnlab/sim/network"
)

const chainScenario = `
name = "chain"
duration = "1s"
[load]
rate = 1
[[clients]]
id = "users"
place = "Tokyo"
[[catalog]]
path = "/"
[origin]
place = "Tokyo"
[balancer]
on = true
retries = 0
max-fails = 0
health = { check = "none" }
[[pop]]
place = "Tokyo"
`

// chain is a PoP, a balancer and an app whose words are bytes.
type chain struct {
	t   *testing.T
	pop string // its address

	mu    sync.Mutex
	heard []string // request lines
	says  func(r *http.Request) string
}

func newChain(t *testing.T) *chain {
	t.Helper()
	x, err := Load("chain.toml", []byte(chainScenario))
	if err != nil {
		t.Fatal(err)
	}
	top, err := NewTopology(x.Base)
	if err != nil {
		t.Fatal(err)
	}
	c := &chain{t: t}
	wall, _ := live.StartWall()
	at := map[string]string{}
	for i := range top.Nodes { // whom one dials stands before it
		n := &top.Nodes[i]
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		at[n.Name] = l.Addr().String()
		if len(n.Peers) == 0 {
			c.serveApp(l)
			continue
		}
		c.serveNode(top, n, l, wall, at)
		c.pop = l.Addr().String()
	}
	return c
}

func (c *chain) serveNode(top *Topology, n *Node, l net.Listener, wall live.Wall, at map[string]string) {
	node := live.NewNode(wall)
	c.t.Cleanup(node.Close)
	var h sim.Handler
	node.Do(func() {
		env := sim.NewEnv(node.Engine(), n.Name, 1, nil)
		h = top.Blueprint(n.Name).Build(sim.Site{Env: env, Exit: func(int) {}, Dial: func(to string) sim.Handler {
			link := live.NewLink(node, live.LinkConfig{Path: network.NewLink(1, n.Name, to, network.Plain(0)), Token: "secret", Dial: live.Dialer("", at[to])})
			c.t.Cleanup(func() { node.Do(link.Forget) })
			return link
		}})
	})
	front := live.NewFront(live.NewServer(node, h, "secret", sim.Epoch))
	go func() { _ = front.Serve(l) }() // it ends with Close
	c.t.Cleanup(func() { front.Close() })
}

// serveApp hears every byte, and answers each request by its path.
func (c *chain) serveApp(l net.Listener) {
	c.t.Cleanup(func() { l.Close() })
	go func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			go c.app(nc)
		}
	}()
}

func (c *chain) app(nc net.Conn) {
	defer nc.Close()
	br := bufio.NewReader(nc)
	for {
		r, err := http.ReadRequest(br)
		if err != nil {
			if err != io.EOF {
				c.hear("no request: " + err.Error())
			}
			return
		}
		c.hear(r.Method + " " + r.RequestURI + " " + r.Host)
		content, err := io.ReadAll(r.Body)
		if err != nil {
			return // cut short: it is not answered
		}
		text := fmt.Sprintf("%s %s %d", r.Method, r.RequestURI, len(content))
		says := fmt.Sprintf("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: %d\r\n\r\n%s", len(text), text)
		c.mu.Lock()
		if c.says != nil {
			says = c.says(r)
		}
		c.mu.Unlock()
		if _, err := io.WriteString(nc, says); err != nil {
			return
		}
	}
}

func (c *chain) hear(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heard = append(c.heard, what)
}

// take returns what the app has heard, and forgets it.
func (c *chain) take() (all []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	all, c.heard = c.heard, nil
	return all
}

// speak sends bytes and returns the statuses that come back, to the connection's end
// or as many as are wanted, and the last answer's text.
func (c *chain) speak(text string, want int) (statuses []int, last string) {
	c.t.Helper()
	nc, err := net.Dial("tcp", c.pop)
	if err != nil {
		c.t.Fatal(err)
	}
	defer nc.Close()
	_ = nc.SetDeadline(time.Now().Add(time.Minute))
	_, _ = io.WriteString(nc, text) // the PoP may have had enough before its end
	br := bufio.NewReader(nc)
	for want == 0 || len(statuses) < want {
		r, err := http.ReadResponse(br, nil)
		if err != nil {
			break
		}
		content, _ := io.ReadAll(r.Body)
		statuses, last = append(statuses, r.StatusCode), string(content)
	}
	return statuses, last
}

const hidden = "GET /hidden HTTP/1.1\r\nHost: shop\r\n\r\n"

func TestSmuggling(t *testing.T) {
	c := newChain(t)
	head := "POST /p HTTP/1.1\r\nHost: shop\r\n"
	for what, text := range map[string]string{ // any order
		"CL.TE":                head + fmt.Sprintf("Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 5+len(hidden)) + hidden,
		"TE.CL":                head + fmt.Sprintf("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(hidden), hidden),
		"TE.TE, xchunked":      head + "Transfer-Encoding: xchunked\r\n\r\n" + hidden,
		"TE.TE, two":           head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n\r\n0\r\n\r\n" + hidden,
		"TE.TE, blank":         head + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + hidden,
		"TE.TE, folded":        head + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + hidden,
		"TE.TE, bare LF":       head + "X: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
		"CL.CL":                head + fmt.Sprintf("Content-Length: 0\r\nContent-Length: %d\r\n\r\n", len(hidden)) + hidden,
		"CL with a sign":       head + fmt.Sprintf("Content-Length: +%d\r\n\r\n", len(hidden)) + hidden,
		"TE in HTTP/1.0":       strings.Replace(head, "1.1", "1.0", 1) + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
		"two hosts":            "GET /p HTTP/1.1\r\nHost: shop\r\nHost: evil\r\n\r\n" + hidden,
		"another host":         "GET http://evil/p HTTP/1.1\r\nHost: shop\r\n\r\n" + hidden,
		"a line in the target": "GET /p\rX HTTP/1.1\r\nHost: shop\r\n\r\n" + hidden,
		"HTTP/2's preface":     "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + hidden,
		"bare LF":              "GET /p HTTP/1.1\nHost: shop\n\n" + hidden,
	} {
		if statuses, _ := c.speak(text, 0); len(statuses) != 1 || statuses[0] < 400 {
			t.Errorf("%s: answered %v", what, statuses)
		}
		if got := c.take(); len(got) > 0 {
			t.Errorf("%s: the app heard %q", what, got)
		}
		c.victim(what)
	}
}

// TestBadContents: the app hears of the request, whose content then breaks off.
func TestBadContents(t *testing.T) {
	c := newChain(t)
	head := "POST /p HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n"
	for what, chunks := range map[string]string{ // any order
		"size":                 "5\r\nhello\r\nxyz\r\n",
		"size too large":       "5\r\nhello\r\nffffffffffffffff0\r\n",
		"longer than its size": "5\r\nhello" + hidden,
		"bare LF in extension": "5;a\nhello\r\n0\r\n\r\n",
		"length in trailers":   "5\r\nhello\r\n0\r\nContent-Length: 50\r\n\r\n",
	} {
		if statuses, _ := c.speak(head+chunks+hidden, 0); len(statuses) != 1 || statuses[0] != 400 {
			t.Errorf("%s: answered %v", what, statuses)
		}
		c.victim(what)
		for _, line := range c.take() {
			if strings.Contains(line, "hidden") {
				t.Errorf("%s: the app heard %q", what, line)
			}
		}
	}
}

// TestHiddenInContent: what is a request's content stays that, on all three ways.
func TestHiddenInContent(t *testing.T) {
	c := newChain(t)
	for what, text := range map[string]string{ // any order
		"GET with content":   "GET /q HTTP/1.1\r\nHost: shop\r\nContent-Length: " + fmt.Sprint(len(hidden)) + "\r\n\r\n" + hidden,
		"POST":               "POST /q HTTP/1.1\r\nHost: shop\r\nContent-Length: " + fmt.Sprint(len(hidden)) + "\r\n\r\n" + hidden,
		"chunks":             fmt.Sprintf("POST /q HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n%x;a=b\r\n%s\r\n0\r\nX: y\r\n\r\n", len(hidden), hidden),
		"URL for the target": "GET http://shop/q HTTP/1.1\r\nHost: shop\r\nContent-Length: " + fmt.Sprint(len(hidden)) + "\r\n\r\n" + hidden,
	} {
		method, _, _ := strings.Cut(text, " ")
		statuses, last := c.speak(text+"GET /next HTTP/1.1\r\nHost: shop\r\n\r\n", 2)
		if len(statuses) != 2 || last != "GET /next 0" {
			t.Errorf("%s: answered %v, at last %q", what, statuses, last)
		}
		if got := c.take(); len(got) == 0 || got[0] != method+" /q shop" || len(got) > 2 || len(got) == 2 && got[1] != "GET /next shop" {
			t.Errorf("%s: the app heard %q", what, got)
		}
		c.victim(what)
	}
}

// victim asks for something else and must get that.
func (c *chain) victim(what string) {
	c.t.Helper()
	defer c.take()
	path := "/victim/" + strings.ReplaceAll(what, " ", "-")
	path = strings.NewReplacer(",", "", "'", "").Replace(path)
	if statuses, last := c.speak("GET "+path+" HTTP/1.1\r\nHost: shop\r\n\r\n", 1); len(statuses) != 1 || last != "GET "+path+" 0" {
		c.t.Errorf("after %s: %v %q", what, statuses, last)
	}
}

// TestSplitAnswers: what a server behind says wrongly is a 502, is not stored, and is
// nobody else's answer.
func TestSplitAnswers(t *testing.T) {
	c := newChain(t)
	good := "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 4\r\n\r\ngood"
	evil := "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 4\r\n\r\nevil"
	head := "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n"
	for what, bad := range map[string]string{ // any order
		"CL-and-TE":   head + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nevil\r\n0\r\n\r\n",
		"two-lengths": head + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nevil!",
		"folded":      head + "X: y\r\n z\r\nContent-Length: 4\r\n\r\nevil",
		"NUL":         head + "X: \x00\r\nContent-Length: 4\r\n\r\nevil",
		"bare-CR":     head + "X: y\rSet-Cookie: evil\r\nContent-Length: 4\r\n\r\nevil",
		"too-long":    head + "X: " + strings.Repeat("x", 100<<10) + "\r\nContent-Length: 4\r\n\r\nevil",
		"a-coding":    head + "Transfer-Encoding: gzip\r\n\r\nevil",
		"no-chunks":   head + "Transfer-Encoding: chunked\r\n\r\nevil\r\n",
		"two-answers": good + evil,
	} {
		first := true
		c.mu.Lock()
		c.says = func(*http.Request) string {
			defer func() { first = false }()
			if first {
				return bad
			}
			return good
		}
		c.mu.Unlock()
		ask := "GET /split/" + what + " HTTP/1.1\r\nHost: shop\r\n\r\n"
		statuses, text := c.speak(ask, 1)
		switch {
		case what == "two-answers":
			if len(statuses) != 1 || text != "good" {
				t.Errorf("%s: %v %q", what, statuses, text)
			}
		case what == "no-chunks": // its header was right, and has been handed on
			if len(statuses) == 1 && (statuses[0] == 200 && text != "") {
				t.Errorf("%s: %v %q", what, statuses, text)
			}
		case len(statuses) != 1 || statuses[0] != 502:
			t.Errorf("%s: %v %q", what, statuses, text)
		}
		if statuses, text := c.speak(ask, 1); len(statuses) != 1 || statuses[0] != 200 || text != "good" {
			t.Errorf("%s: then %v %q", what, statuses, text)
		}
	}
}
