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
