// Parity of rules: what an operator says in the place of the origin is the same in both
// worlds, a page for failures included, which no origin has sent.
package scenarios

import (
	"testing"
	"time"

	"cdnlab/sim/network"
)

var rulesScript = []scripted{
	{1 * time.Millisecond, "GET", "/lib.js", 0},
	{1003 * time.Millisecond, "GET", "/x/../lib.js?v=1", 0}, // one key: a hit
	{2003 * time.Millisecond, "GET", "/lib.js", 0},          // with the time that browsers are told of now
	{3001 * time.Millisecond, "GET", "/gone", 0},
	{3503 * time.Millisecond, "GET", "/gone", 0}, // a 404 that is kept for a second
	{5003 * time.Millisecond, "GET", "/gone", 0},
	{6001 * time.Millisecond, "GET", "/graced", 0},
	{9003 * time.Millisecond, "GET", "/graced", 0}, // expired, and served
	{9503 * time.Millisecond, "GET", "/graced", 0},
	{10001 * time.Millisecond, "GET", "/broken", 0}, // the rule's page
	{10503 * time.Millisecond, "HEAD", "/broken", 0},
	{11001 * time.Millisecond, "GET", "/set", 0}, // Set-Cookie is taken off
	{11503 * time.Millisecond, "GET", "/set", 0},
	{12001 * time.Millisecond, "GET", "/by-hand", 0},
}

const rulesCatalog = `
[edge]
status-key = true
[[edge.rule]]
path = "*.js"
query = "none"
ttl = "1h"
browser-ttl = "1m"
[[edge.rule]]
path = "/gone"
status-ttl = { 404 = "1s" }
[[edge.rule]]
path = "/graced"
grace = "1m"
[[edge.rule]]
path = "/broken"
default-text = "<p>We are back soon."
[[edge.rule]]
path = "/set"
cookies = "strip"
[[edge.rule]]
path = "/by-hand"
cache = "bypass"
[[catalog]]
path = "/lib.js"
cache-control = "no-transform"
[[catalog]]
path = "/gone"
status = 404
[[catalog]]
path = "/graced"
cache-control = "max-age=1"
[[catalog]]
path = "/broken"
status = 503
[[catalog]]
path = "/set"
cache-control = "max-age=60"
headers = { Set-Cookie = "a=1" }
[[catalog]]
path = "/by-hand"
cache-control = "max-age=60"
`

func TestParityRules(t *testing.T) {
	holdParity(t, "parity-rules", badly{script: rulesScript, far: network.Plain(150 * time.Millisecond), more: rulesCatalog})
}
