//go:build !linux

// Tests: the way of waiting elsewhere.
package fabric

var ways = []way{portableWay}
