// The lab's own words on the wire: what is written is read again.
package live

import (
	"bufio"
	"bytes"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
)

func TestWhoAsks(t *testing.T) {
	for _, c := range []struct{ addr, place string }{
		{"", ""}, {"", "Rome"}, {"", "Milan"}, {"", "New York"}, {"127.1.2.3", ""}, {"127.1.2.3", "Tokyo"}, {"2001:db8::1", "São Paulo"}, {"fe80::1%eth0", "a  b"},
	} {
		want := sim.Request{ID: 1<<64 - 1, Attempt: 1<<31 - 1, Client: 7, Conn: 9, Place: c.place, Trace: sim.Trace(len(c.place) % 3), Control: c.place == ""}
		if c.addr != "" {
			want.Addr = netip.MustParseAddr(c.addr)
		}
		line := strings.TrimRight(string(appendClient(nil, "token", &want)), " ") // as a field's value ends
		_, rest, _ := strings.Cut(line, " ")
		got := sim.Request{Addr: netip.MustParseAddr("10.0.0.1"), Place: "elsewhere"}
		if !readClient(rest, &got) || got.ID != want.ID || got.Attempt != want.Attempt || got.Client != want.Client ||
			got.Conn != want.Conn || got.Trace != want.Trace || got.Control != want.Control || got.Addr != want.Addr || got.Place != want.Place {
			t.Errorf("%q is read as %+v, want %+v", line, got, want)
		}
	}
}

// TestWrongWhoAsks: what is half right must not be half believed.
func TestWrongWhoAsks(t *testing.T) {
	for _, text := range []string{"", "1", "1 0 2", "1 0 2 3", "1 0 2 3 nowhere Tokyo", "-1 0 2 3 - Tokyo",
		"control", "control control 1 0 2 3 -",
		"1 2147483648 2 3 - Tokyo", "18446744073709551616 0 2 3 - Tokyo", "x 0 2 3 -", "+", "++1 0 2 3 - Tokyo", "*+1 0 2 3 - Tokyo",
		"+ 1 0 2 3 - Tokyo", "- 0 2 3 - Tokyo"} {
		got := sim.Request{ID: 99, Place: "here"}
		if readClient(text, &got) || got.ID != 99 || got.Place != "here" || got.Client != 0 || got.Traced() || got.Control {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}

func randomMark(r *rand.Rand, node string) sim.Mark {
	m := sim.Mark{Node: node, Hop: sim.Hop(1 + r.IntN(len(hopNames)-1)), Took: time.Duration(r.Int64N(int64(time.Hour)))}
	if r.IntN(2) == 0 {
		m.Queue = time.Duration(r.Int64N(int64(time.Minute)))
		m.Cause = sim.Cause(r.IntN(1 + len(sim.Causes())))
	}
	if r.IntN(2) == 0 {
		m.Peer, m.Tries = "app-1", uint8(1+r.IntN(255))
	}
	if m.Hop != sim.HopCache {
		return m
	}
	m.Verdict, m.Fwd = sim.Verdict(r.IntN(int(sim.VerdictBypass)+1)), sim.Fwd(r.IntN(int(sim.FwdPartial)+1))
	if m.Peer != "" {
		m.Peer = "https://example.com/a?b=1,2;c"
	}
	if m.Verdict != sim.VerdictNone {
		m.Detail = sim.Detail(r.IntN(int(sim.DetailEarlyRefresh) + 1))
	}
	m.FwdStatus, m.TTL = uint16(r.IntN(600)), int32(r.Uint32())
	m.Stored, m.Collapsed = r.IntN(2) == 0, r.IntN(2) == 0
	return m
}

func sameHops(a, b *sim.Hops) bool {
	if a.Len() != b.Len() {
		return false
	}
	for i := range a.Len() {
		if *a.At(i) != *b.At(i) {
			return false
		}
	}
	return true
}

// TestMarks: any marks survive both ways of writing and both of reading.
func TestMarks(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	names := []string{"tokyo-pop", "shield", "balancer", "app-1", "app-12", "db", "x", "y", "z", "last"}
	for range 2000 {
		var hops sim.Hops
		for i := range r.IntN(sim.MaxHops + 1) {
			hops.Add(randomMark(r, names[i]))
		}
		h := http.Header{}
		writeMarks(h, &hops)
		var viaMap sim.Hops
		readMarks(h, &viaMap)
		if len(h) != 0 {
			t.Fatalf("marks are left in the header: %v", h)
		}
		text := append(appendMarks([]byte("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"), &hops), "\r\n"...)
		br := bufio.NewReaderSize(bytes.NewReader(text), readBuffer)
		_, _ = br.Peek(1)
		plain, ok := peekAnswer(br, false)
		hr, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(text)), nil)
		if !ok || err != nil {
			t.Fatalf("not read: %v %v\n%s", ok, err, text)
		}
		if viaHTTP := response(hr).Via; !sameHops(&hops, &viaMap) || !sameHops(&hops, &plain.via) || !sameHops(&hops, &viaHTTP) {
			t.Fatalf("%s\nwritten %+v\n map %+v\nplain %+v\nhttp %+v", text, hops, viaMap, plain.via, viaHTTP)
		}
	}
}

func TestPeekAnswer(t *testing.T) {
	for text, want := range map[string]bool{ // any order
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n":                               true,
		"HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n":                           true,
		"HTTP/1.1 200\r\nContent-Length: 5\r\ncontent-length: 5\r\n\r\n":             false,
		"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n":          true,
		"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n":     true,
		"HTTP/1.1 200 OK\r\nConnection: close, x\r\nContent-Length: 0\r\n\r\n":       false,
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n":                                   false,
		"HTTP/1.1 200 OK\r\n\r\n":                                                    false,
		"HTTP/1.1 100 Continue\r\n\r\n":                                              false,
		"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n":                               false,
		"HTTP/1.1 2000 OK\r\nContent-Length: 5\r\n\r\n":                              false,
		"HTTP/1.1 +20 OK\r\nContent-Length: 5\r\n\r\n":                               false,
		"HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n":                              false,
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n":          false,
		"HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n":             false,
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n": false,
		"HTTP/1.1 200 OK\r\nX: a\r\n b: c\r\nContent-Length: 5\r\n\r\n":              false,
		"HTTP/1.1 200 OK\r\nCache-Status: a\r\nCache-Status: b\r\n\r\n":              false,
		"hello\r\n\r\n": false,
		"\r\n\r\n":      false,
	} {
		br := bufio.NewReader(strings.NewReader(text))
		_, _ = br.Peek(1)
		if _, ok := peekAnswer(br, false); ok != want {
			t.Errorf("%q is plain: %v", text, ok)
		}
	}
}
