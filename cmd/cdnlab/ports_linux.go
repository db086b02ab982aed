// The ports that Linux gives to outgoing connections (ip(7), ip_local_port_range).
package main

import (
	"fmt"
	"os"
)

func portRange() (int, bool) {
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		return 0, false
	}
	var low, high int
	if _, err := fmt.Sscan(string(text), &low, &high); err != nil {
		return 0, false
	}
	return high - low + 1, true
}
