// Contents that pass through a node, however large: a window of them is held.
package live

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// zeros gives bytes without end, and tells when so many were taken.
type zeros struct {
	taken, tell int64
	told        chan struct{}
}

func (z *zeros) Read(p []byte) (int, error) {
	clear(p)
	if z.taken += int64(len(p)); z.told != nil && z.taken >= z.tell {
		close(z.told)
		z.told = nil
	}
	return len(p), nil
}

// passThrough is a node that hands everything on to a server, as a PoP does with what
// it does not store.
func passThrough(t testing.TB, conns network.Config, h http.HandlerFunc) (*Node, string) {
	t.Helper()
	far := httptest.NewServer(h)
	t.Cleanup(far.Close)
	n := newTestNode(t)
	l := NewLink(n, LinkConfig{Path: network.NewLink(0, "node", "server", network.Plain(0)), Conns: conns, Stranger: true,
		Dial: Dialer("", far.Listener.Addr().String())})
	t.Cleanup(func() { n.Do(l.Close) })
	address, _ := serve(t, n, l)
	return n, "http://" + address
}

// passesBy is what passes through: much more than may be held.
const passesBy = 64 << 20

// mostHeld is what a window comes to, with the piece that overran it.
const mostHeld = window + chunkSize

func TestUploadPasses(t *testing.T) {
	for _, size := range []int64{passesBy, -1} {
		more := &zeros{tell: window + 1, told: make(chan struct{})}
		told := more.told
		n, url := passThrough(t, network.Config{}, func(w http.ResponseWriter, r *http.Request) {
			<-told // the client has sent more than may be held, and must wait
			got, err := io.Copy(io.Discard, r.Body)
			fmt.Fprintf(w, "%d %v", got, err)
		})
		req, _ := http.NewRequest("POST", url, io.LimitReader(more, passesBy))
		req.ContentLength = size
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if want := fmt.Sprintf("%d <nil>", passesBy); string(text) != want {
			t.Errorf("length %d: %q came, want %q", size, text, want)
		}
		if held := n.MostHeld(); held <= 0 || held > mostHeld {
			t.Errorf("length %d: %d bytes held at a time, of %d in all; want %d at the most", size, held, passesBy, mostHeld)
		}
	}
}

func TestDownloadPasses(t *testing.T) {
	for _, size := range []int64{passesBy, -1} {
		n, url := passThrough(t, network.Config{}, func(w http.ResponseWriter, _ *http.Request) {
			if size > 0 {
				w.Header().Set("Content-Length", fmt.Sprint(size))
			}
			_, _ = io.Copy(w, io.LimitReader(&zeros{}, passesBy)) // the client counts
		})
		resp, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if got != passesBy || err != nil {
			t.Errorf("length %d: %d bytes, %v", size, got, err)
		}
		if held := n.MostHeld(); held <= 0 || held > mostHeld {
			t.Errorf("length %d: %d bytes held at a time, of %d in all; want %d at the most", size, held, passesBy, mostHeld)
		}
	}
}

// TestUploadUnread: a server that answers without a look at the content gets rid of
// the rest of what was announced.
func TestUploadUnread(t *testing.T) {
	n := newTestNode(t)
	address, _ := serve(t, n, sim.HandlerFunc(func(r *sim.Request, reply func(*sim.Response)) {
		reply(sim.Answer(200, nil, 0))
	}))
	for range 3 {
		req, _ := http.NewRequest("POST", "http://"+address, io.LimitReader(&zeros{}, 4*window))
		req.ContentLength = 4 * window
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != 200 {
			t.Error(resp.StatusCode, err)
		}
		resp.Body.Close()
	}
}

// BenchmarkPassGigabyte prints what passing 1 GB through a node takes of memory: of one
// content at a time, and of the heap, the client's and the server's included.
func BenchmarkPassGigabyte(b *testing.B) {
	const gigabyte = 1 << 30
	for _, up := range []bool{true, false} {
		b.Run(map[bool]string{true: "up", false: "down"}[up], func(b *testing.B) {
			for b.Loop() {
				n, url := passThrough(b, network.Config{}, func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.Copy(io.Discard, r.Body) // the bench counts
					if !up {
						_, _ = io.Copy(w, io.LimitReader(&zeros{}, gigabyte)) // the client counts
					}
				})
				size := int64(0)
				if up {
					size = gigabyte
				}
				req, _ := http.NewRequest("POST", url, io.LimitReader(&zeros{}, size))
				req.ContentLength = size
				resp, err := http.DefaultClient.Do(req)
				if err != nil {
					b.Fatal(err)
				}
				if got, err := io.Copy(io.Discard, resp.Body); err != nil || got != gigabyte-size {
					b.Fatal(got, err)
				}
				resp.Body.Close()
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				b.SetBytes(gigabyte)
				b.ReportMetric(float64(n.MostHeld())/(1<<10), "held-KiB")
				b.ReportMetric(float64(m.HeapSys-m.HeapReleased)/(1<<20), "heap-MiB")
			}
		})
	}
}
