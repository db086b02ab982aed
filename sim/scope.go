// Cancellation.
package sim

// Scope is the life of an ask: whoever asked cancels it when the answer is no
// longer wanted. A nil Scope cannot be cancelled and may be used as one. Who
// may outlive its asker, or tries again, derives its own.
type Scope struct {
	cause Cause
	hooks []*hook
}

type hook struct{ f func(Cause) }

// Hook is a registered call of OnCancel, to be dropped when it has become
// pointless. The zero Hook is one that was dropped.
type Hook struct {
	scope *Scope
	h     *hook
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
	hooks := s.hooks
	s.hooks = nil
	for _, h := range hooks {
		if f := h.f; f != nil {
			h.f = nil
			f(c)
		}
	}
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
	h := &hook{f}
	s.hooks = append(s.hooks, h)
	return Hook{s, h}
}

// Drop forgets the call. It is safe after the call was made.
func (k Hook) Drop() {
	if k.h == nil || k.h.f == nil {
		return
	}
	k.h.f = nil
	hooks := k.scope.hooks
	for i, h := range hooks {
		if h == k.h {
			k.scope.hooks = append(hooks[:i], hooks[i+1:]...)
			return
		}
	}
}

// Derive returns a scope that is cancelled with s but can be cancelled alone,
// and the hook that ties them: drop it when the derived scope has done its
// work, or a long-lived parent would collect them.
func (s *Scope) Derive() (*Scope, Hook) {
	child := &Scope{}
	return child, s.OnCancel(child.Cancel)
}
