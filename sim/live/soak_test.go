// Soak: connections opened and closed by the thousand leave nothing behind.
package live

import (
	"os"
	"runtime"
	"strconv"
	"testing"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// soakConns is how many connections are opened; CDNLAB_SOAK=1000000 stands for a
// day of them.
func soakConns(t *testing.T) int {
	text := os.Getenv("CDNLAB_SOAK")
	if text == "" {
		if testing.Short() {
			return 2_000
		}
		return 20_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal("CDNLAB_SOAK: ", err)
	}
	return n
}

// descriptors counts the open ones of this process.
func descriptors(t *testing.T) int {
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("this system does not list descriptors")
	}
	return len(all)
}

// TestSoak opens connections, each for one request, of which every fourth asker
// changes his mind, and every thousandth the path resets what stands. When all is
// over there are as many descriptors and goroutines as before, and no more memory.
func TestSoak(t *testing.T) {
	n := newTestNode(t)
	address, _ := serve(t, n, echo(n))
	a := newAsker(t, 0, network.Config{}, Dialer("", address))
	batch := func(conns int) {
		for done := 0; done < conns; done += 20 {
			var asked []<-chan outcome
			for i := range 20 {
				scope := &sim.Scope{}
				asked = append(asked, a.ask(&sim.Request{Path: "/", Scope: scope}))
				if i%4 == 0 {
					a.n.Do(func() { scope.Cancel(sim.Cancelled) })
				}
			}
			for _, c := range asked {
				receive(t, c, "an answer")
			}
			a.n.Do(func() {
				if done%1000 == 0 {
					a.link.Set(network.Change{Reset: true})
					a.link.Set(network.Change{})
				}
				a.link.Forget()
			})
		}
	}
	settled := func() (files, routines int) {
		eventually(t, "all connections are closed", func() bool {
			open := 1
			a.n.Do(func() { open = len(a.link.ends.list) })
			return open == 0
		})
		return descriptors(t), runtime.NumGoroutine()
	}
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	conns := soakConns(t)
	batch(max(1000, conns/50)) // until the memory that is kept is there
	files, routines := settled()
	before := heap()
	batch(conns)
	settled()
	eventually(t, "descriptors and goroutines are as many as before", func() bool {
		return descriptors(t) <= files+4 && runtime.NumGoroutine() <= routines+4
	})
	after := heap()
	if after > before+4<<20 {
		t.Errorf("%d bytes of memory before, %d after", before, after)
	}
	t.Logf("%d connections: %d descriptors, %d goroutines, %d bytes before; %d, %d, %d after", conns,
		files, routines, before, descriptors(t), runtime.NumGoroutine(), after)
	var spare int
	a.n.Do(func() { spare = len(a.link.spare) })
	if spare > 100 {
		t.Errorf("%d exchanges were made for 20 at a time", spare)
	}
}
