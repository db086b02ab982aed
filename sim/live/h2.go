// session: one HTTP/2 connection of a Link and the exchanges on it.
package live

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"sync"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// session carries many exchanges at a time, each on a conn of its own that stands
// for a stream (RFC 9113 5). net/http frames them.
type session struct {
	conn  *conn // the connection itself, as Conns knows it
	cc    *http.ClientConn
	wire  *flights
	lanes []*conn // of exchanges on it, under the node's mutex

	mu      sync.Mutex // protects what follows
	queue   []*stream  // to be sent, in their order
	sending bool       // a request's header is being written
}

// streamBuffer is how much of a content may wait in this process until the path
// lets it be read: as much as a socket's buffer, so that far ends of HTTP/2 are
// held back as those of HTTP/1.1 are.
const streamBuffer = 256 << 10

type tlsKey struct{}

// framer makes HTTP/2 of connections that have shaken hands.
var framer = sync.OnceValue(func() *http.Transport {
	t := &http.Transport{
		DialTLSContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return ctx.Value(tlsKey{}).(*tls.Conn), nil
		},
		DisableCompression: true, MaxResponseHeaderBytes: maxHeaderBytes,
		Protocols: new(http.Protocols), HTTP2: &http.HTTP2Config{MaxReceiveBufferPerStream: streamBuffer},
	}
	t.Protocols.SetHTTP2(true)
	return t
})

// newSession begins HTTP/2 on a connection that has shaken hands.
func newSession(nc *secured, wire *flights) (*session, error) {
	wire.timed = true
	cc, err := framer().NewClientConn(context.WithValue(context.Background(), tlsKey{}, nc.Conn), "https", "node:443")
	return &session{cc: cc, wire: wire}, err
}

// join makes the session's connection one of a link's. It is called within the
// node, as all below are until the next that says otherwise.
func (s *session) join(l *Link, nc *secured) *conn {
	c := barely(l, nc)
	c.many, s.conn = s, c
	l.flows(c, network.Rested{}, 0)
	l.ends.add(c)
	s.cc.SetStateHook(func(cc *http.ClientConn) {
		if cc.Err() != nil {
			go l.node.Do(func() { // this may be within it
				c.dead = true
				l.ends.remove(c)
			})
		}
	})
	return c
}

// stream is one exchange on a session.
type stream struct {
	on     *session
	conn   *conn
	hr     *http.Request
	ctx    context.Context
	cancel context.CancelFunc
	passed sync.Once // its header is on its way, or never will be
	first  sim.Time  // when the header of its answer came; 0: not yet
}

// begin returns the conn of a new stream.
func (s *session) begin() *conn {
	st := &stream{on: s}
	st.ctx, st.cancel = context.WithCancel(context.Background())
	st.conn = barely(s.conn.link, nil)
	st.conn.lane, st.conn.flows, st.conn.br, st.conn.dead = st, s.conn.flows, bufio.NewReaderSize(nil, 16), s.conn.dead
	s.lanes = append(s.lanes, st.conn)
	return st.conn
}

// leave tells that an exchange is done with its stream.
func (s *session) leave(c *conn) {
	s.lanes = slices.DeleteFunc(s.lanes, func(other *conn) bool { return other == c })
}

// open lets everything that is held back come in, for the end of a run.
func (s *session) open() {
	for _, c := range s.lanes {
		c.dead = true
		c.tap.open()
		s.conn.link.node.Later(c.close)
	}
}

// broken is the end of the connection, by the path, for all exchanges on it.
func (s *session) broken() {
	for _, c := range slices.Clone(s.lanes) {
		if c.x.near >= asking {
			c.x.broken()
		}
	}
}

// send has a request written when all before it have been.
func (s *session) send(st *stream, req *sim.Request) {
	st.hr = s.conn.link.request(st, req)
	s.conn.link.node.Later(func() {
		s.mu.Lock()
		s.queue = append(s.queue, st)
		s.mu.Unlock()
		s.next()
	})
}

// next sends the first request that waits, unless one is being sent.
func (s *session) next() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sending || len(s.queue) == 0 {
		return
	}
	st := s.queue[0]
	s.queue = s.queue[1:]
	s.sending = true
	go s.roundTrip(st)
}

// passes lets the request after this one be sent.
func (s *session) passes(st *stream) {
	st.passed.Do(func() {
		s.mu.Lock()
		s.sending = false
		s.mu.Unlock()
		s.next()
	})
}

// roundTrip is the life of a stream.
func (s *session) roundTrip(st *stream) {
	defer st.cancel()
	n, c := s.conn.link.node, st.conn
	c.wroteAt.Store(int64(n.wall.Now()))
	c.begun.Add(1)
	hr, err := s.cc.RoundTrip(st.hr)
	s.passes(st)
	at := st.first
	if at == 0 {
		at = n.wall.Now()
	}
	if err != nil {
		n.Do(func() { c.broken(sim.Reset, at) })
		return
	}
	defer hr.Body.Close()
	if !c.answer(hr, at) {
		n.Do(func() { c.broken(sim.Reset, n.wall.Now()) })
	}
}

// request makes net/http's request of the lab's.
func (l *Link) request(st *stream, r *sim.Request) *http.Request {
	h := make(http.Header, len(r.Header)+2)
	maps.Copy(h, r.Header)
	if !l.stranger {
		h[headerClient] = []string{string(appendClient(nil, l.token, r))}
	}
	if len(h["User-Agent"]) == 0 {
		h["User-Agent"] = []string{""} // or net/http gives its own name
	}
	hr := &http.Request{Method: r.Method, URL: wireURL(r), Host: hostOf(r), Header: h, Body: http.NoBody}
	if body, size := r.Body, r.Size; body != nil || size > 0 {
		hr.ContentLength = size
		hr.Body = st.upload(body, size)
	}
	return hr.WithContext(httptrace.WithClientTrace(st.ctx, st.trace(r)))
}

// wireURL is a request's URL whose path is sent as it is.
func wireURL(r *sim.Request) *url.URL {
	u := &url.URL{Scheme: schemeTLS, Host: hostOf(r), Opaque: r.Path}
	if strings.HasPrefix(r.Path, "//") { // which net/url would take for a host
		u.Opaque, u.Path = "", r.Path
	}
	return u
}

// trace tells the stream of what becomes of its request. Of answers it is told by
// the goroutine that reads the connection, at the read that brought their header.
func (st *stream) trace(r *sim.Request) *httptrace.ClientTrace {
	n := st.conn.link.node
	return &httptrace.ClientTrace{
		WroteHeaders:         func() { st.on.passes(st) },
		GotFirstResponseByte: func() { st.first = st.on.wire.came },
		Got1xxResponse: func(status int, h textproto.MIMEHeader) error {
			at := st.on.wire.came
			st.first = 0 // it was this one's
			n.Do(func() {
				st.conn.interim(&http.Response{StatusCode: status, Header: http.Header(h)}, at)
			})
			return nil
		},
	}
}

// upload gives a request's content to net/http as it comes.
func (st *stream) upload(body sim.Body, size int64) io.ReadCloser {
	from, to := io.Pipe()
	go func() {
		err := copyBody(st.conn.link.node, to, body, max(0, size), nil)
		st.conn.uploading.Store(false)
		to.CloseWithError(err)
	}()
	return from
}
