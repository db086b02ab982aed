// Authority: the certificate authority of a run, and who has what from it.
package live

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"net/netip"
	"time"

	"cdnlab/sim/live/kernel"
)

// Authority signs the certificates of a run's nodes. Its key is made for the run
// and never leaves the driver's memory. It may sign for the addresses that a run
// can have, all of this machine alone, and the site's host, and for nothing else (RFC 5280 4.2.1.10): should its
// certificate ever be trusted by somebody, it is worth nothing outside.
type Authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	host string
	from time.Time
	last int64 // serial number
}

// Identity is what a node needs to speak TLS: as a listener its certificate and
// key, as a dialler the authority's certificate. It travels over the node's
// standard input alone.
type Identity struct {
	Host      string   `json:"host"`      // the site's
	Authority []byte   `json:"authority"` // its certificate, in DER as the others
	Cert      []byte   `json:"cert"`
	Key       []byte   `json:"key"`     // of Cert, in PKCS #8
	Tickets   [32]byte `json:"tickets"` // the key of the node's session tickets: it outlives a restart
}

// certLife is how long certificates are good for: longer than any run lasts (even
// the longest scenario, dilated), and not for ever. They are good an hour before
// they are made, as a wall clock may be set back.
const (
	certLife = 366 * 24 * time.Hour
	certSlip = time.Hour
)

var loopbacks = netip.MustParsePrefix("127.0.0.0/8")

// NewAuthority returns an authority that signs for a site.
func NewAuthority(host string, now time.Time) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	a := &Authority{key: key, host: host, from: now.Add(-certSlip)}
	template := a.template("cdnlab, for one run")
	template.IsCA, template.BasicConstraintsValid, template.MaxPathLenZero = true, true, true
	template.KeyUsage = x509.KeyUsageCertSign
	template.PermittedDNSDomainsCritical = true
	template.PermittedDNSDomains = []string{host}
	for _, p := range [...]netip.Prefix{loopbacks, kernel.Subnet} {
		template.PermittedIPRanges = append(template.PermittedIPRanges,
			&net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())})
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	a.cert, err = x509.ParseCertificate(der)
	return a, err
}

func (a *Authority) template(name string) *x509.Certificate {
	a.last++
	return &x509.Certificate{
		SerialNumber: big.NewInt(a.last), Subject: pkix.Name{CommonName: name},
		NotBefore: a.from, NotAfter: a.from.Add(certLife),
	}
}

// Identity makes a node's certificate: for the site's host, as users ask for that,
// and for the node's address, so that nobody takes it for another node.
func (a *Authority) Identity(name string, addr netip.Addr) (*Identity, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := a.template(name)
	template.KeyUsage, template.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	template.DNSNames, template.IPAddresses = []string{a.host}, []net.IP{addr.AsSlice()}
	id := &Identity{Host: a.host, Authority: a.cert.Raw}
	if id.Cert, err = x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key); err != nil {
		return nil, err
	}
	if id.Key, err = x509.MarshalPKCS8PrivateKey(key); err != nil {
		return nil, err
	}
	_, err = rand.Read(id.Tickets[:])
	return id, err
}

// Trust is how a dialler makes sure that it talks to the node it means: who signs
// for the run, the site's host and the node's address.
type Trust struct {
	roots  *x509.CertPool
	host   string
	addr   netip.Addr
	anyone bool
}

// Anyone has any node of the site believed: connections to the address are passed
// on.
func (t *Trust) Anyone() *Trust {
	t.anyone = true
	return t
}

// Trust returns how the authority's own process checks the node at an address.
func (a *Authority) Trust(addr netip.Addr) *Trust { return newTrust(a.cert, a.host, addr) }

// Trust returns how a node checks the node at an address.
func (id *Identity) Trust(addr netip.Addr) (*Trust, error) {
	cert, err := x509.ParseCertificate(id.Authority)
	if err != nil {
		return nil, err
	}
	return newTrust(cert, id.Host, addr), nil
}

func newTrust(authority *x509.Certificate, host string, addr netip.Addr) *Trust {
	roots := x509.NewCertPool()
	roots.AddCert(authority)
	return &Trust{roots: roots, host: host, addr: addr}
}
