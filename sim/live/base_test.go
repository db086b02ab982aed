// Base: what links take off their ways.
package live

import (
	"testing"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

func TestMeasure(t *testing.T) {
	b, err := Measure(testAuthority(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, cost := range []time.Duration{b.Idle, b.Hot, b.HTTP2.Idle, b.HTTP2.Hot} {
		if cost <= 0 || cost > mostCost {
			t.Errorf("an exchange costs %+v", b)
		}
	}
	if b.Shake <= 0 || b.Shake > mostShake {
		t.Errorf("a handshake's flight costs %v", b.Shake)
	}
	if b, err = Measure(nil); err != nil || b.Idle <= 0 || b.HTTP2 != (Exchange{}) || b.Shake != 0 {
		t.Errorf("where nobody speaks TLS: %+v, %v", b, err)
	}
}

// TestEarly: half of the cost each way, which depends on how long ago the last
// exchange was, and never more than the path takes.
func TestEarly(t *testing.T) {
	wall, _ := StartWall()
	for _, c := range []struct {
		rtt, since time.Duration
		speed      float64
		want       time.Duration
	}{
		{100 * time.Millisecond, time.Second, 1, 100 * time.Microsecond},
		{100 * time.Millisecond, time.Millisecond, 1, 40 * time.Microsecond},
		{100 * time.Microsecond, time.Second, 1, 50 * time.Microsecond},
		{0, time.Second, 1, 0},
		{100 * time.Millisecond, time.Second, 0.1, 10 * time.Microsecond},
		{100 * time.Millisecond, time.Millisecond, 0.1, 10 * time.Microsecond}, // ten of the machine's
	} {
		w := &way{node: &Node{wall: wall.AtSpeed(c.speed)}, net: network.NewLink(1, "a", "b", network.Plain(c.rtt)),
			base: Base{Exchange: Exchange{Idle: 200 * time.Microsecond, Hot: 80 * time.Microsecond}}, busy: sim.Time(time.Second)}
		if got := w.early(w.busy.Add(c.since)); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
