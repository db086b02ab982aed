// Cancellation.
package sim

// Scope is the life of an ask: whoever asked cancels it when the answer is no
// longer wanted. A nil Scope cannot be cancelled and may be used as one. Who
// may outlive its asker, or tries again, derives its own.
type Scope struct {
	cause Cause
	made  uint32 // hooks ever made: a number for each
	hooks []hook
}

type hook struct {
	number uint32
	f      func(Cause)
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
	for len(s.hooks) > 0 { // one that is called may drop others
		f := s.hooks[0].f
		s.hooks = s.hooks[1:]
		f(c)
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
	s.made++
	s.hooks = append(s.hooks, hook{s.made, f})
	return Hook{s, s.made}
}

// Drop forgets the call. It is safe after the call was made.
func (k Hook) Drop() {
	if k.scope == nil {
		return
	}
	hooks := k.scope.hooks
	for i := range hooks {
		if hooks[i].number == k.number {
			k.scope.hooks = append(hooks[:i], hooks[i+1:]...)
			return
		}
	}
}

// Reuse makes the scope as new, keeping its memory. Hooks of its former life
// are dropped, and to drop them again stays harmless.
func (s *Scope) Reuse() {
	clear(s.hooks)
	s.cause, s.hooks = OK, s.hooks[:0]
}

// Derive returns a scope that is cancelled with s but can be cancelled alone,
// and the hook that ties them: drop it when the derived scope has done its
// work, or a long-lived parent would collect them.
func (s *Scope) Derive() (*Scope, Hook) {
	child := &Scope{}
	return child, s.OnCancel(child.Cancel)
}
