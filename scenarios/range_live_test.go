// Ranges through a whole live PoP: real sockets, and an origin that is net/http's.
package scenarios

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// rangedSite has objects of random bytes under /NAME/SIZE, with a strong validator.
type rangedSite struct {
	version atomic.Int64
	cut     atomic.Bool // the next content breaks off in its middle

	mu    sync.Mutex // protects asked
	asked []string   // method and Range of each request since the last look
}

// object is the content of a path at a version.
func (s *rangedSite) object(path string) []byte {
	var size int
	_, _ = fmt.Sscanf(path[strings.LastIndexByte(path, '/'):], "/%d", &size)
	dice := rand.New(rand.NewPCG(uint64(s.version.Load()), uint64(size)))
	data := make([]byte, size)
	for i := range data {
		data[i] = byte(dice.Uint64())
	}
	return data
}

func (s *rangedSite) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked = append(s.asked, strings.TrimSpace(r.Method+" "+r.Header.Get("Range")))
	s.mu.Unlock()
	w.Header().Set("Cache-Control", "max-age=3600")
	w.Header().Set("Etag", fmt.Sprintf("%q", fmt.Sprint(s.version.Load())))
	if s.cut.Swap(false) {
		w = &cutShort{w}
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(s.object(r.URL.Path)))
}

func (s *rangedSite) breakOff() { s.cut.Store(true) }
func (s *rangedSite) change()   { s.version.Add(1) }

// look returns what the site was asked since the last time.
func (s *rangedSite) look() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := strings.Join(s.asked, ", ")
	s.asked = nil
	return asked
}

// cutShort breaks off in the middle of a content.
type cutShort struct{ http.ResponseWriter }

func (c *cutShort) Write(p []byte) (int, error) {
	_, _ = c.ResponseWriter.Write(p[:len(p)/2])
	_ = http.NewResponseController(c.ResponseWriter).Flush()
	panic(http.ErrAbortHandler)
}

// fetched is what a client got.
type fetched struct {
	status       int
	contentRange string
	cache        string
	body         []byte
	err          error
}

func fetchRange(t *testing.T, client *http.Client, url, asks string) (f fetched) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if asks != "" {
		req.Header.Set("Range", asks)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	f = fetched{status: resp.StatusCode, contentRange: resp.Header.Get("Content-Range"), cache: resp.Header.Get("Cache-Status")}
	f.body, f.err = io.ReadAll(resp.Body)
	if f.err == nil && resp.ContentLength != int64(len(f.body)) {
		t.Errorf("%s %s: Content-Length %d, %d bytes", url, asks, resp.ContentLength, len(f.body))
	}
	return f
}

// settledRange asks until the answer's Cache-Status has those words, or has them no
// more: a content is stored when its end has come, a moment after its last byte.
func settledRange(t *testing.T, client *http.Client, url, asks, words string, has bool) fetched {
	t.Helper()
	for range 10_000 {
		if f := fetchRange(t, client, url, asks); strings.Contains(f.cache, words) == has {
			return f
		}
	}
	t.Fatalf("%s %s: Cache-Status stays as it is", url, asks)
	return fetched{}
}

// rangeSteps are what a client asks for, one after the other.
var rangeSteps = []struct {
	path, asks  string
	before      func(*rangedSite)
	status      int
	first, size int    // of the content
	asked       string // of the origin
	cut         bool
}{
	// From the whole: small contents go out at once, large ones as they are read.
	{path: "/a/1000", status: 200, size: 1000, asked: "GET"},
	{path: "/a/1000", asks: "bytes=10-19", status: 206, first: 10, size: 10},
	{path: "/a/1000", asks: "bytes=-1", status: 206, first: 999, size: 1},
	{path: "/a/1000", asks: "bytes=1000-", status: 416},
	{path: "/a/1000", asks: "bytes=0-1,5-6", status: 200, size: 1000},
	{path: "/b/300000", status: 200, size: 300000, asked: "GET"},
	{path: "/b/300000", asks: "bytes=32760-65540", status: 206, first: 32760, size: 32781},
	{path: "/b/300000", asks: "bytes=299999-", status: 206, first: 299999, size: 1},
	// From parts, and completed.
	{path: "/c/300000", asks: "bytes=0-99999", status: 206, size: 100000, asked: "GET bytes=0-99999"},
	{path: "/c/300000", asks: "bytes=99990-99999", status: 206, first: 99990, size: 10},
	{path: "/c/300000", asks: "bytes=99990-150000", status: 206, first: 99990, size: 50011, asked: "GET bytes=100000-150000"},
	{path: "/c/300000", asks: "bytes=50000-150000", status: 206, first: 50000, size: 100001},
	{path: "/c/300000", before: (*rangedSite).breakOff, status: 200, size: 300000, asked: "GET bytes=150001-", cut: true},
	{path: "/c/300000", status: 200, size: 300000, asked: "GET bytes=150001-"},
	{path: "/c/300000", status: 200, size: 300000},
	{path: "/c/300000", asks: "bytes=99999-150001", status: 206, first: 99999, size: 50003},
	// Small parts are one content too.
	{path: "/d/900", asks: "bytes=300-", status: 206, first: 300, size: 600, asked: "GET bytes=300-"},
	{path: "/d/900", status: 200, size: 900, asked: "GET bytes=0-299"},
	{path: "/d/900", asks: "bytes=299-300", status: 206, first: 299, size: 2},
	// What has changed meanwhile is fetched whole.
	{path: "/e/1000", asks: "bytes=0-9", status: 206, size: 10, asked: "GET bytes=0-9"},
	{path: "/e/1000", asks: "bytes=5-14", before: (*rangedSite).change, status: 206, first: 5, size: 10, asked: "GET bytes=10-14"},
	{path: "/e/1000", status: 200, size: 1000},
}

func TestRangesLive(t *testing.T) {
	site := &rangedSite{}
	at := "http://" + livePoPBefore(t, site.serve)
	client := &http.Client{Transport: &http.Transport{}, Timeout: time.Minute}
	defer client.CloseIdleConnections()
	for _, step := range rangeSteps {
		if step.before != nil {
			step.before(site)
		}
		f := settledRange(t, client, at+step.path, step.asks, "collapsed", false) // what broke off just now is not to be shared
		if step.asked != "" && !step.cut {
			settledRange(t, client, at+step.path, step.asks, "pop; hit", true)
		}
		name := step.path + " " + step.asks
		want := site.object(step.path)[step.first:][:step.size]
		if f.status != step.status || (f.err != nil) != step.cut {
			t.Errorf("%s: %d, %v", name, f.status, f.err)
		}
		if !step.cut && !bytes.Equal(f.body, want) || step.cut && !bytes.HasPrefix(want, f.body) {
			t.Errorf("%s: %d bytes that are not the object's", name, len(f.body))
		}
		if total := step.path[strings.LastIndexByte(step.path, '/')+1:]; step.status == 206 &&
			f.contentRange != fmt.Sprintf("bytes %d-%d/%s", step.first, step.first+step.size-1, total) || step.status == 416 && f.contentRange != "bytes */"+total {
			t.Errorf("%s: Content-Range: %s", name, f.contentRange)
		}
		if asked := site.look(); asked != step.asked {
			t.Errorf("%s: the origin was asked %q, want %q", name, asked, step.asked)
		}
		if hit := strings.HasPrefix(f.cache, "pop; hit"); hit != (step.asked == "") {
			t.Errorf("%s: Cache-Status: %s", name, f.cache)
		}
	}
}

// TestRangesAtOnce: whatever clients ask for at the same time, each gets the bytes
// that it asked for.
func TestRangesAtOnce(t *testing.T) {
	site := &rangedSite{}
	at := "http://" + livePoPBefore(t, site.serve)
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			dice := rand.New(rand.NewPCG(7, uint64(worker)))
			client := &http.Client{Transport: &http.Transport{}, Timeout: time.Minute}
			defer client.CloseIdleConnections()
			for i := range 40 {
				path := fmt.Sprintf("/%d/%d", i/4, []int{500, 20_000, 100_000}[i%3])
				want, asks := site.object(path), ""
				if dice.IntN(4) > 0 {
					first := dice.IntN(len(want))
					size := 1 + dice.IntN(len(want)-first)
					want, asks = want[first:][:size], fmt.Sprintf("bytes=%d-%d", first, first+size-1)
				}
				if f := fetchRange(t, client, at+path, asks); f.err != nil || !bytes.Equal(f.body, want) {
					t.Errorf("%s %s: %d, %d bytes of %d, %v", path, asks, f.status, len(f.body), len(want), f.err)
				}
			}
		})
	}
	all.Wait()
}
