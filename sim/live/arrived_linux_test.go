// When bytes arrived, as the kernel tells.
package live

import (
	"net"
	"testing"
	"time"
)

// TestArrived: bytes that lay in the socket before they were read are told to have
// come that long ago, by those reads that ask.
func TestArrived(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skip(err)
	}
	defer l.Close()
	far, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	near, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	s, ok := clocked(fast(near)).(*clockedConn)
	if !ok {
		t.Fatal("this system has no time stamps")
	}
	p := make([]byte, 10)
	eventually(t, "the kernel notes arrivals", func() bool { // it begins to a moment after it was told to
		_, _ = far.Write([]byte("w"))
		s.ask()
		_, _ = s.Read(p)
		_, known := s.arrived()
		return known
	})
	for _, waits := range []time.Duration{0, 20 * time.Millisecond} {
		before := time.Now()
		if _, err := far.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(waits)
		s.ask()
		if n, err := s.Read(p); n != 1 || err != nil {
			t.Fatalf("read %d, %v", n, err)
		}
		ago, known := s.arrived()
		if !known || ago < waits || ago > time.Since(before) {
			t.Errorf("%v ago, %v; it lay there for %v", ago, known, waits)
		}
		if _, known := s.arrived(); known {
			t.Error("told twice")
		}
	}
	if _, err := far.Write([]byte("y")); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Read(p); n != 1 || err != nil {
		t.Fatalf("read %d, %v", n, err)
	}
	if _, known := s.arrived(); known {
		t.Error("a read that did not ask knows")
	}
	far.Close()
	s.ask()
	if n, err := s.Read(p); n != 0 || err == nil {
		t.Errorf("the end reads as %d, %v", n, err)
	}
}
