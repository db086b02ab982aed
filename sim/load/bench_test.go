// Benchmarks: none of these may cost more than a small part of a request.
package load

import (
	"fmt"
	"testing"
	"time"

	"cdnlab/sim"
)

func BenchmarkArrivals(b *testing.B) {
	for _, e := range Shapes.All() {
		if e.Value.Closed {
			continue
		}
		for _, law := range []string{"even", "poisson"} {
			b.Run(fmt.Sprintf("shape=%s/arrivals=%s", e.Name, law), func(b *testing.B) {
				c := examples[e.Name]
				c.Arrivals = law
				b.ReportAllocs()
				a := c.NewArrivals(minute, 1)
				for b.Loop() {
					if a.Next() == sim.Never {
						a = c.NewArrivals(minute, 1)
					}
				}
			})
		}
	}
}

func BenchmarkPick(b *testing.B) {
	for _, alpha := range []float64{0, 0.8, 1, 1.2} {
		b.Run(fmt.Sprintf("alpha=%g", alpha), func(b *testing.B) {
			c := NewCatalog([]Entry{
				{Path: "/img/{n}.jpg", Objects: 1_000_000, Alpha: &alpha, Share: new(10.0)},
				{Path: "/", Share: new(1.0)},
			})
			var id uint64
			b.ReportAllocs()
			for b.Loop() {
				id++
				roll := sim.Draw(1, luckTest, id, 0)
				c.Pick(&roll)
			}
		})
	}
}

func BenchmarkFind(b *testing.B) {
	c := NewCatalog(shop)
	for _, path := range []string{"/", "/img/7.jpg", "/product/99999?view=all", "/nowhere/12"} {
		b.Run("path="+path[1:], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Find(path)
			}
		})
	}
}

func BenchmarkUsers(b *testing.B) {
	u := Config{Shape: "users", Users: 1000, ThinkTime: time.Second}.NewUsers(1)
	b.ReportAllocs()
	var now sim.Time
	for b.Loop() {
		now = u.Done(int(now)%1000, now)
	}
}
