// timelyBody: a request's content, which must keep coming.
package live

import (
	"io"
	"net/http"
	"time"
)

// timelyBody reads a request's content, and tells the visit when it is none.
type timelyBody struct {
	from     io.Reader
	conn     *http.ResponseController
	patience time.Duration // from one piece to the next
	visit    *visit
	guard    *guard // of the connection; nil when it has none
}

// Read implements io.Reader.
func (b *timelyBody) Read(p []byte) (int, error) {
	_ = b.conn.SetReadDeadline(time.Now().Add(b.patience)) // every connection here can
	n, err := b.from.Read(p)
	switch {
	case err == nil || err == io.EOF:
	case b.guard != nil:
		b.visit.bad.Store(b.guard.whyNot) // nil when the client is to blame for nothing
	case tooLate(err):
		b.visit.bad.Store(badSlowBody)
	}
	return n, err
}

// done ends the time that the content has. What came too late stays so: net/http
// would wait for the rest of it before it answers.
func (b *timelyBody) done() {
	if b.visit.bad.Load() == nil {
		_ = b.conn.SetReadDeadline(time.Time{})
	}
}
