// What the relay needs of sockets. Nothing blocks: each call does what it can now,
// and a watcher is told when more can be done.
package fabric

import (
	"errors"
	"net/netip"

	"cdnlab/sim"
)

// ready says what has become possible on a socket.
type ready uint8

const (
	readable ready = 1 << iota // bytes or the end can be read
	writable                   // or the attempt to connect is over
	ended                      // the far end sends no more: what can be read ends with the end
	broken                     // the connection may be broken: ask fault
)

// watcher is told what has become possible on its socket, once each time: it must
// remember until a read or a write says otherwise.
type watcher interface{ ready(what ready) }

// errWait is what a read or write returns that has to wait.
var errWait = errors.New("fabric: not ready")

// socket is one TCP connection.
type socket interface {
	// watch begins to tell w what becomes possible.
	watch(w watcher) error
	// read takes bytes that are there, and the time at which the last of them came
	// in. Its error is errWait, io.EOF or why the connection broke.
	read(p []byte) (n int, at sim.Time, err error)
	// write puts bytes on their way, as many as there is room for.
	write(p []byte) (n int, err error)
	// fault returns why the connection broke, or could not be made; nil: it is whole.
	fault() error
	// finish sends the end, behind all that was written.
	finish()
	// close gives the socket back; with reset the far end is told that the connection
	// broke.
	close(reset bool)
}

// listener is a socket that takes connections.
type listener interface {
	addr() netip.AddrPort
	// pause stops taking them, so that they wait in the system's queue, or goes on.
	pause(on bool)
	close()
}

// stack makes sockets.
type stack interface {
	// listen tells of each connection that comes, or of an error that does not last.
	listen(l *Loop, at netip.AddrPort, came func(socket, error)) (listener, error)
	// dial begins to connect; when that is over the watcher is told writable.
	dial(l *Loop, to netip.AddrPort) (socket, error)
}
