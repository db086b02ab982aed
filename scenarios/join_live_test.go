// Joining: a thousand requests for one large content at a PoP in real bytes, which
// fetches it once and holds it once.
package scenarios

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cdnlab/edge"
	"cdnlab/sim"
	"cdnlab/sim/live"
	"cdnlab/sim/network"
)

const (
	joiners    = 1000
	joinedSize = 1 << 20
)

// joinedPoP is a PoP before an origin that answers when all have asked.
type joinedPoP struct {
	address string
	fetches atomic.Int64
	content []byte
}

func newJoinedPoP(t testing.TB) *joinedPoP {
	t.Helper()
	p := &joinedPoP{content: make([]byte, joinedSize)}
	for i := range p.content {
		p.content[i] = byte(i * i >> 8)
	}
	all := make(chan struct{})
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		p.fetches.Add(1)
		<-all
		w.Header().Set("Cache-Control", "max-age=60")
		w.Header().Set("Content-Length", fmt.Sprint(joinedSize))
		_, _ = w.Write(p.content)
	}))
	t.Cleanup(origin.Close)
	wall, _ := live.StartWall()
	n := live.NewNode(wall)
	t.Cleanup(n.Close)
	link := live.NewLink(n, live.LinkConfig{Path: network.NewLink(0, "pop", "origin", network.Plain(0)), Stranger: true,
		Dial: live.Dialer("", origin.Listener.Addr().String())})
	t.Cleanup(func() { n.Do(link.Close) })
	pop, asked := edge.New(sim.NewEnv(n.Engine(), "pop", 1, nil), edge.Config{}, link), 0
	front := live.NewFront(live.NewServer(n, sim.HandlerFunc(func(r *sim.Request, reply func(*sim.Response)) {
		pop.Serve(r, reply)
		if asked++; asked == joiners {
			close(all)
		}
	}), "", sim.Epoch))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.address = l.Addr().String()
	go func() { _ = front.Serve(l) }() // it ends with Close
	t.Cleanup(func() { _ = front.Close() })
	return p
}

// ask asks for it as often as there are joiners, all at once, and hands each answer's
// content to use.
func (p *joinedPoP) ask(t testing.TB, use func(io.Reader) error) {
	t.Helper()
	var wait sync.WaitGroup
	for range joiners {
		nc, err := net.Dial("tcp", p.address)
		if err != nil {
			t.Fatal(err)
		}
		wait.Add(1)
		go func() {
			defer wait.Done()
			defer nc.Close()
			if _, err := io.WriteString(nc, "GET /film HTTP/1.1\r\nHost: example.com\r\n\r\n"); err != nil {
				t.Error(err)
				return
			}
			resp, err := http.ReadResponse(bufio.NewReaderSize(nc, 1<<10), nil)
			if err != nil {
				t.Error(err)
				return
			}
			if err := use(resp.Body); err != nil {
				t.Error(err)
			}
		}()
	}
	wait.Wait()
}

func TestThousandJoin(t *testing.T) {
	if testing.Short() {
		t.Skip("a gigabyte over loopback")
	}
	p := newJoinedPoP(t)
	want := sha256.Sum256(p.content)
	p.ask(t, func(r io.Reader) error {
		sum := sha256.New()
		if n, err := io.Copy(sum, r); err != nil || n != joinedSize || !bytes.Equal(sum.Sum(nil), want[:]) {
			return fmt.Errorf("%d bytes, %v", n, err)
		}
		return nil
	})
	if n := p.fetches.Load(); n != 1 {
		t.Errorf("%d fetches, want 1", n)
	}
}

// BenchmarkJoin prints the most memory that a PoP takes while a thousand wait for one
// content and read it, their own included, as all is one process.
func BenchmarkJoin(b *testing.B) {
	for b.Loop() {
		p := newJoinedPoP(b)
		runtime.GC()
		base := inUse()
		most, done := uint64(0), make(chan struct{})
		var watch sync.WaitGroup
		watch.Go(func() {
			for {
				select {
				case <-done:
					return
				case <-time.After(time.Millisecond):
					most = max(most, inUse())
				}
			}
		})
		p.ask(b, func(r io.Reader) error {
			var room [512]byte
			_, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, r, room[:])
			return err
		})
		close(done)
		watch.Wait()
		const limit = 2*joinedSize + joiners*64<<10
		b.ReportMetric(float64(most-base)/(1<<20), "peak-MiB")
		b.ReportMetric(float64(limit)/(1<<20), "limit-MiB")
		b.ReportMetric(float64(p.fetches.Load()), "fetches")
	}
}

// inUse is the memory of the heap and of stacks.
func inUse() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}
