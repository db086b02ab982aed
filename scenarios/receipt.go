// The receipt of a live run: what the world was, and how well it kept time.
package scenarios

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"cdnlab/report"
	"cdnlab/sim/live"
)

func (p *livePlay) receipt(pressure *float64) *report.Receipt {
	driver, nodes := p.w.Lateness()
	r := &report.Receipt{
		Generator: lateness(driver), Links: report.Lateness{Missing: true},
		CPUPressure: pressure, CPUs: runtime.GOMAXPROCS(0), Addresses: addresses(), Speed: p.speed,
	}
	if wires := p.w.Wires(); wires != "" {
		r.Notes = append(r.Notes, "the paths are the kernel's own TCP in network namespaces, on wires of "+wires+": their lateness is in the latencies, and not in this receipt")
		r.Addresses = "every node and group of clients has a network namespace with an address of its own in 10.77/16"
	}
	if b := p.w.Base(); p.w.Wires() == "" {
		r.Notes = append(r.Notes, fmt.Sprintf("an exchange over loopback took %v after a pause and %v in the midst of others by itself, measured before the run: links take that off their ways",
			b.Idle.Round(time.Microsecond), b.Hot.Round(time.Microsecond)))
		if b.Shake > 0 {
			r.Notes = append(r.Notes, fmt.Sprintf("likewise an exchange of HTTP/2 %v and %v, and a flight of a TLS handshake %v",
				b.HTTP2.Idle.Round(time.Microsecond), b.HTTP2.Hot.Round(time.Microsecond), b.Shake.Round(time.Microsecond)))
		}
	}
	for _, l := range nodes {
		if l.Count > 0 && (r.Links.Missing || l.P99 > int64(r.Links.P99)) {
			r.Links = lateness(l)
		}
		if l.Local > 0 {
			r.Notes = append(r.Notes, fmt.Sprintf("%s: %d connections failed for want of a port or a descriptor", l.Peer, l.Local))
		}
	}
	if driver.Local > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("clients: %d connections failed for want of a port or a descriptor", driver.Local))
	}
	for _, c := range p.d.crowds {
		if m := p.d.rtts.of(c); m != nil {
			r.RTTs = append(r.RTTs, report.RTT{From: c.g.ID, To: c.peer.Name, Configured: c.peer.Path.Total(),
				Measured: time.Duration(m.ValueAtQuantile(50)), P99: time.Duration(m.ValueAtQuantile(99))})
		}
	}
	for _, w := range p.w.Work() {
		r.Work = append(r.Work, report.Work{Node: w.Node, N: w.Count, CPU: w.Burnt,
			Configured: time.Duration(w.Asked / w.Count), Measured: time.Duration(w.Took / w.Count),
			Median: time.Duration(w.Median), P99: time.Duration(w.P99)})
	}
	return r
}

func lateness(l live.Lateness) report.Lateness {
	if l.Count == 0 {
		return report.Lateness{Missing: true}
	}
	return report.Lateness{N: l.Count, Late: l.Late, Median: time.Duration(l.Median), P99: time.Duration(l.P99), Max: time.Duration(l.Max)}
}

func addresses() string {
	if live.ManyAddresses {
		return "every place a /24 of its own in 127/8, every node and client bound to its address"
	}
	return "127.0.0.1 for all: this system has no other loopback addresses, so who asks travels in a header and connections show one address"
}

// pressure reads how long tasks waited for a CPU (Linux, pressure stall
// information: the line "some" of /proc/pressure/cpu, in µs).
type pressure struct {
	at    time.Time
	total int64
	known bool
}

func startPressure() pressure {
	total, known := readPressure()
	return pressure{time.Now(), total, known}
}

func readPressure() (int64, bool) {
	text, err := os.ReadFile("/proc/pressure/cpu")
	if err != nil {
		return 0, false
	}
	line, _, _ := strings.Cut(string(text), "\n")
	_, number, found := strings.Cut(line, "total=")
	if !found {
		return 0, false
	}
	total, err := strconv.ParseInt(number, 10, 64)
	return total, err == nil
}

// share returns the share of the time since the start in which some task
// waited, nil where the system does not tell.
func (p pressure) share() *float64 {
	total, known := readPressure()
	elapsed := time.Since(p.at)
	if !known || !p.known || elapsed <= 0 {
		return nil
	}
	share := min(1, float64(total-p.total)/float64(elapsed.Microseconds()))
	return &share
}
