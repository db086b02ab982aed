// line: one direction of a relayed connection, as the model has it.
package fabric

import (
	"errors"
	"io"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// line takes bytes from one end, as many as the modelled window lets go, and gives
// them to the other when they would have arrived. They set out when the kernel took
// them in, not when the loop came to it: its own lateness is not part of the delay.
type line struct {
	conn     *conn
	from, to *side
	dir      network.Direction

	flow    network.Flow
	content network.Content
	again   sim.Time // when what is still to be sent, or sent again, may leave
	opens   sim.Time // nothing leaves before: the handshake, the window, what left last, a cut that has healed
	stuck   sim.Time // since when something waits for a cut to heal; Never: nothing does

	chunks  queue[chunk] // under way, in their order
	at      int          // in chunks: the first with segments that have no time of arrival yet
	coming  queue[coming]
	arrived int      // bytes that are there, and that the far end has not taken
	held    int      // bytes in chunks
	waiting bool     // it is among the relay's thin
	last    sim.Time // the latest arrival so far

	finAt, rstAt sim.Time // when the end, or the reset, arrives; Never: there is none
	done         bool     // the end has been passed on
	resets       bool     // a reset is on its way, or waits for a cut to heal
	dead         bool     // the end it goes to is gone

	timer sim.Timer
	wakes sim.Time
	fire  func()
}

// chunk is what one read took.
type chunk struct {
	block    []byte
	written  int   // of it, in bytes
	segments int64 // without a time of arrival
	timed    int   // bytes with one
}

// coming is a number of bytes that arrive evenly from first to last.
type coming struct {
	bytes, taken int
	first, last  sim.Time
}

// pieceTime is how often a flight that takes long to arrive is handed on.
const pieceTime = time.Millisecond

func (l *line) init(c *conn, from, to *side, dir network.Direction) {
	*l = line{conn: c, from: from, to: to, dir: dir, again: sim.Never, stuck: sim.Never, finAt: sim.Never, rstAt: sim.Never,
		opens: sim.Never, wakes: sim.Never}
	c.relay.link.Load(&l.content, dir, &sim.Request{ID: c.id}, 0)
	l.fire = l.wake
}

func (l *line) now() sim.Time { return l.conn.relay.loop.engine.Now() }

// open lets bytes leave from a time on.
func (l *line) open(at sim.Time) {
	l.opens = at
	l.step()
}

// wake is the timer's: something is due.
func (l *line) wake() {
	due := l.wakes
	l.wakes = sim.Never
	l.play(due)
}

// step does what can be done now.
func (l *line) step() { l.play(l.now()) }

// play does what was due at a time, and what else can be done now, and has itself
// woken for the rest.
func (l *line) play(due sim.Time) {
	if l.conn.over {
		return
	}
	now := l.now()
	if l.again <= now && !l.cut(l.again) {
		l.opens, l.again = l.again, sim.Never
		l.send(l.opens)
	}
	if l.deliver(now) {
		l.conn.relay.delivered(due)
	}
	l.pump(now)
	l.finish(now)
	l.arm()
}

// cut reports whether the path is cut, and remembers that something waits.
func (l *line) cut(since sim.Time) bool {
	if !l.conn.relay.link.Cut(l.dir) {
		return false
	}
	l.stuck = min(l.stuck, since)
	return true
}

// healed goes on after a cut, at the sender's next retransmission.
func (l *line) healed(now sim.Time) {
	if l.stuck != sim.Never && !l.conn.relay.link.Cut(l.dir) {
		at := l.conn.relay.link.Retransmitted(l.stuck, now)
		l.stuck = sim.Never
		l.opens = max(l.opens, at)
		if l.again != sim.Never {
			l.again = max(l.again, at)
		}
	}
	if l.resets && !l.conn.relay.link.Cut(l.dir) {
		l.reset()
	}
	l.step()
}

// pump reads what the window lets go.
func (l *line) pump(now sim.Time) {
	r := l.conn.relay
	for l.from.readable && !l.ending() && l.again == sim.Never && now >= l.opens {
		if l.cut(now) || !l.memory() {
			return
		}
		room := r.link.Room(&l.flow, now)
		if room == 0 {
			l.opens = l.flow.Next()
			return
		}
		space := r.space[:min(room*network.MSS, readSpace, int64(lineMemory-l.held))]
		n, at, err := l.from.read(space)
		switch {
		case errors.Is(err, errWait):
			return
		case errors.Is(err, io.EOF):
			l.finAt = l.arrival(now.Add(r.link.Closing()))
			return
		case err != nil:
			l.conn.broke(l.from)
			return
		}
		l.take(space[:n])
		l.opens = max(l.opens, at)
		l.send(l.opens)
	}
}

func (l *line) ending() bool { return l.dead || l.resets || l.finAt != sim.Never }

// memory reports whether there is room for more; if not, the line is stepped once
// there is.
func (l *line) memory() bool {
	r := l.conn.relay
	if r.held >= allMemory && !l.waiting {
		l.waiting = true
		r.thin = append(r.thin, l)
	}
	if r.held < allMemory {
		l.waiting = false
	}
	return !l.waiting && l.held < lineMemory
}

// take takes bytes in.
func (l *line) take(p []byte) {
	r := l.conn.relay
	segments := network.Segments(int64(len(p)), false)
	l.chunks.push(chunk{block: r.pool.keep(p), segments: segments})
	l.content.Add(segments)
	l.held += len(p)
	r.take(int64(len(p)))
	if l.dir == network.Out {
		r.stats.BytesOut += int64(len(p))
	} else {
		r.stats.BytesBack += int64(len(p))
	}
}

// send lets leave at a time what the window lets go.
func (l *line) send(at sim.Time) {
	f := l.conn.relay.link.Send(&l.flow, &l.content, at)
	if f.Ready > 0 {
		l.coming.push(coming{bytes: l.timed(f.Ready), first: l.arrival(f.First), last: l.arrival(f.Last)})
	}
	if !f.Done() {
		l.again = f.Next
	}
}

// timed gives so many segments a time of arrival, and returns their bytes.
func (l *line) timed(segments int64) (bytes int) {
	for segments > 0 && l.at < l.chunks.len() {
		c := l.chunks.at(l.at)
		n := min(segments, c.segments)
		c.segments -= n
		segments -= n
		b := len(c.block) - c.timed
		if c.segments > 0 {
			b = min(b, int(n)*network.MSS)
		} else {
			l.at++
		}
		c.timed += b
		bytes += b
	}
	return bytes
}

// arrival is a modelled time of arrival less what handing on costs. Nothing
// overtakes what went before, nor arrives before it was taken in.
func (l *line) arrival(t sim.Time) sim.Time {
	l.last = max(l.last, t-sim.Time(l.conn.relay.half()), 0)
	return l.last
}

// deliver hands on what has arrived.
func (l *line) deliver(now sim.Time) (gave bool) {
	for l.coming.len() > 0 {
		c := l.coming.at(0)
		n := c.there(now) - c.taken
		c.taken += n
		l.arrived += n
		if c.taken < c.bytes {
			break
		}
		l.coming.pop()
	}
	return l.flush()
}

// there is how many of the bytes have arrived.
func (c *coming) there(now sim.Time) int {
	switch {
	case now >= c.last:
		return c.bytes
	case now < c.first:
		return 0
	}
	share := float64(now-c.first) / float64(c.last-c.first)
	return min(c.bytes, max(network.MSS, int(share*float64(c.bytes))/network.MSS*network.MSS))
}

// due is when more of it is handed on.
func (c *coming) due(now sim.Time) sim.Time {
	if now < c.first {
		return c.first
	}
	return min(c.last, now.Add(pieceTime))
}

// flush gives the far end what it takes of what has arrived.
func (l *line) flush() (gave bool) {
	for l.arrived > 0 && l.to.takes() {
		c := l.chunks.at(0)
		part := c.block[c.written:min(len(c.block), c.written+l.arrived)]
		n, err := l.to.write(part)
		if err != nil && !errors.Is(err, errWait) {
			l.conn.broke(l.to)
			return gave
		}
		gave = gave || n > 0
		l.wrote(n)
	}
	return gave
}

// wrote notes that bytes have left.
func (l *line) wrote(n int) {
	r := l.conn.relay
	c := l.chunks.at(0)
	c.written += n
	l.arrived -= n
	l.held -= n
	if c.written == len(c.block) {
		r.pool.give(c.block)
		l.chunks.pop()
		l.at--
	}
	r.take(-int64(n))
}

// finish passes the end on when all before it is there.
func (l *line) finish(now sim.Time) {
	switch {
	case now >= l.rstAt:
		l.conn.relay.stats.Reset++
		l.conn.drop(true)
	case l.done:
	case now >= l.finAt && l.held == 0 && l.to.open:
		l.done = true
		l.to.sock.finish()
		l.conn.finished()
	}
}

// reset has the reset of the near end arrive at the far one, behind what is under
// way. What has not left never will.
func (l *line) reset() {
	l.resets = true
	if l.rstAt == sim.Never && !l.conn.relay.link.Cut(l.dir) {
		l.again = sim.Never
		l.rstAt = l.arrival(l.now().Add(l.conn.relay.link.OneWay()))
		l.arm()
	}
}

// arm has the line woken when something is due.
func (l *line) arm() {
	now, next := l.now(), l.rstAt
	if l.conn.over {
		next = sim.Never
	}
	if l.coming.len() > 0 {
		next = min(next, l.coming.at(0).due(now))
	}
	if l.stuck == sim.Never {
		next = min(next, l.again)
	}
	if l.from.readable && l.opens > now && !l.ending() {
		next = min(next, l.opens)
	}
	if l.held == 0 && !l.done && l.finAt > now {
		next = min(next, l.finAt)
	}
	if next != l.wakes {
		l.timer.Stop()
		l.wakes = next
		if next != sim.Never {
			l.timer = l.conn.relay.loop.engine.At(next, l.fire)
		}
	}
}

// drop gives back what the line holds: who would get it is gone.
func (l *line) drop() {
	l.dead, l.again = true, sim.Never
	for l.chunks.len() > 0 {
		l.conn.relay.pool.give(l.chunks.at(0).block)
		l.chunks.pop()
	}
	held := l.held
	l.held, l.arrived, l.coming = 0, 0, queue[coming]{}
	l.conn.relay.take(-int64(held))
	l.arm()
}
