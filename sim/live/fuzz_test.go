// Fuzzing: what reads the wire never panics, and what plainHead takes net/http
// takes too, and alike.
package live

import (
	"bufio"
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"cdnlab/sim"
)

func FuzzReadClient(f *testing.F) {
	f.Add("1 0 2 3 127.0.0.1 New York")
	f.Add("1 0 2 3 -")
	f.Fuzz(func(t *testing.T, text string) {
		var r, again sim.Request
		if !readClient(text, &r) {
			return
		}
		_, rest, _ := strings.Cut(string(appendClient(nil, "x", &r)), " ")
		if !readClient(rest, &again) || again.ID != r.ID || again.Attempt != r.Attempt || again.Addr != r.Addr || again.Place != r.Place {
			t.Fatalf("%q is read as %+v, written as %q, read as %+v", text, r, rest, again)
		}
	})
}

func FuzzReadMarks(f *testing.F) {
	f.Add(`pop;dur=0.5;desc="cache queue=1 peer=a tries=2 cause=reset", x;dur=1;desc="app"`, "pop; fwd=stale; fwd-status=200; ttl=-5; stored; collapsed; detail=miss")
	f.Add(`;dur=1e400;desc=""`, "; hit")
	f.Fuzz(func(t *testing.T, timing, status string) {
		var hops sim.Hops
		readTimings(timing, &hops)
		readCacheStatuses(status, &hops)
		for i := range hops.Len() {
			if m := hops.At(i); m.Took < 0 || m.Queue < 0 || m.Hop == sim.HopNone {
				t.Fatalf("read %+v", m)
			}
		}
	})
}

func FuzzPeekAnswer(f *testing.F) {
	for _, s := range []string{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nServer-Timing: a;dur=1;desc=\"cache\"\r\nCache-Status: a; hit\r\n\r\nhello",
		"HTTP/1.1 204 \r\nConnection: close\r\nAge: 5\r\nDate: x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999999\r\n\r\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		br := bufio.NewReaderSize(bytes.NewReader(text), readBuffer)
		_, _ = br.Peek(1)
		a, ok := peekAnswer(br, false)
		if ok && (a.head <= 0 || a.head > len(text) || a.size < 0 || a.head+a.size < a.head || a.status < 200 || a.status > 999) {
			t.Fatalf("%q is read as %+v", text, a)
		}
		if ok {
			a.response(&Link{way: &way{}})
		}
	})
}

// oddHeads are requests that plainHead must hand over: those that two readers
// may take apart in two ways above all (RFC 9112 11.2).
var oddHeads = []string{
	"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n\tc: d\r\n\r\n",
	"GET / HTTP/1.1\nHost: a\n\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\nTransfer-Encoding: chunked\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nX: b\nTransfer-Encoding: chunked\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nX:\nTransfer-Encoding: chunked\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nCdnlab-Client: secret 1 0 1 1 - x\nTransfer-Encoding: chunked\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nCdnlab-Client: secret 1 0 1 1 - x\r\nX: y\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nCdnlab-Client: a\r\nCdnlab-Client: b\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n",
	"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n",
	"GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET * HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET / HTTP/1.0\r\nHost: a\r\n\r\n",
	"GET / HTTP/1.1\r\n\r\n",
	"GET / HTTP/1.1\r\nHost:\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
	"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET / x HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET  HTTP/1.1\r\nHost: a\r\n\r\n",
	"get / HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nPragma: no-cache\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n",
	"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
	"\r\n\r\n",
}

func TestOddHeads(t *testing.T) {
	for _, text := range oddHeads {
		var p plainHead
		for range 2 { // the second time the text is known
			if p.read([]byte(text), []byte("secret")) {
				t.Errorf("taken for plain: %q", text)
			}
		}
	}
}

var plainHeads = []string{
	"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
	"HEAD /a?b=%20c HTTP/1.1\r\nHost: a.example:80\r\nAccept: */*\r\naccept: text/html \r\nX:\r\n\r\n",
	"GET /x HTTP/1.1\r\nHost: shop\r\nUser-Agent: cdnlab\r\nCdnlab-Client: secret 1 0 2 3 127.0.0.1 New York\r\n\r\n",
	"GET /x HTTP/1.1\r\nHost: shop\r\nCdnlab-Client: wrong 1 0 2 3 -\r\n\r\n",
}

func FuzzPlainHead(f *testing.F) {
	for _, s := range slices.Concat(oddHeads, plainHeads) {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if headEnd(text) != len(text) || len(text) == 0 {
			return // Front asks for no other
		}
		p := plainHead{}
		plain := p.read(text, []byte("secret"))
		if p.read(text, []byte("secret")) != plain {
			t.Fatalf("%q is plain once and once not", text)
		}
		if plain {
			checkPlain(t, text, &p)
		}
	})
}

// FuzzPlainHeadAfterAnother: what a connection's last request was changes nothing.
func FuzzPlainHeadAfterAnother(f *testing.F) {
	for _, first := range plainHeads {
		for _, s := range slices.Concat(oddHeads, plainHeads) {
			f.Add([]byte(first), []byte(s))
		}
	}
	f.Fuzz(func(t *testing.T, first, text []byte) {
		if headEnd(text) != len(text) || len(text) == 0 || headEnd(first) != len(first) || len(first) == 0 {
			return // Front asks for no other
		}
		var p, fresh plainHead
		p.read(first, []byte("secret"))
		plain := p.read(text, []byte("secret"))
		if plain != fresh.read(text, []byte("secret")) {
			t.Fatalf("%q after %q: plain is %v, alone it is not", text, first, plain)
		}
		if !plain {
			return
		}
		checkPlain(t, text, &p)
		a, b := p.req, fresh.req
		a.Header, b.Header = nil, nil // compared before
		if p.known != fresh.known || fmt.Sprint(a) != fmt.Sprint(b) {
			t.Fatalf("%q after %q is %+v, alone %+v", text, first, a, b)
		}
	})
}

// checkPlain compares what plainHead read with what net/http does.
func checkPlain(t *testing.T, text []byte, p *plainHead) {
	t.Helper()
	br := bufio.NewReader(bytes.NewReader(text))
	r, err := http.ReadRequest(br)
	if err != nil {
		t.Fatalf("%q is plain, but net/http says %v", text, err)
	}
	if through, refused := guarded(text, 1<<20); refused || !bytes.Equal(through, text) {
		t.Fatalf("%q is plain, but of the guard comes %q", text, through)
	}
	delete(r.Header, headerClient)
	if r.Method != p.req.Method || r.RequestURI != p.req.Path || r.Host != p.req.Host || br.Buffered() != 0 || r.ContentLength != 0 ||
		!maps.EqualFunc(r.Header, p.req.Header, slices.Equal[[]string]) {
		t.Fatalf("%q is read as %+v, by net/http as %+v", text, p.req, r)
	}
}

func TestPlainHeads(t *testing.T) {
	var p plainHead
	for i, text := range append(plainHeads, plainHeads...) {
		if !p.read([]byte(text), []byte("secret")) {
			t.Fatalf("not plain: %q", text)
		}
		checkPlain(t, []byte(text), &p)
		if known := strings.Contains(text, "secret"); p.known != known || known && (p.req.Place != "New York" || p.req.Client != 2) || !known && p.req.ID != 0 {
			t.Errorf("%d: %q is believed: %v, %+v", i, text, p.known, p.req)
		}
	}
}
