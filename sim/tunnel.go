// Tunnels: connections that a node passes on without a look at what they carry.
package sim

// Opener is a Handler by which connections can be opened, too: a link.
type Opener interface {
	Handler
	// Open opens a connection to the far end. Of req its scope, its number and the
	// address of who asks count; it is not sent. The answer comes when the
	// connection stands: its status is 200, and its Body is the connection, which
	// ends when that is closed, with OK in good order. To Abandon it closes it.
	Open(req *Request, reply func(*Response))
}

// Relay is a node that passes connections on (L4) instead of answering requests.
// For each that comes its world asks it with a request of method CONNECT, and it
// answers with a connection that it has opened, or with a Cause: then the one that
// came is closed.
type Relay interface {
	Handler
	Relays()
}
