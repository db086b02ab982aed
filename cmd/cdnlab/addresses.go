// Addresses on the command line.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"time"
)

// placed is a command that has addresses: its name, for what is wrong with them.
type placed string

// addresses finds the addresses that a flag means: HOST:PORT, and no host is this
// machine's loopback, where they must be unless the user said otherwise. Those of
// IPv4 come first: servers that listen at one address only mostly listen there.
func (p placed) addresses(flag, text string, remote bool) ([]netip.AddrPort, error) {
	host, digits, err := net.SplitHostPort(text)
	port, bad := strconv.ParseUint(digits, 10, 16)
	if err != nil || bad != nil || port == 0 && !listens(flag) {
		return nil, fmt.Errorf("%s: %s %s: want HOST:PORT, as 127.0.0.1:8080", p, flag, text)
	}
	all, err := p.lookUp(flag, text, host, uint16(port))
	if err != nil || remote {
		return all, err
	}
	for _, a := range all {
		if !a.Addr().IsLoopback() {
			return nil, fmt.Errorf("%s: %s %s: %v is not on this machine's loopback; add %s if you mean it", p, flag, text, a.Addr(), remoteFlag(flag))
		}
	}
	return all, nil
}

// listens reports whether a flag's port may be 0, any that is free.
func listens(flag string) bool {
	return flag == "--listen" || flag == "--control" || flag == "--purge-listen"
}

// remoteFlag is the flag that lets another's address be beyond the loopback.
func remoteFlag(flag string) string {
	if flag == "--purge-listen" {
		return "--purge-remote"
	}
	return "--remote"
}

// lookupTime bounds the search for a name's address.
const lookupTime = 5 * time.Second

func (p placed) lookUp(flag, text, host string, port uint16) ([]netip.AddrPort, error) {
	if host == "" {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(context.Background(), lookupTime)
	defer cancel()
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, broken(fmt.Errorf("%s: %s %s: no such host: %w", p, flag, text, err))
	}
	var four, six []netip.AddrPort
	for _, ip := range ips {
		if ip = ip.Unmap(); ip.Is4() {
			four = append(four, netip.AddrPortFrom(ip, port))
		} else {
			six = append(six, netip.AddrPortFrom(ip, port))
		}
	}
	return append(four, six...), nil
}

// listening says what to do about an address that cannot be listened at.
func listening(err error) string {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return "something listens there already: choose another port, or 0 for any that is free"
	case errors.Is(err, syscall.EACCES):
		return "ports below 1024 need the right to them: choose a higher one"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "this machine has no such address"
	}
	return ""
}
