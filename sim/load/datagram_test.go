// Tests: what can be wrong with a service of datagrams.
package load

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
)

func TestDatagramMistakes(t *testing.T) {
	size := func(n sim.Bytes) *sim.Bytes { return &n }
	for _, c := range []struct {
		entry Entry
		keys  []string
	}{
		{Entry{Size: size(400), UDP: &Datagram{}}, nil},
		{Entry{Size: size(sim.MaxDatagram), UDP: &Datagram{Size: size(sim.MaxDatagram), Timeout: time.Millisecond, Retries: 10}}, nil},
		{Entry{UDP: &Datagram{}}, []string{"size"}}, // 10KB are no datagram
		{Entry{Size: size(sim.MaxDatagram + 1), UDP: &Datagram{Size: size(sim.MaxDatagram + 1)}}, []string{"udp.query-size", "size"}},
		{Entry{Size: size(400), SizeLaw: "lognormal", UDP: &Datagram{}}, []string{"size"}},
		{Entry{Size: size(400), Method: "POST", Status: 404, UDP: &Datagram{Timeout: 2 * time.Hour, Retries: 11}}, []string{"udp.timeout", "udp.retries", "method", "status"}},
		{Entry{Size: size(400), UDP: &Datagram{}, TCP: &Socket{}}, []string{"udp"}},
		{Entry{Path: "/" + strings.Repeat("x", mostPath), Size: size(400), UDP: &Datagram{}}, []string{"path"}},
	} {
		c.entry.Path = cmp.Or(c.entry.Path, "/state")
		var keys []string
		for _, p := range CheckCatalog([]Entry{c.entry}) {
			keys = append(keys, p.Key)
		}
		if !slices.Equal(keys, c.keys) {
			t.Errorf("%+v: mistakes at %v, want %v", c.entry.UDP, keys, c.keys)
		}
	}
	c := NewCatalog([]Entry{{Path: "/state", Size: size(400), UDP: &Datagram{}}, {Path: "/"}})
	d := c.Datagram(Object{0, 1})
	if d == nil || *d.Size != 60 || d.Timeout != time.Second || d.Retries != 0 || c.Datagram(Object{1, 1}) != nil || c.Protocol(Object{0, 1}) != "udp" || c.Protocol(Object{1, 1}) != "" {
		t.Errorf("a service by default: %+v", d)
	}
}
