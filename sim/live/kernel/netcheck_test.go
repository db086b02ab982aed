//go:build linux

// The model beside the kernel's own TCP, which knows nothing of it: make netcheck.
package kernel

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// within is how far the kernel may be from the model: 2 %, and half a millisecond
// for what processors take.
func within(model, kernel time.Duration) bool {
	return (kernel - model).Abs() <= model/50+500*time.Microsecond
}

// tries is how often each row is measured, and one that misses mostTries times. The
// least counts: a noisy machine only ever adds.
const (
	tries     = 3
	mostTries = 15
)

// TestNetCheck has no row without a rate: a window of 640 packets at once takes this
// process some milliseconds to carry, and the kernel's HyStart takes that for a queue
// and leaves slow start.
func TestNetCheck(t *testing.T) {
	if os.Getenv("CDNLAB_NETCHECK") == "" {
		t.Skip("a check of the model by the kernel: make netcheck")
	}
	wires, err := Supported()
	if err != nil {
		t.Skip(err)
	}
	t.Logf("wires: %s", wires)
	const mbit = sim.Rate(1e6)
	t.Logf("%-34s %10s %10s %8s", "", "model, ms", "kernel", "off by")
	for _, c := range []struct {
		name   string
		rtt    time.Duration
		rate   sim.Rate
		bytes  int
		secure uint16 // TLS version
		warm   bool
	}{
		{"connect and 10 KB, 150 ms", 150 * time.Millisecond, 100 * mbit, 10_000, 0, false},
		{"100 KB, 150 ms, 100 Mbit/s", 150 * time.Millisecond, 100 * mbit, 110_000, 0, false},
		{"1 MB, 150 ms, 100 Mbit/s", 150 * time.Millisecond, 100 * mbit, 1e6, 0, false},
		{"1 MB, 150 ms, 20 Mbit/s", 150 * time.Millisecond, 20 * mbit, 1e6, 0, false},
		{"1 MB, 150 ms, warm", 150 * time.Millisecond, 100 * mbit, 1e6, 0, true},
		{"5 MB, 70 ms, 100 Mbit/s", 70 * time.Millisecond, 100 * mbit, 5e6, 0, false},
		{"1 MB, 2 ms, 100 Mbit/s", 2 * time.Millisecond, 100 * mbit, 1e6, 0, false},
		{"10 KB, 150 ms, TLS 1.3", 150 * time.Millisecond, 100 * mbit, 10_000, tls.VersionTLS13, false},
		{"10 KB, 150 ms, TLS 1.2", 150 * time.Millisecond, 100 * mbit, 10_000, tls.VersionTLS12, false},
		{"1 MB, 150 ms, TLS 1.3", 150 * time.Millisecond, 100 * mbit, 1e6, tls.VersionTLS13, false},
	} {
		p := newPair(t, wires, network.Spec{Leg: network.Leg{RTT: c.rtt, Rate: c.rate}})
		model := modelled(c.rtt, c.rate, c.bytes, c.secure, c.warm)
		kernel := time.Duration(1<<63 - 1)
		s := p.secured(t, c.bytes, c.secure)
		for try := 0; try < tries || try < mostTries && !within(model, kernel); try++ {
			kernel = min(kernel, s.measure(t, c.warm))
		}
		t.Logf("%-34s %10.1f %10.1f %+7.2f%%", c.name, float64(model)/1e6, float64(kernel)/1e6, 100*(float64(kernel)/float64(model)-1))
		if !within(model, kernel) {
			t.Errorf("%s: the model says %v, the kernel takes %v", c.name, model, kernel)
		}
		p.net.Close()
	}
}

// modelled is how long it takes to connect, ask and have an answer whole; warm, to
// ask and have it on a connection that has just carried a larger one.
func modelled(rtt time.Duration, rate sim.Rate, bytes int, secure uint16, warm bool) time.Duration {
	l := network.NewLink(1, "a", "b", network.Spec{Leg: network.Leg{RTT: rtt, Rate: rate}})
	f, req := &network.Flow{}, &sim.Request{}
	answer := func(now sim.Time, bytes int64) sim.Time {
		at := l.Out(now, &network.Flow{}, req)
		var c network.Content
		l.Load(&c, network.Back, req, network.Segments(bytes, secure != 0))
		for {
			fl := l.Send(f, &c, at)
			if fl.Done() {
				return fl.Last
			}
			at = fl.Next
		}
	}
	if warm {
		begun := answer(0, 3*int64(bytes))
		return answer(begun, int64(bytes)).Sub(begun)
	}
	s := network.Setup{}
	switch secure {
	case tls.VersionTLS12:
		s.TLS = network.TLS12
	case tls.VersionTLS13:
		s.TLS = network.TLS13
	}
	stands := sim.Time(l.Connect(req) + l.OneWay() + l.Handshake(s))
	return time.Duration(answer(stands, int64(bytes)))
}

// site is a server at b with or without TLS.
type site struct {
	*pair
	at     netip.AddrPort
	bytes  int
	secure *tls.Config
}

func (p *pair) secured(t *testing.T, bytes int, version uint16) *site {
	s := &site{pair: p, bytes: bytes}
	if version == 0 {
		s.at = p.serve(t, bytes)
		return s
	}
	certificate, roots := selfSigned(t, p.b.Addr)
	s.secure = &tls.Config{RootCAs: roots, MinVersion: version, MaxVersion: version, ServerName: p.b.Addr.String()}
	server := &tls.Config{Certificates: []tls.Certificate{certificate}, SessionTicketsDisabled: true}
	s.at = p.serveOn(t, bytes, func(l net.Listener) net.Listener { return tls.NewListener(l, server) })
	return s
}

// measure connects and asks once.
func (s *site) measure(t *testing.T, warm bool) time.Duration {
	began := time.Now()
	c := s.dial(t, s.at)
	defer c.Close()
	if s.secure != nil {
		secure := tls.Client(c, s.secure)
		if err := secure.HandshakeContext(context.Background()); err != nil {
			t.Fatal(err)
		}
		c = secure
	}
	if warm {
		for range 3 {
			ask(t, c, s.bytes)
		}
		began = time.Now()
	}
	ask(t, c, s.bytes)
	return time.Since(began)
}

func selfSigned(t *testing.T, addr netip.Addr) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{addr.AsSlice()}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}
