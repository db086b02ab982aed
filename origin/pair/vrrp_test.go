// Tests: the election, sentence by sentence.
package pair

import (
	"testing"
	"time"

	"cdnlab/sim"
)

func config(count int, edit func(*Config)) Config {
	c := Config{Count: count}
	if edit != nil {
		edit(&c)
	}
	return c.WithDefaults()
}

const second = sim.Time(time.Second)

// RFC 9568 6.1 and 6.4: three intervals and a skew of (256 - priority)/256 intervals.
func TestSilenceIsBorne(t *testing.T) {
	c := config(3, func(c *Config) { c.VRRP.Priorities = []int{254, 128, 1} })
	for number, want := range []sim.Time{3*second + second*2/256, 3*second + second*128/256, 3*second + second*255/256} {
		v := NewVRRP(0, c.VRRP, number, false)
		if v.Due() != want {
			t.Errorf("priority %d takes over at %v, want %v", v.Priority(), v.Due(), want)
		}
		if a := v.Tick(v.Due()); a != (Action{Advertise: true, Announce: true, Changed: true}) || !v.Active() {
			t.Errorf("then it does %+v", a)
		}
		if a := v.Tick(v.Due()); a != (Action{Advertise: true}) {
			t.Errorf("and an interval later %+v", a)
		}
	}
}

func TestHeard(t *testing.T) {
	for _, x := range []struct {
		says           string
		active         bool
		preempt        bool
		priority, from int // of the advert; one's own is 101, number 1 of 0 to 2
		want           Action
		due            sim.Time // after the advert, which comes at 2 s
	}{
		{"a backup waits on behind a greater one", false, true, 102, 0, Action{}, 3*second + second*155/256},
		{"a backup that preempts lets a lesser one fall silent", false, true, 100, 2, Action{}, second + second*155/256},
		{"one that does not waits behind it", false, false, 100, 2, Action{}, 3*second + second*155/256},
		{"of two of the same priority each waits behind the other", false, true, 101, 0, Action{}, 3*second + second*155/256},
		{"who has the address gives it up to a greater one", true, true, 102, 0, Action{Changed: true}, 3*second + second*155/256},
		{"... and to a later one of the same", true, true, 101, 2, Action{Changed: true}, 3*second + second*155/256},
		{"... and not to an earlier one, which is told so", true, true, 101, 0, Action{Advertise: true, Announce: true}, second},
		{"... nor to a lesser one", true, true, 100, 2, Action{Advertise: true, Announce: true}, second},
	} {
		c := config(3, func(c *Config) { c.VRRP.Priorities, c.VRRP.Preempt = []int{101, 101, 101}, &x.preempt })
		v := NewVRRP(0, c.VRRP, 1, x.active)
		if got := v.Heard(2*second, x.priority, x.from); got != x.want {
			t.Errorf("%s: %+v, want %+v", x.says, got, x.want)
		}
		if got := v.Due() - 2*second; got != x.due {
			t.Errorf("%s: due after %v, want %v", x.says, got, x.due)
		}
		if want := x.active && !x.want.Changed; v.Active() != want {
			t.Errorf("%s: active %v", x.says, v.Active())
		}
	}
}

func TestConfigCheck(t *testing.T) {
	for _, x := range []struct {
		c    Config
		want string
	}{
		{config(1, nil), ""},
		{config(3, nil), ""},
		{config(17, nil), "count: must be at most 16, not 17"},
		{config(2, func(c *Config) { c.VRRP.Priorities = []int{100} }), "vrrp.priorities: are 1, of 2 balancers"},
		{config(2, func(c *Config) { c.VRRP.Priorities = []int{255, 100} }), "vrrp.priorities: 255 is not in 1..254"},
	} {
		bad := x.c.Check()
		if x.want == "" && len(bad) == 0 {
			continue
		}
		if len(bad) != 1 || bad[0].Error() != x.want {
			t.Errorf("%+v: %v, want %q", x.c, bad, x.want)
		}
	}
	if c := config(3, nil); c.First() != 0 || c.VRRP.Priorities[0] != 102 {
		t.Errorf("first is %d of %v", c.First(), c.VRRP.Priorities)
	}
}
