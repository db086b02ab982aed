// Parity of purges: what is told to forget does so alike in both worlds.
package scenarios

import (
	"maps"
	"strings"
	"testing"
	"time"

	"cdnlab/edge"
	"cdnlab/edge/cache"
	"cdnlab/sim"
	"cdnlab/sim/network"
)

// purgeWords makes the purge of a request whose path has words behind it: its tags,
// further paths, and softly.
func purgeWords(req *sim.Request) {
	words := strings.Fields(req.Path)
	req.Control, req.Path, req.Header = true, words[0], maps.Clone(controlHeader)
	var targets []cache.Target
	for _, word := range words[1:] {
		switch {
		case word == "softly":
			req.Header[edge.SoftPurge] = []string{"1"}
		case word[0] == '/':
			targets = append(targets, cache.Target{Key: cache.Key{Path: word}})
		default:
			req.Header["Surrogate-Key"] = append(req.Header["Surrogate-Key"], word)
		}
	}
	if len(targets) > 0 {
		maps.Copy(req.Header, edge.NewPurging(targets, false).Fields())
	}
}

var purgeScript = []scripted{
	{1 * time.Millisecond, "GET", "/app.js", 0},
	{2 * time.Millisecond, "GET", "/tagged", 0},
	{3 * time.Millisecond, "GET", "/tagged/swr", 0},
	{1000 * time.Millisecond, "PURGE", "/ shoes softly", 0},
	{1503 * time.Millisecond, "GET", "/tagged/swr", 0}, // stale, refreshed behind
	{1605 * time.Millisecond, "GET", "/tagged", 0},     // a 304
	{1907 * time.Millisecond, "GET", "/app.js", 0},     // still fresh
	{2001 * time.Millisecond, "GET", "/tagged/swr", 0}, // fresh again
	{2100 * time.Millisecond, "PURGE", "/ none HATS", 0},
	{2201 * time.Millisecond, "GET", "/tagged", 0}, // a miss, on its way when its tag is purged
	{2250 * time.Millisecond, "PURGE", "/ hats", 0},
	{2303 * time.Millisecond, "GET", "/tagged", 0}, // joins that, and goes on to a fetch of its own
	{2305 * time.Millisecond, "GET", "/tagged", 0}, // joins that one
	{3001 * time.Millisecond, "GET", "/tagged", 0}, // a hit
	{3100 * time.Millisecond, "PURGE", "/tagged* softly", 0},
	{3201 * time.Millisecond, "GET", "/tagged", 0},
	{4000 * time.Millisecond, "PURGE", "*", 0},
	{4101 * time.Millisecond, "GET", "/app.js", 0},
	{5001 * time.Millisecond, "GET", "/tagged/swr", 0},
	{5300 * time.Millisecond, "PURGE", "/ /tagged /tagged/swr", 0},
	{5403 * time.Millisecond, "GET", "/tagged", 0},
	{5607 * time.Millisecond, "GET", "/tagged/swr", 0},
	{5809 * time.Millisecond, "GET", "/app.js", 0}, // still there
}

func TestParityPurge(t *testing.T) {
	holdParity(t, "parity-purge", badly{script: purgeScript, far: network.Plain(150 * time.Millisecond), more: `
[[catalog]]
path = "/tagged"
cache-control = "max-age=60"
headers = { Surrogate-Key = "shoes hats" }
[[catalog]]
path = "/tagged/swr"
cache-control = "max-age=60, stale-while-revalidate=5"
headers = { Cache-Tag = "Boots, Shoes" }
`})
}
