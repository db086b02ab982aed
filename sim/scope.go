// Cancellation.
package sim

// Scope is the life of an ask: whoever asked cancels it when the answer is no
// longer wanted. A nil Scope cannot be cancelled and may be used as one. Who
// may outlive its asker, or tries again, derives its own.
type Scope struct {
	cause Cause
	made  uint32 // hooks ever made: a number for each
	first hook   // most scopes have but one, and need no slice for it
	more  []hook
}

type hook struct {
	number uint32
	f      func(Cause) // nil: none
}

// Hook is a registered call of OnCancel, to be dropped when it has become
// pointless: a value, so that holding one costs no allocation. The zero Hook is
// one that was dropped.
type Hook struct {
	scope  *Scope
	number uint32
}

// Cancel ends the scope and calls its hooks, in the order of registration. The
// first Cause stays; cancelling again does nothing.
func (s *Scope) Cancel(c Cause) {
	if c == OK {
		panic("sim: Cancel needs a cause")
	}
	if s.cause != OK {
		return
	}
	s.cause = c
	for f := s.take(); f != nil; f = s.take() { // one that is called may drop others
		f(c)
	}
}

// take removes the hook registered first and returns its call.
func (s *Scope) take() func(Cause) {
	f := s.first.f
	switch {
	case len(s.more) == 0:
		s.first = hook{}
	case f == nil || s.more[0].number < s.first.number:
		f = s.more[0].f
		s.more = s.more[1:]
	default:
		s.first = hook{}
	}
	return f
}

// Cause returns why the scope was cancelled, OK while it lives.
func (s *Scope) Cause() Cause {
	if s == nil {
		return OK
	}
	return s.cause
}

// OnCancel calls f when the scope is cancelled: at once when it already was.
func (s *Scope) OnCancel(f func(Cause)) Hook {
	if s == nil {
		return Hook{}
	}
	if s.cause != OK {
		f(s.cause)
		return Hook{}
	}
	s.made++
	if h := (hook{s.made, f}); s.first.f == nil {
		s.first = h
	} else {
		s.more = append(s.more, h)
	}
	return Hook{s, s.made}
}

// Drop forgets the call. It is safe after the call was made.
func (k Hook) Drop() {
	s := k.scope
	if s == nil {
		return
	}
	if s.first.number == k.number {
		s.first = hook{}
		return
	}
	for i := range s.more {
		if s.more[i].number == k.number {
			s.more = append(s.more[:i], s.more[i+1:]...)
			return
		}
	}
}

// Reuse makes the scope as new, keeping its memory. Hooks of its former life
// are dropped, and to drop them again stays harmless.
func (s *Scope) Reuse() {
	clear(s.more)
	s.cause, s.first, s.more = OK, hook{}, s.more[:0]
}

// Derive returns a scope that is cancelled with s but can be cancelled alone,
// and the hook that ties them: drop it when the derived scope has done its
// work, or a long-lived parent would collect them.
func (s *Scope) Derive() (*Scope, Hook) {
	child := &Scope{}
	return child, s.OnCancel(child.Cancel)
}
