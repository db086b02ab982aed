// Server: a node behind net/http.
package live

import (
	"context"
	"crypto/subtle"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cdnlab/sim"
)

// Limits on what comes from outside.
const (
	maxHeaderBytes = 64 << 10
	headerTimeout  = 10 * time.Second // real, for a request's head to be complete; Server.http holds it
	maxStreams     = 10_000           // as many as a scenario may say of one connection
	bodyTimeout    = time.Minute      // of the scenario, from one piece of a request's content to the next: nginx's
	idleTimeout    = 5 * time.Minute  // of the scenario, longer than any of our clients keeps a connection: it is theirs to close
)

// Server answers HTTP requests by a node's Handler.
type Server struct {
	node    *Node
	handler sim.Handler
	token   []byte
	epoch   time.Time
	http    http.Server
	tls     *tls.Config // nil: it speaks none
	desk    Desk        // nil: none
	passed  Passed
	talks   talks // connections that are no longer net/http's
}

// NewServer returns a server for a node's handler. token is the run's: only
// who sends it is believed about who asks; "" believes nobody.
func NewServer(n *Node, h sim.Handler, token string, epoch time.Time) *Server {
	s := &Server{node: n, handler: h, token: []byte(token), epoch: epoch}
	s.http = http.Server{
		Handler: s, MaxHeaderBytes: maxHeaderBytes, ReadHeaderTimeout: headerTimeout, IdleTimeout: n.wall.Real(idleTimeout),
		ErrorLog: log.New(io.Discard, "", 0), ConnContext: withConn,
		DisableGeneralOptionsHandler: true, // OPTIONS * is the node's, too
		HTTP2:                        &http.HTTP2Config{MaxConcurrentStreams: maxStreams},
	}
	return s
}

// Secure lets the server speak TLS too, with a node's certificate. Call it before
// Serve.
func (s *Server) Secure(id *Identity) error {
	c, err := id.server()
	s.tls = c
	return err
}

// Behind tells the server how connections come that an L4 balancer passes on. Call
// it before Serve.
func (s *Server) Behind(p Passed) { s.passed = p }

// Serve answers on a listener until Close.
func (s *Server) Serve(l net.Listener) error {
	return s.http.Serve(behindListener{l, s.http.ReadHeaderTimeout})
}

// Close ends the server and its connections.
func (s *Server) Close() error {
	s.talks.close()
	return s.http.Close()
}

// visit is one request's stay at the server.
type visit struct {
	req   sim.Request
	scope sim.Scope
	resp  *sim.Response
	ready chan struct{}
	bad   atomic.Pointer[refusal] // its content is none
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer breakLoud()
	if why := refused(r); why != nil {
		s.refuse(w, why)
		return
	}
	if s.desk != nil {
		if call := s.desk(r.Method, r.Host, r.RequestURI, r.Header); call != nil {
			s.serveCall(w, r, call)
			return
		}
	}
	v := &visit{ready: make(chan struct{}, 1)}
	s.request(v, r)
	incoming := s.body(v, w, r)
	s.node.Do(func() {
		s.handler.Serve(&v.req, func(resp *sim.Response) {
			v.resp = resp
			v.ready <- struct{}{}
		})
	})
	s.await(v, r.Context())
	s.answer(w, r, v)
	incoming.Wait()
}

// breakLoud ends the program when a node has panicked: net/http would swallow
// that and leave the node locked.
func breakLoud() {
	switch v := recover(); v {
	case nil:
	case http.ErrAbortHandler:
		panic(v)
	default:
		stack := debug.Stack()
		go panic(fmt.Sprintf("live: %v\n\n%s", v, stack)) // nobody recovers what a goroutine of its own says
		select {}
	}
}

// await waits for the answer; when the client goes away it cancels, and the
// answer comes all the same.
func (s *Server) await(v *visit, client context.Context) {
	select {
	case <-v.ready:
		return
	case <-client.Done():
		s.node.Do(func() { v.scope.Cancel(sim.Cancelled) })
		<-v.ready
	}
}

func (s *Server) request(v *visit, r *http.Request) {
	v.req = sim.Request{
		Method: r.Method, Scheme: scheme(r.TLS != nil || isSecure(r.Context())), Host: r.Host, Path: originForm(r.Method, r.RequestURI),
		Header: r.Header, Scope: &v.scope,
	}
	who := r.Header[headerClient]
	delete(r.Header, headerClient)
	delete(r.Header, "Content-Length") // it is Size
	if len(who) == 1 && len(s.token) > 0 {
		token, rest, _ := strings.Cut(who[0], " ")
		if subtle.ConstantTimeCompare([]byte(token), s.token) == 1 && readClient(rest, &v.req) && !s.passed.By.IsValid() {
			return
		}
	}
	if peer, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		v.req.Addr = s.passed.sees(peer.Addr().Unmap())
	}
}

// lateBody is how many bytes, unwanted by now, are read so that the connection
// can be used again: as many as net/http would, or all that were announced.
const lateBody = 256 << 10

// body starts to take in a request's content: no more than a window of it ahead of who
// reads it, whom the client is to wait for. What it returns is done when the
// content has been read, as net/http asks before the handler returns.
func (s *Server) body(v *visit, w http.ResponseWriter, r *http.Request) *sync.WaitGroup {
	var reading sync.WaitGroup
	if r.ContentLength == 0 {
		return &reading
	}
	v.req.Size = r.ContentLength
	buffer := newBuffer(s.node)
	buffer.passing = true
	end := &sim.Transfer{Length: r.ContentLength}
	v.req.Body = buffer.handle(buffer.last, end)
	reading.Add(1)
	go func() {
		defer reading.Done()
		from := &timelyBody{r.Body, http.NewResponseController(w), s.node.wall.Real(bodyTimeout), v, guardOf(r.Context())}
		defer from.done()
		cause, n := takeBody(from, buffer, s.node.wall)
		buffer.end(cause, 0)
		s.node.Do(func() { end.End(cause, n) })
		if cause == sim.Cancelled {
			_, _ = io.CopyN(io.Discard, from, max(lateBody, r.ContentLength-n)) // with more left, net/http closes the connection
		}
	}()
	return &reading
}

func takeBody(from io.Reader, b *Buffer, wall Wall) (sim.Cause, int64) {
	var read int64
	var data []byte
	for {
		if data == nil {
			data = make([]byte, chunkSize)
		}
		n, err := from.Read(data)
		read += int64(n)
		if n > 0 && !b.write(keep(&data, n), wall.Now()) {
			return sim.Cancelled, read
		}
		if err == io.EOF {
			return sim.OK, read
		}
		if err != nil {
			return sim.Truncated, read
		}
	}
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, v *visit) {
	resp := v.resp
	flush := func() {
		_ = http.NewResponseController(w).Flush() // a broken connection shows at the next write
		flushConn(r.Context())
	}
	if v.req.Body != nil {
		s.node.Do(func() { v.req.Body.Abandon(sim.Cancelled) })
		// A client that is still sending gets its answer now: it may wait for it
		// before it sends more.
		_ = http.NewResponseController(w).EnableFullDuplex() // HTTP/1 always can
		defer flush()
	}
	if why := v.bad.Load(); why != nil {
		s.give(resp.Body, sim.Cancelled)
		s.refuse(w, why)
		return
	}
	if resp.Status == 0 {
		s.give(resp.Body, sim.Cancelled)
		panic(http.ErrAbortHandler) // no answer: close the connection, which is all a peer can see
	}
	if channel, ok := resp.Body.(sim.Channel); ok && resp.Status == http.StatusSwitchingProtocols {
		s.switches(w, r, v, channel)
		return
	}
	writeHeader(w, resp, s.epoch)
	if r.Method == http.MethodHead || resp.Status == http.StatusNoContent || resp.Status == http.StatusNotModified {
		s.give(resp.Body, sim.Cancelled)
		return
	}
	stay := context.AfterFunc(r.Context(), func() { // the client has left: more need not be got
		s.node.Do(func() { v.scope.Cancel(sim.Cancelled) })
	})
	defer stay()
	if err := s.copyContent(w, resp, flush); err != nil {
		s.give(resp.Body, sim.Cancelled)
		panic(http.ErrAbortHandler)
	}
}

// give gives a content up that will not be sent whole.
func (s *Server) give(b sim.Body, c sim.Cause) {
	if b != nil {
		s.node.Do(func() { b.Abandon(c) })
	}
}
