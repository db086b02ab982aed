// Users: think times, and the numbers of their requests.
package load

import (
	"math"
	"testing"
	"time"

	"cdnlab/sim"
)

func TestUsersStart(t *testing.T) {
	for _, law := range []string{"exponential", "constant"} {
		c := Config{Shape: "users", Users: 10_000, ThinkTime: 2 * time.Second, ThinkLaw: law, Rise: 10 * time.Second}
		u := c.NewUsers(1)
		sum := 0.0
		for i := range u.Len() {
			at := u.Start(i)
			arrived := sim.Time(c.Rise) * sim.Time(i) / 10_000
			if at < arrived || at > arrived.Add(10*c.ThinkTime) {
				t.Fatalf("user %d arrives at %v and asks at %v", i, arrived, at)
			}
			sum += at.Sub(arrived).Seconds()
		}
		want := 2.0
		if law == "constant" {
			want = 1 // half a think time: they are anywhere in their first thought
		}
		if got := sum / 10_000; math.Abs(got-want) > 0.1 {
			t.Errorf("%s: users think %.2f s at first, want %g", law, got, want)
		}
	}
}

// TestUsersPeak: 10 users from the beginning, who think at first, then 10,000,
// who come within a second and ask as they come.
func TestUsersPeak(t *testing.T) {
	c := Config{Shape: "users", Users: 10, Peak: 10_000, At: 2 * time.Second, Rise: time.Second}
	u := c.NewUsers(1)
	if u.Len() != 10_000 {
		t.Fatalf("%d users", u.Len())
	}
	alone := Config{Shape: "users", Users: 10}.NewUsers(1)
	last := sim.Time(0)
	for i := range u.Len() {
		at := u.Start(i)
		if i < 10 {
			if want := alone.Start(i); at != want {
				t.Errorf("user %d begins at %v, without the others at %v", i, at, want)
			}
			continue
		}
		if at < last || at < sim.Time(2*time.Second) || at >= sim.Time(3*time.Second) {
			t.Fatalf("user %d comes at %v, the one before at %v", i, at, last)
		}
		last = at
	}
	shape := New(c, time.Minute)
	if before, after := shape.Rate(0), shape.Rate(sim.Time(3*time.Second)); math.Abs(before-10.0/7) > 1e-9 || math.Abs(after-10_000.0/7) > 1e-9 {
		t.Errorf("they would ask %g times a second, then %g", before, after)
	}
}

func TestThinkTime(t *testing.T) {
	u := Config{Shape: "users", Users: 3}.NewUsers(1)
	sum, most := 0.0, 0.0
	for range 100_000 {
		s := u.Done(1, 0).Seconds()
		sum, most = sum+s, max(most, s)
	}
	if got := sum / 100_000; math.Abs(got-7) > 0.1 {
		t.Errorf("users think %.2f s, want the 7 s of the default", got)
	}
	if most > 70 {
		t.Errorf("a user thought %.1f s, more than ten times the mean", most)
	}
	u = Config{Shape: "users", Users: 3, ThinkTime: time.Second, ThinkLaw: "constant"}.NewUsers(1)
	if got := u.Done(2, 5); got != 5+sim.Time(time.Second) {
		t.Errorf("a constant second later than 5ns: %v", got)
	}
}

// TestUsersDoNotShareLuck: what one user does never moves another's thoughts.
func TestUsersDoNotShareLuck(t *testing.T) {
	c := Config{Shape: "users", Users: 3}
	alone, together := c.NewUsers(1), c.NewUsers(1)
	for range 100 {
		together.Done(0, 0)
		if a, b := alone.Done(1, 0), together.Done(1, 0); a != b {
			t.Fatalf("user 1 alone %v, with others %v", a, b)
		}
	}
}

func TestUsersIDs(t *testing.T) {
	u := Config{Shape: "users", Users: 50}.NewUsers(1)
	seen := map[uint64]bool{}
	for range 50 {
		for user := range 50 {
			if id := u.ID(user); id == 0 || seen[id] {
				t.Fatalf("request number %d twice, or 0", id)
			} else {
				seen[id] = true
			}
			u.Done(user, 0)
		}
	}
}

func TestClosedLoopSaysSo(t *testing.T) {
	for _, e := range Shapes.All() {
		c := examples[e.Name]
		if c.Closed() != (e.Name == "users") || (c.Says() != "") != c.Closed() {
			t.Errorf("%s: closed %v, says %q", e.Name, c.Closed(), c.Says())
		}
	}
	if (&Users{}).Says() != ClosedLoop {
		t.Error("users do not say that their loop is closed")
	}
}

func TestUsersChange(t *testing.T) {
	c := Config{Shape: "users", Users: 1, ThinkTime: time.Second, ThinkLaw: "constant"}
	u := c.NewUsers(1)
	if at := u.Done(0, 0); at != sim.Time(time.Second) {
		t.Errorf("thinks until %v", at)
	}
	c.ThinkTime = 3 * time.Second
	u.Change(c)
	if at := u.Done(0, 0); at != sim.Time(3*time.Second) || u.ID(0) != 1<<32|2 {
		t.Errorf("thinks until %v, as request %x", at, u.ID(0))
	}
}
