// Text: a content whose bytes are a node's own.
package sim

// Text is a short content that a node has itself: all of it is there from the start.
type Text string

var _ Body = Text("")

// Size implements Body.
func (t Text) Size() int64 { return int64(len(t)) }

// OnEnd implements Body.
func (t Text) OnEnd(f func(Cause, int64)) { f(OK, int64(len(t))) }

// Share implements Body.
func (t Text) Share() Body { return t }

// Abandon implements Body.
func (Text) Abandon(Cause) {}

// Words implements Worded.
func (t Text) Words(limit int) string { return string(t[:min(len(t), limit)]) }

// Worded is a Body of which somebody may ask what it says. Only health checks do: no
// other decision is about words. In a virtual world those of a Text travel along, and
// no other content has any; in a live one they are the bytes that have come.
type Worded interface {
	Body
	// Words returns the first limit bytes. Ask when the content has ended, and
	// before it is abandoned.
	Words(limit int) string
}

var _ Worded = Text("")

// WordedOf returns the content, or the one behind it, that has words; nil when none has.
func WordedOf(b Body) Worded {
	if p, ok := b.(*Paced); ok {
		b = p.source
	}
	w, _ := b.(Worded)
	return w
}
