// One server as a balancer sees it.
package balance

// Unit is the effective weight of a server of weight 1: effective weights are
// counted in thousandths, so that a slow start can give a part of a weight and
// the sequences stay those of whole numbers.
const Unit = 1000

// MaxWeight bounds a weight, so that products of weights and loads stay far
// from the range of an int64.
const MaxWeight = 65535

// Spec is what is known of a server before the run.
type Spec struct {
	Name           string
	Place          string // where it stands, for policies that look at distance
	Weight         int    // its share of the load against the others'; 0 means 1
	Zone           string // of its place; "": none
	Priority       int    // a Pool asks servers of a greater one only in the place of those of a lesser one
	MaxConnections int    // requests in flight at which it is full; 0: no limit
}

// Server is one server of a pool. Its state changes only through Servers, which
// keeps the index of those that may be picked.
type Server struct {
	Spec
	index    int
	member   *member // of a Pool; nil outside one
	active   int
	load     int   // what policies go by: active, or what it has reported
	share    int64 // effective weight in thousandths
	down     bool
	draining bool
	benched  bool // not for the pick under way: this request has tried it
	eligible bool
}

// Index is the server's place in the order of the configuration, from 0.
func (s *Server) Index() int { return s.index }

// Active is the number of requests in flight at the server.
func (s *Server) Active() int { return s.active }

// Load is what policies compare: Active, unless the servers report their loads.
func (s *Server) Load() int { return s.load }

// Up reports whether health checks and passive watching let it take requests.
func (s *Server) Up() bool { return !s.down }

// Draining reports whether it only finishes what it has.
func (s *Server) Draining() bool { return s.draining }

// Full reports whether it is at its limit of connections.
func (s *Server) Full() bool { return s.MaxConnections > 0 && s.active >= s.MaxConnections }

// Share is its effective weight in units of 1/Unit: Weight*Unit, less while a
// slow start or the like lowers it.
func (s *Server) Share() int64 { return s.share }

// Eligible reports whether a pick may return it now.
func (s *Server) Eligible() bool { return s.eligible }

// fit reports whether a pick may return it; in a panic one that is down, too.
func (s *Server) fit(panic bool) bool {
	return (!s.down || panic) && !s.draining && !s.benched && s.share > 0 && !s.Full()
}
