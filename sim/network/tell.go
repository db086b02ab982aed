// Teller: what a link tells of a traced request, in the words of both worlds.
package network

import (
	"fmt"
	"strings"
	"time"

	"cdnlab/sim"
)

// Teller tells a link's steps, at the asker's end. Ask req.Traced() first.
type Teller struct {
	tracer *sim.Tracer
	peer   string
	path   *Link
}

// NewTeller returns the teller of a path to a peer.
func NewTeller(tracer *sim.Tracer, peer string, path *Link) Teller {
	return Teller{tracer: tracer, peer: peer, path: path}
}

func (t *Teller) tell(req *sim.Request, s sim.Step) {
	s.Peer = t.peer
	t.tracer.Tell(req, s)
}

// Asks tells that a request wants a connection.
func (t *Teller) Asks(req *sim.Request) { t.tell(req, sim.Step{Kind: sim.StepAsk}) }

// Reuses tells that it takes an open connection.
func (t *Teller) Reuses(req *sim.Request) {
	t.tell(req, sim.Step{Kind: sim.StepReuse, Says: "warm: an open connection is used again, without a handshake"})
}

// Connects tells that it opens one of open connections, the dials-th ever tried,
// and how. arrival is when its first packet arrives, if the link is not cut.
func (t *Teller) Connects(req *sim.Request, s Setup, open int, dials int64, arrival time.Duration) {
	says := "cold: "
	switch {
	case dials == 1:
		says += "the first connection to " + t.peer
	case open > 1:
		says += fmt.Sprintf("no connection to %s is idle (%d in use or being opened)", t.peer, open-1)
	default:
		says += "no connection to " + t.peer + " is open any more"
	}
	says += "; " + s.says(t.path.RTT())
	if late := arrival - t.path.OneWay(); t.path.Deaf() {
		says += "; the link is cut: SYNs get no answer"
	} else if late > 0 {
		says += "; a SYN is lost and sent again: " + sim.Briefly(late) + " more"
	}
	t.tell(req, sim.Step{Kind: sim.StepConnect, Says: says})
}

// Shakes tells that TCP's part of a connection stood at a time, and TLS begins.
func (t *Teller) Shakes(req *sim.Request, at sim.Time, s Setup) {
	t.tell(req, sim.Step{At: at, Kind: sim.StepTLS, Says: s.shakes(t.path.RTT())})
}

// Opens tells that the connection has stood since a time; 0 is now.
func (t *Teller) Opens(req *sim.Request, at sim.Time) {
	t.tell(req, sim.Step{At: at, Kind: sim.StepOpen})
}

// Leaves tells that the request sets out and how long it will travel. It is about
// the head that was the last to leave.
func (t *Teller) Leaves(req *sim.Request, travel time.Duration) { t.LeavesAt(req, 0, travel) }

// LeavesAt is Leaves for one that sets out at another time than now.
func (t *Teller) LeavesAt(req *sim.Request, at sim.Time, travel time.Duration) {
	says := t.travelled(travel)
	t.tell(req, sim.Step{At: at, Kind: sim.StepLeave, Says: says, Access: t.path.met.access})
}

// travelled says what a travel time is made of beside the distance; "" when there
// is nothing else.
func (t *Teller) travelled(travel time.Duration) string {
	m := &t.path.met
	if travel == t.path.OneWay() {
		*m = met{access: t.path.ownWay()}
	}
	var words []string
	if own := t.path.spec.Access; own != nil {
		words = append(words, sim.Briefly(m.access)+" of it "+own.Name)
	}
	for _, part := range []struct {
		took time.Duration
		says string
	}{
		{m.lost, "packets are lost and sent again"},
		{m.queue, "it waits in a queue"},
		{m.behind, "it waits behind what was sent before it"},
		{m.jitter, "jitter"},
	} {
		switch {
		case part.took > 0:
			words = append(words, part.says+": "+sim.Briefly(part.took)+" more")
		case part.took < 0:
			words = append(words, part.says+": "+sim.Briefly(-part.took)+" less")
		}
	}
	return strings.Join(words, "; ")
}

// Held tells that a flight meets a cut.
func (t *Teller) Held(req *sim.Request) {
	t.tell(req, sim.Step{Kind: sim.StepHeld,
		Says: "the link is cut: sent again and again, until a packet gets through"})
}

// Reaches tells that the request is at the far end's door.
func (t *Teller) Reaches(req *sim.Request) { t.tell(req, sim.Step{Kind: sim.StepReach}) }

// Returns tells that an answer set out at a time, and how long it will travel.
func (t *Teller) Returns(req *sim.Request, at sim.Time, resp *sim.Response, travel time.Duration) {
	says := resp.Cause.Says()
	if says == "" {
		says = t.travelled(travel)
	}
	t.tell(req, sim.Step{At: at, Kind: sim.StepReturn, Says: says, Status: resp.Status, Cause: resp.Cause, Access: t.path.met.access})
}

// Header tells that the header is here, or the word that there will be none.
func (t *Teller) Header(req *sim.Request, resp *sim.Response) {
	t.tell(req, sim.Step{Kind: sim.StepHeader, Says: resp.Cause.Says(), Status: resp.Status, Cause: resp.Cause, Size: resp.Size})
}

// End tells that the content has ended, after n bytes.
func (t *Teller) End(req *sim.Request, c sim.Cause, n int64) {
	t.tell(req, sim.Step{Kind: sim.StepEnd, Says: c.Says(), Cause: c, Size: n})
}

// Arrived is End for a content that came over the path: it says what held it up.
func (t *Teller) Arrived(req *sim.Request, cause sim.Cause, n int64, c *Content) {
	says := cause.Says()
	if says == "" {
		says = c.story.says()
	}
	t.tell(req, sim.Step{Kind: sim.StepEnd, Says: says, Cause: cause, Size: n})
}

// says tells how a content came over; "" when it was in one go.
func (s *story) says() string {
	if s == nil || s.flights < 2 {
		return ""
	}
	text := fmt.Sprintf("in %d flights", s.flights)
	if s.waited > 0 {
		text += fmt.Sprintf(", with %s of waiting for acknowledgements between them", sim.Briefly(s.waited))
	}
	if s.again == 1 {
		text += "; 1 packet was lost and sent again"
	} else if s.again > 1 {
		text += fmt.Sprintf("; %d packets were lost and sent again", s.again)
	}
	return text
}

// Whole tells that an answer has come whole, or that there will be none.
func (t *Teller) Whole(req *sim.Request, resp *sim.Response) {
	t.Header(req, resp)
	t.End(req, resp.Cause, max(0, resp.Size))
}

// Cancelled tells that the asker wants no more: the header, or the rest of the
// content.
func (t *Teller) Cancelled(req *sim.Request, c sim.Cause, streaming bool) {
	if streaming {
		t.End(req, c, 0)
		return
	}
	t.Whole(req, sim.Fail(c))
}
