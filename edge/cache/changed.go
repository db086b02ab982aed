// Changed: what a request that is not safe takes out of a cache.
package cache

import (
	"slices"

	"cdnlab/sim"
)

// Changed returns the keys of what a request may have changed at the origin: its
// target, under its key, and what the answer says on the same origin. It is nothing after a safe
// method, and after an answer that is an error (RFC 9111 4.4).
func Changed(req *sim.Request, key Key, x *Exchange) []Key {
	if req.Safe() || x.Response.Status < 200 || x.Response.Status >= 400 {
		return nil
	}
	keys := []Key{key}
	for _, name := range []string{"Location", "Content-Location"} {
		for _, line := range x.Header[name] {
			if other, ok := keys[0].KeyAt(line); ok && !slices.Contains(keys, other) {
				keys = append(keys, other)
			}
		}
	}
	return keys
}
