// Tests of RTT: known pairs, bounds that every pair keeps, and that nearby places fare alike.

package geo

import (
	"math"
	"testing"
	"time"
)

func TestRTT(t *testing.T) {
	for _, c := range []struct {
		a, b     string
		min, max float64 // ms
		source   Source
	}{
		{"Tokyo", "Tokyo", 2, 2, SameMetro},
		{"Tokyo", "aws:ap-northeast-1", 2, 2, SameMetro},
		{"New York", "Newark", 2, 2, SameMetro},
		{"aws:us-east-1", "gcp:us-east4", 2, 2, SameMetro},
		{"aws:ap-northeast-1", "aws:us-east-1", 146.61, 146.61, Measured}, // 149.54 and 149.68, less 3
		{"Tokyo", "Ashburn", 146.61, 146.61, Measured},
		{"ibm:Tokyo", "ibm:Washington DC", 146.61, 146.61, Measured},
		{"gcp:asia-east1", "gcp:us-east1", 184.8, 185, Measured}, // nothing is taken off a ping
		{"Tokyo", "New York", 140, 155, Anchors},                 // WonderProxy measured 139.6 to Newark, 176 to JFK
		{"London", "New York", 68, 80, Anchors},
		{"Los Angeles", "Cape Town", 240, 310, ThirdRegion},
		{"San Francisco", "Los Angeles", 7, 14, ContinentFactor}, // neighbours whose clouds have no common pair nearby
		{"Boston", "New York", 5, 12, ContinentFactor},           // the same anchor
		{"Honolulu", "Tokyo", 70, 130, ContinentFactor},          // the anchor is too far
	} {
		rtt, source := RTT(mustFind(t, c.a), mustFind(t, c.b))
		if ms := rtt.Seconds() * 1000; ms < c.min-1e-6 || ms > c.max+1e-6 || source != c.source {
			t.Errorf("%s to %s: %.2f ms, %s; want %v to %v, %s", c.a, c.b, ms, source, c.min, c.max, c.source)
		}
	}
}

func TestEveryPairKeepsItsBounds(t *testing.T) {
	var longest time.Duration
	var of [2]string
	count := map[Source]int{}
	places := all()
	for i, a := range places {
		for _, b := range places[:i+1] {
			rtt, source := RTT(a, b)
			back, sameSource := RTT(b, a)
			if rtt != back || source != sameSource {
				t.Errorf("%s-%s: %v %s, back %v %s", a.Name, b.Name, rtt, source, back, sameSource)
			}
			if light := lightMs(Distance(a, b)); rtt.Seconds()*1000 < light-1e-6 || rtt < 2*time.Millisecond || rtt%resolution != 0 {
				t.Errorf("%s-%s: %v, light %.2f ms", a.Name, b.Name, rtt, light)
			}
			if count[source]++; rtt > longest {
				longest, of = rtt, [2]string{a.Name, b.Name}
			}
		}
	}
	t.Logf("longest: %v, %v", longest, of)
	if longest > 600*time.Millisecond {
		t.Errorf("%v takes %v", of, longest)
	}
	for s := SameMetro; s <= ContinentFactor; s++ {
		t.Logf("%s: %d pairs", s, count[s])
		if count[s] == 0 {
			t.Errorf("no pair is known by: %s", s)
		}
	}
}

// Real networks break the triangle inequality: the measured pairs do, most of them by a little. A detour that halves the
// time, though, is a mistake in the data or at the seam of two models. One is known: Athens is anchored at Tel Aviv, whose
// cloud region reaches the Gulf by way of Europe.
func TestTriangles(t *testing.T) {
	places := Places()
	rtt := square2D(len(places))
	for i, a := range places {
		for j, b := range places {
			d, _ := RTT(a, b)
			rtt[i][j] = d.Seconds()
		}
	}
	broken, badly, total := 0, 0, 0
	for i := range places {
		for j := range i {
			for k := range places {
				detour := rtt[i][k] + rtt[k][j]
				total++
				if rtt[i][j] > detour {
					broken++
				}
				if rtt[i][j] > 2*detour {
					badly++
					t.Logf("%s-%s %.2f ms, by way of %s %.2f ms", places[i].Name, places[j].Name, 1000*rtt[i][j], places[k].Name, 1000*detour)
				}
			}
		}
	}
	t.Logf("of %d triangles %.1f %% have a faster detour, %d one of half the time", total, percent(broken, total), badly)
	if percent(broken, total) > 5 || badly > 1 {
		t.Error("too many")
	}
}

func percent(part, whole int) float64 { return 100 * float64(part) / float64(whole) }

// Two places of one metro must look alike from anywhere else: New York does not win a race by being listed as Newark.
func TestOneMetroIsSeenAlike(t *testing.T) {
	places := all()
	for _, pair := range [][2]string{{"New York", "Newark"}, {"San Francisco", "San Jose, United States"}, {"Tokyo", "aws:ap-northeast-1"}} {
		a, b := mustFind(t, pair[0]), mustFind(t, pair[1])
		for _, p := range places {
			x, _ := RTT(a, p)
			y, _ := RTT(b, p)
			if gap := (x - y).Abs(); gap > 4*time.Millisecond && gap > min(x, y)/10 {
				t.Errorf("from %s: %s %v, %s %v", p.Name, a.Name, x, b.Name, y)
			}
		}
	}
}

func TestRTTOfACallersOwnPlace(t *testing.T) {
	office := Place{Name: "office", Lat: 35.60, Lon: 139.73}
	if rtt, source := RTT(office, mustFind(t, "Ashburn")); source != Measured || rtt != 146610*time.Microsecond {
		t.Errorf("an office in Tokyo: %v, %s", rtt, source)
	}
	ship, buoy := Place{Name: "ship", Lat: -50, Lon: -120}, Place{Name: "buoy", Lat: -45, Lon: -120}
	want := internetBaseMs + worldFactor*lightMs(Distance(ship, buoy))
	if rtt, source := RTT(ship, buoy); source != ContinentFactor || math.Abs(rtt.Seconds()*1000-want) > 0.01 {
		t.Errorf("in the Pacific: %v, %s, want %.2f ms", rtt, source, want)
	}
	if panicOf(func() { RTT(Place{}, office) }) == nil || panicOf(func() { RTT(office, Place{Name: "x", Lat: 99}) }) == nil {
		t.Error("no panic for a place that is not on Earth")
	}
}

func TestSourceString(t *testing.T) {
	for s, want := range []string{"same metro", "measured pair", "via a third region", "anchors", "continent factor"} {
		if got := Source(s).String(); got != want {
			t.Errorf("%d: %q, want %q", s, got, want)
		}
	}
}

func BenchmarkRTT(b *testing.B) {
	x, y := mustFind(b, "Tokyo"), mustFind(b, "New York")
	for b.Loop() {
		RTT(x, y)
	}
}
