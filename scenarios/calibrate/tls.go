// What TLS costs a server: the time that it works on handshakes and records, and
// neither reads nor writes. That is what accept and serve cost.
package calibrate

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net"
	"slices"
	"time"
)

var tlsSampler = sampler{
	name: "TLS",
	kinds: []kind{
		{"tls13", "a full TLS 1.3 handshake at the server (ECDSA P-256, Go's key exchange), the cryptography alone"},
		{"tls12", "a full TLS 1.2 handshake at the server, likewise"},
		{"tls-resumed", "a TLS 1.3 handshake that resumes a session, likewise"},
		{"tls-mb", "content written in TLS 1.3 records, without the network"},
	},
	measure: tlsRound,
}

// handshakes is how many a round's median is of.
const handshakes = 40

func tlsRound() ([]float64, error) {
	server, client, err := tlsConfigs()
	if err != nil {
		return nil, err
	}
	with := func(most uint16, resume bool) (*tls.Config, *tls.Config) {
		s, c := server.Clone(), client.Clone()
		s.MaxVersion = most
		if resume {
			c.ClientSessionCache = tls.NewLRUClientSessionCache(1)
		}
		return s, c
	}
	var round []float64
	for _, sort := range []struct {
		version uint16
		resume  bool
	}{{tls.VersionTLS13, false}, {tls.VersionTLS12, false}, {tls.VersionTLS13, true}} {
		s, c := with(sort.version, sort.resume)
		var times []float64
		for i := range handshakes + 1 {
			took, state, err := handshake(s, c, 1)
			if err != nil {
				return nil, err
			}
			if resumed := sort.resume && i > 0; state.Version != sort.version || state.DidResume != resumed {
				return nil, fmt.Errorf("a handshake of TLS %#x, resumed: %v", state.Version, state.DidResume)
			}
			if i > 0 { // the first is the one to resume
				times = append(times, float64(took.handshake))
			}
		}
		round = append(round, middle(times))
	}
	s, c := with(tls.VersionTLS13, false)
	var times []float64
	for range handshakes {
		took, _, err := handshake(s, c, 1_000_000)
		if err != nil {
			return nil, err
		}
		times = append(times, float64(took.content))
	}
	return append(round, middle(times)), nil
}

// middle is the median.
func middle(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// tlsTimes are how long a server's own work took.
type tlsTimes struct{ handshake, content time.Duration }

// handshake opens a connection, sends n bytes of content to the client, and
// closes it.
func handshake(server, client *tls.Config, n int) (took tlsTimes, state tls.ConnectionState, err error) {
	near, far, err := pair()
	if err != nil {
		return took, state, err
	}
	asked := make(chan error, 1)
	go func() {
		defer near.Close()
		c := tls.Client(near, client)
		_, err := io.CopyN(io.Discard, c, int64(n)) // the session ticket comes before it
		asked <- err
	}()
	at := &stopwatch{Conn: far}
	c := tls.Server(at, server)
	at.start()
	err = c.Handshake()
	took.handshake = at.stop()
	if err == nil {
		at.start()
		_, err = c.Write(make([]byte, n))
		took.content = at.stop()
	}
	state = c.ConnectionState()
	far.Close()
	if other := <-asked; err == nil {
		err = other
	}
	return took, state, err
}

// pair returns both ends of a connection. One in memory has no room for what both
// sides write at once.
func pair() (near, far net.Conn, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	defer l.Close()
	if near, err = net.DialTimeout("tcp", l.Addr().String(), patience); err != nil {
		return nil, nil, err
	}
	if far, err = l.Accept(); err != nil {
		near.Close()
		return nil, nil, err
	}
	deadline := time.Now().Add(patience)
	_, _ = near.SetDeadline(deadline), far.SetDeadline(deadline) // of an open connection they cannot fail
	return near, far, nil
}

// stopwatch is a connection that measures how long its user works: all the time
// but while it reads and writes.
type stopwatch struct {
	net.Conn
	worked time.Duration
	since  time.Time
}

func (s *stopwatch) start() { s.worked, s.since = 0, time.Now() }

func (s *stopwatch) stop() time.Duration { return s.worked + time.Since(s.since) }

func (s *stopwatch) Read(b []byte) (int, error) {
	s.worked += time.Since(s.since)
	defer func() { s.since = time.Now() }()
	return s.Conn.Read(b)
}

func (s *stopwatch) Write(b []byte) (int, error) {
	s.worked += time.Since(s.since)
	defer func() { s.since = time.Now() }()
	return s.Conn.Write(b)
}

// tlsConfigs returns both ends, with a certificate as most sites have one.
func tlsConfigs() (server, client *tls.Config, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "cdnlab"}, DNSNames: []string{"cdnlab"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, nil, err
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}},
		&tls.Config{RootCAs: roots, ServerName: "cdnlab"}, nil
}
