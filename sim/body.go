// Bodies: their bytes never enter a decision (but Worded), their size and end do.
package sim

// Body is content on its way. What the bytes are, only a live world knows.
type Body interface {
	// Size is the declared length in bytes, -1 when unknown.
	Size() int64
	// OnEnd calls f once when the content has ended, with the bytes that came
	// and OK or why they are not all: at once when it already has.
	OnEnd(f func(c Cause, n int64))
	// Share returns another reader of the same content, from its first byte,
	// however much has already come. Call it before anyone reads the Body itself.
	Share() Body
	// Abandon tells that this reader wants no more. When the last has said so,
	// who sends may stop.
	Abandon(c Cause)
}

// Transfer is the end of a content: the part of a Body that decisions see. It
// is the whole Body in a virtual world and the heart of one in a live world.
// The zero Transfer has not ended.
type Transfer struct {
	Length int64 // declared, in bytes; -1 when unknown
	ended  bool
	cause  Cause
	n      int64
	hooks  []func(Cause, int64)
	// Abandoned is called when the last reader wants no more; nil when nobody
	// cares. Readers is how many there are beside the first.
	Abandoned func(Cause)
	others    int
	alone     func()
}

var _ Body = (*Transfer)(nil)

// Size returns Length.
func (t *Transfer) Size() int64 { return t.Length }

// OnEnd implements Body.
func (t *Transfer) OnEnd(f func(Cause, int64)) {
	if t.ended {
		f(t.cause, t.n)
		return
	}
	t.hooks = append(t.hooks, f)
}

// End ends the content after n bytes. Ending twice does nothing: the first
// cause is the true one.
func (t *Transfer) End(c Cause, n int64) {
	if t.ended {
		return
	}
	t.ended, t.cause, t.n = true, c, n
	hooks := t.hooks
	t.hooks = nil
	for _, f := range hooks {
		f(c, n)
	}
}

// Ended reports whether the content has ended.
func (t *Transfer) Ended() bool { return t.ended }

// Share counts one more reader and returns the same Transfer: without bytes
// there is no place in them to keep.
func (t *Transfer) Share() Body {
	t.others++
	return t
}

// Abandon implements Body.
func (t *Transfer) Abandon(c Cause) {
	t.others--
	switch {
	case t.ended:
	case t.others < 0 && t.Abandoned != nil:
		t.Abandoned(c)
	case t.others == 0 && t.alone != nil:
		t.alone()
	}
}

// OnAlone has f called when all readers but the first want no more.
func (t *Transfer) OnAlone(f func()) { t.alone = f }

// OnAlone tells the first reader of a content when it is the only one left, where
// that is known.
func OnAlone(b Body, f func()) {
	if b, ok := b.(interface{ OnAlone(func()) }); ok {
		b.OnAlone(f)
	}
}
