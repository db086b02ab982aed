// Tests: what stands in front of a connection that is passed on.
package live

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
)

func TestProxyHeader(t *testing.T) {
	four := netip.MustParseAddrPort("192.0.2.1:56324")
	six := netip.MustParseAddrPort("[2001:db8::1]:443")
	for _, c := range []struct {
		from, to, want netip.AddrPort
		size           int
	}{
		{four, netip.MustParseAddrPort("192.0.2.9:80"), four, 28},
		{six, netip.MustParseAddrPort("[2001:db8::9]:80"), six, 52},
		{netip.AddrPort{}, four, netip.AddrPort{}, 16}, // LOCAL
		{four, six, netip.AddrPort{}, 16},              // no family has both
	} {
		text := appendProxy(nil, c.from, c.to)
		r := strings.NewReader(string(text) + "GET / HTTP/1.1")
		got, err := readProxy(r)
		if got != c.want || err != nil || len(text) != c.size || r.Len() != len("GET / HTTP/1.1") {
			t.Errorf("%v to %v: %d bytes, read as %v, %v, and %d bytes left", c.from, c.to, len(text), got, err, r.Len())
		}
	}
	// The example of the specification, 2.2, with a TLV behind it.
	spec := "\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x10\xc0\x00\x02\x01\xc0\x00\x02\x02\xdc\x04\x01\xbb\x04\x00\x01x"
	if got, err := readProxy(strings.NewReader(spec)); got != four || err != nil {
		t.Errorf("the example is read as %v, %v", got, err)
	}
	for _, c := range []struct{ why, text string }{
		{"no header", "GET / HTTP/1.1\r\n\r\n"},
		{"version 1", "PROXY TCP4 192.0.2.1 192.0.2.9 1 2\r\n"},
		{"version 3", strings.Replace(spec, "\x21\x11", "\x31\x11", 1)},
		{"an unknown command", strings.Replace(spec, "\x21\x11", "\x22\x11", 1)},
		{"too little", spec[:20]},
		{"less than its family needs", strings.Replace(spec, "\x00\x10", "\x00\x0b", 1)},
		{"too much", strings.Replace(spec, "\x00\x10", "\xff\xff", 1)},
	} {
		if got, err := readProxy(strings.NewReader(c.text)); err == nil {
			t.Errorf("%s is read as %v", c.why, got)
		}
	}
	unix := strings.Replace(spec, "\x21\x11", "\x21\x31", 1)
	if got, err := readProxy(strings.NewReader(unix)); got.IsValid() || err != nil {
		t.Errorf("an address of another family is read as %v, %v", got, err)
	}
}

// Whatever comes, no more is read than the header, and what is read is written the
// same.
func FuzzReadProxy(f *testing.F) {
	f.Add(appendProxy(nil, netip.MustParseAddrPort("192.0.2.1:1"), netip.MustParseAddrPort("192.0.2.9:2")))
	f.Add(appendProxy(nil, netip.AddrPort{}, netip.AddrPort{}))
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		r := bytes.NewReader(text)
		got, err := readProxy(r)
		if used := len(text) - r.Len(); used > proxyHead+proxyMost {
			t.Fatalf("%d bytes were read", used)
		}
		if err != nil || !got.IsValid() {
			return
		}
		again, err := readProxy(bytes.NewReader(appendProxy(nil, got, got)))
		if want := netip.AddrPortFrom(got.Addr().Unmap(), got.Port()); err != nil || again != want {
			t.Fatalf("%v is written as %v, %v", got, again, err)
		}
	})
}
