// A gigabyte through a live PoP, each way: it is never in memory.
package scenarios

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"testing"
)

const (
	huge      = 1 << 30
	hugeRoom  = 64 << 20 // what may be on its way: sockets, windows and the collector's slack
	hugeLooks = 64 << 20 // how often the memory is looked at, in bytes
)

// watched are bytes of which some pass, and then what the heap holds is looked at.
type watched struct {
	left, next int64
	most       uint64
}

func (w *watched) passes(n int64) {
	if w.next -= n; w.next > 0 {
		return
	}
	w.next = hugeLooks
	runtime.GC() // what is garbage was held by nobody
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	w.most = max(w.most, m.HeapAlloc)
}

// Read implements io.Reader.
func (w *watched) Read(p []byte) (int, error) {
	if w.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), w.left)
	w.left -= n
	w.passes(n)
	return int(n), nil
}

func TestHugeContents(t *testing.T) {
	if testing.Short() {
		t.Skip("some seconds")
	}
	got := make(chan int64, 1)
	var down *watched
	address := livePoPBefore(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			n, _ := io.Copy(io.Discard, r.Body)
			got <- n
			return
		}
		w.Header().Set("Cache-Control", "max-age=60") // it would be stored, were it not for its size
		w.Header().Set("Content-Length", fmt.Sprint(huge))
		_, _ = io.CopyN(w, down, huge)
	})
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)

	down = &watched{left: huge, next: hugeLooks}
	resp, err := http.Get("http://" + address + "/")
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	if n != huge || err != nil {
		t.Errorf("%d bytes came, %v", n, err)
	}

	up := &watched{left: huge, next: hugeLooks}
	resp, err = http.Post("http://"+address+"/", "application/octet-stream", up)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if n := <-got; n != huge || resp.StatusCode != 200 {
		t.Errorf("%d bytes went, status %d", n, resp.StatusCode)
	}
	for way, w := range map[string]*watched{"down": down, "up": up} { // any order
		if grown := int64(w.most) - int64(before.HeapAlloc); w.most == 0 || grown > hugeRoom {
			t.Errorf("%s: the heap has grown by %d MB", way, grown>>20)
		}
	}
}
