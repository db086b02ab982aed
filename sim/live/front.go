// Front: a node behind the lab's own HTTP/1.1 loop, for the plain requests that
// a load is made of. Everything else it hands over to net/http.
package live

import (
	"net"
	"sync"
	"time"
)

// Front serves a node's handler. A plain request (GET or HEAD over HTTP/1.1,
// without content, one at a time) costs a read and a write; the goroutine that
// has the answer writes it. The first request of a connection that is not so
// plain takes the connection to a Server, for good.
type Front struct {
	*Server
	odd   *oddListener
	many  *oddListener // takes what speaks HTTP/2
	texts headerTexts
	heads answerHeads
	dates dateTexts

	mu     sync.Mutex // protects what follows
	conns  map[net.Conn]struct{}
	closed bool
	listen net.Listener
}

// NewFront returns a front for a node's handler; see NewServer.
func NewFront(s *Server) *Front {
	return &Front{Server: s, odd: newOddListener(), many: newOddListener(), conns: map[net.Conn]struct{}{}}
}

// Serve answers on a listener until Close.
func (f *Front) Serve(l net.Listener) error {
	f.mu.Lock()
	f.listen = l
	closed := f.closed
	f.mu.Unlock()
	if closed {
		l.Close()
		return net.ErrClosed
	}
	go func() { _ = f.Server.Serve(f.odd) }() // it ends with Close
	go func() { _ = f.http.Serve(f.many) }()  // likewise
	for {
		nc, err := accept(l)
		if err != nil {
			return err
		}
		if !f.enter(nc) {
			nc.Close()
			return net.ErrClosed
		}
		go f.meet(nc)
	}
}

// meet serves a connection, after what a balancer says in front of it.
func (f *Front) meet(nc net.Conn) {
	from, err := f.passed.take(nc)
	if err != nil {
		f.leave(nc)
		nc.Close()
		return
	}
	if from != nc {
		f.leave(nc)
		if !f.enter(from) {
			from.Close()
			return
		}
	}
	f.visit(from)
}

func (f *Front) enter(nc net.Conn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return false
	}
	f.conns[nc] = struct{}{}
	return true
}

func (f *Front) leave(nc net.Conn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.conns, nc)
}

// Close ends the front and its connections.
func (f *Front) Close() error {
	f.mu.Lock()
	f.closed = true
	// A Close may wait for who reads the connection, and that one for a write to
	// another: first all of them are let go.
	for nc := range f.conns { // all of them: any order will do
		_ = nc.SetDeadline(time.Unix(1, 0)) // long ago; it is closed all the same
	}
	for nc := range f.conns { // likewise
		nc.Close()
	}
	l := f.listen
	f.mu.Unlock()
	if l != nil {
		l.Close()
	}
	return f.Server.Close()
}
