// Tests: very many connections leave nothing behind.
package fabric

import (
	"io"
	"net"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cdnlab/sim/network"
)

// soakKey is the environment variable for another number of connections: a million
// takes some minutes.
const soakKey = "CDNLAB_SOAK"

func TestSoak(t *testing.T) {
	n := 20_000
	if testing.Short() {
		n = 1000
	}
	if text := os.Getenv(soakKey); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			t.Fatalf("%s=%s: want a number of connections", soakKey, text)
		}
	}
	everyWay(t, func(t *testing.T, l *Loop) {
		n := n
		if e, ok := l.system.(*epoll); !ok || e.timer >= 0 {
			n /= 5 // the other ways' own part is small
		}
		target := serve(t, echo)
		r := relayTo(t, l, network.Plain(100*time.Microsecond), target)
		soak(t, r, min(n, 500)) // until the memory that is kept is there
		before := leftovers(t, r)
		soak(t, r, n)
		after := leftovers(t, r)
		t.Logf("%d connections: %d descriptors, %d goroutines, %d bytes before; %d, %d, %d after", n,
			before.files, before.goroutines, before.heap, after.files, after.goroutines, after.heap)
		if after.files > before.files+2 || after.goroutines > before.goroutines+2 {
			t.Errorf("before %+v, after %+v", before, after)
		}
		if grown := int64(after.heap) - int64(before.heap); grown > 4<<20 {
			t.Errorf("%d connections left %d bytes", n, grown)
		}
		l.Call(func() {
			if r.held != 0 || len(r.conns) != 0 || l.engine.Pending() != 0 {
				t.Errorf("%d bytes, %d connections, %d events are left", r.held, len(r.conns), l.engine.Pending())
			}
			if e, ok := l.system.(*epoll); ok && len(e.slots) > 4*2*soakers { // closing takes a while
				t.Errorf("%d places for sockets, of which some %d were open", len(e.slots), 2*soakers)
			}
		})
	})
}

const soakers = 32

// soak opens, uses and closes n connections.
func soak(t *testing.T, r *Relay, n int) {
	var before Stats
	r.loop.Call(func() { before = r.Stats() })
	var next atomic.Int64
	var all sync.WaitGroup
	for range soakers {
		all.Go(func() {
			for {
				i := next.Add(1)
				if i > int64(n) || t.Failed() {
					return
				}
				if err := soakOne(r, int(i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	r.await(t, "the last end", func(s Stats) bool { return s.Accepted == before.Accepted+int64(n) && s.Open == 0 })
}

// soakOne has one connection end in one of the ways there are. Few end in order:
// each of those keeps its port for a minute (TIME_WAIT).
func soakOne(r *Relay, i int) error {
	c, err := net.DialTCP("tcp", nil, net.TCPAddrFromAddrPort(r.Addr()))
	if err != nil {
		return err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	_ = c.SetLinger(0)
	if i%7 == 0 {
		return nil // not a word
	}
	text := make([]byte, 1+i*37%5000)
	if _, err := c.Write(text); err != nil {
		return err
	}
	switch {
	case i%5 == 0: // does not wait for the answer
		return nil
	case i%100 == 1:
		_ = c.CloseWrite()
		n, err := io.Copy(io.Discard, c)
		if err == nil && int(n) != len(text) {
			err = io.ErrUnexpectedEOF
		}
		_ = c.SetLinger(-1)
		return err
	}
	_, err = io.ReadFull(c, text)
	return err
}

type left struct {
	files, goroutines int
	heap              uint64
}

// leftovers counts, when goroutines that are ending have ended.
func leftovers(t *testing.T, r *Relay) (l left) {
	t.Helper()
	for range 50 {
		files, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		now := left{len(files), runtime.NumGoroutine(), m.HeapAlloc}
		if now.files == l.files && now.goroutines == l.goroutines {
			return now
		}
		l = now
		time.Sleep(20 * time.Millisecond)
	}
	return l
}
