// Scopes: cancelling, deriving, dropping.
package sim

import (
	"fmt"
	"slices"
	"testing"
)

// calls collects causes by name.
type calls []string

func (c *calls) f(name string) func(Cause) {
	return func(cause Cause) { *c = append(*c, fmt.Sprintf("%s %v", name, cause)) }
}

func (c *calls) want(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(*c, want) {
		t.Errorf("got %q, want %q", *c, want)
	}
}

func TestCancelInOrderAndOnce(t *testing.T) {
	var s Scope
	var c calls
	s.OnCancel(c.f("a"))
	s.OnCancel(c.f("b"))
	s.OnCancel(func(Cause) {
		s.Cancel(Reset) // does nothing: the first stays
		s.OnCancel(c.f("at once"))
	})
	s.OnCancel(c.f("c"))
	if s.Cause() != OK {
		t.Error("cancelled before it was")
	}
	s.Cancel(TimedOut)
	s.Cancel(Cancelled)
	s.OnCancel(c.f("later"))
	c.want(t, "a timed-out", "b timed-out", "at once timed-out", "c timed-out", "later timed-out")
	if s.Cause() != TimedOut {
		t.Errorf("the cause is %v, the first was timed-out", s.Cause())
	}
	mustPanic(t, "Cancel without a cause", func() { new(Scope).Cancel(OK) })
}

func TestDrop(t *testing.T) {
	var s Scope
	var c calls
	a := s.OnCancel(c.f("a"))
	b := s.OnCancel(func(Cause) {})
	s.OnCancel(c.f("c"))
	var d Hook
	s.OnCancel(func(Cause) { d.Drop() }) // drops one whose turn is still to come
	d = s.OnCancel(c.f("d"))
	a.Drop()
	a.Drop()
	b.Drop()
	Hook{}.Drop()
	if len(s.more) != 3 || s.first.f != nil {
		t.Errorf("%d hooks are kept, want 3", len(s.more))
	}
	s.Cancel(Cancelled)
	a.Drop()
	d.Drop()
	c.want(t, "c cancelled")
}

func TestDerive(t *testing.T) {
	var parent Scope
	var c calls
	one, _ := parent.Derive()
	two, tie := parent.Derive()
	three, _ := parent.Derive()
	grandchild, _ := one.Derive()
	one.OnCancel(c.f("one"))
	two.OnCancel(c.f("two"))
	three.OnCancel(c.f("three"))
	grandchild.OnCancel(c.f("grandchild"))
	three.Cancel(TimedOut)
	if parent.Cause() != OK {
		t.Error("a child cancelled its parent")
	}
	tie.Drop()
	parent.Cancel(Reset)
	c.want(t, "three timed-out", "grandchild reset", "one reset")
	if two.Cause() != OK || three.Cause() != TimedOut {
		t.Errorf("two %v, three %v", two.Cause(), three.Cause())
	}
	late, _ := parent.Derive()
	if late.Cause() != Reset {
		t.Error("derived from a cancelled scope and alive")
	}
}

// TestDeriveDoesNotCollect: a long-lived parent keeps nothing of children whose
// tie was dropped.
func TestDeriveDoesNotCollect(t *testing.T) {
	var parent Scope
	for range 1000 {
		_, tie := parent.Derive()
		tie.Drop()
	}
	if len(parent.more) != 0 || parent.first.f != nil {
		t.Errorf("%d hooks are kept", len(parent.more))
	}
}

func TestNilScope(t *testing.T) {
	var none *Scope
	if none.Cause() != OK {
		t.Error("nothing was cancelled")
	}
	none.OnCancel(func(Cause) { t.Error("nothing was cancelled") }).Drop()
	child, tie := none.Derive()
	tie.Drop()
	child.Cancel(Cancelled)
	if child.Cause() != Cancelled {
		t.Error("a scope derived from none cannot be cancelled")
	}
}
