//go:build windows

// Windows: the live world says why it does not work; the virtual one does.
package live

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"
)

var errWindows = errors.New("the live world needs SIGSTOP, process groups and port reservation, which Windows does not have; use --world virtual")

// ManyAddresses reports whether every place and client can have an address of
// its own.
const ManyAddresses = false

// Supported reports why there is no live world here; nil where there is one.
func Supported() error { return errWindows }

type reservation struct{}

func reserve(netip.Addr) (netip.AddrPort, *reservation, error) {
	return netip.AddrPort{}, nil, errWindows
}
func (r *reservation) release() {}

func listen(address string) (net.Listener, error) { return nil, errWindows }

func childAttributes() *syscall.SysProcAttr         { return nil }
func portLate(_, _ string, _ syscall.RawConn) error { return nil }
func stopProcess(*os.Process) error                 { return errWindows }
func continueProcess(*os.Process) error             { return errWindows }
func monotonic() int64                              { return 0 }
func threadTime() time.Duration                     { return 0 }
func busyNanos() int64                              { return 0 }

const counterBusy = "cpu-busy-ns"
