// Tests of the memory of keys that are not shared.
package cache

import (
	"strconv"
	"testing"
	"time"

	"cdnlab/sim"
)

func TestLoners(t *testing.T) {
	const s = sim.Time(time.Second)
	key, other := Key{Path: "/a"}, Key{Path: "/b"}
	l := Loners{For: 10 * time.Second}
	if l.Has(key, 0) {
		t.Error("nothing is known yet")
	}
	l.Add(key, 0, WhyNoStore)
	for _, why := range []Reason{WhyAuthorization, WhyMethod, WhyStatus, WhyContentRange} {
		l.Add(other, 0, why)
	}
	if !l.Has(key, 10*s-1) || l.Has(other, 0) {
		t.Error("the answer's fault is remembered, the request's is not")
	}
	if l.Has(key, 10*s) || l.Has(key, 0) {
		t.Error("it is remembered for too long")
	}
	l.Add(key, 20*s, WhyPrivate)
	l.Remove(key)
	l.Add(other, 20*s, WhyPrivate)
	if l.Has(key, 20*s) || !l.Has(other, 20*s) {
		t.Error("Remove removes one")
	}
	l.Clear()
	if l.Has(other, 20*s) {
		t.Error("Clear removes all")
	}
	for i := range 2 * maxLoners {
		l.Add(Key{Path: strconv.Itoa(i)}, 0, WhyNoStore)
	}
	if n := len(l.until); n > maxLoners {
		t.Errorf("%d are remembered", n)
	}
	off := Loners{}
	off.Add(key, 0, WhyNoStore)
	if off.Has(key, 0) {
		t.Error("it is off")
	}
}
