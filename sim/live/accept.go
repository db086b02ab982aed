// Accepting connections, also when there is no descriptor left for a while.
package live

import (
	"errors"
	"net"
	"time"
)

// acceptPause is the wait after an accept that failed for want of descriptors.
const acceptPause = 5 * time.Millisecond

// accept returns the next connection of a listener; an error when there will be none
// any more.
func accept(l net.Listener) (net.Conn, error) {
	for {
		nc, err := l.Accept()
		switch {
		case err == nil:
			return fast(nc), nil
		case !temporary(err):
			return nil, err
		}
		time.Sleep(acceptPause)
	}
}

func temporary(err error) bool {
	var t interface{ Temporary() bool }
	return errors.As(err, &t) && t.Temporary() && !errors.Is(err, net.ErrClosed)
}
