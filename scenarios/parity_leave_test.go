// Parity of leaving: who leaves in the middle stops in both worlds what nobody else
// wants, and nothing else.
package scenarios

import (
	"testing"
	"time"

	"cdnlab/sim/network"
)

var leaveScript = []scripted{
	{1 * time.Millisecond, "GET", "/film/1", 450 * time.Millisecond}, // leaves alone, in the middle: the fill goes on
	{2003 * time.Millisecond, "GET", "/film/1", 0},                   // a hit
	{3001 * time.Millisecond, "GET", "/film/2", 250 * time.Millisecond},
	{3107 * time.Millisecond, "GET", "/film/2", 0},                      // joins before the header, and stays
	{3303 * time.Millisecond, "GET", "/film/2", 100 * time.Millisecond}, // joins behind it, and leaves too
	{5001 * time.Millisecond, "GET", "/film/2", 0},                      // a hit
	{6001 * time.Millisecond, "GET", "/film/3", 100 * time.Millisecond}, // leaves before the header: nobody wants it
	{7003 * time.Millisecond, "GET", "/film/3", 0},                      // a miss
	{9001 * time.Millisecond, "GET", "/long", 450 * time.Millisecond},   // larger than background-fill
	{11003 * time.Millisecond, "GET", "/long", 0},                       // a miss
	{14001 * time.Millisecond, "GET", "/long", 0},                       // a hit
	{15001 * time.Millisecond, "GET", "/own", 450 * time.Millisecond},   // one client's alone
	{17003 * time.Millisecond, "GET", "/own", 0},
}

func TestParityLeaves(t *testing.T) {
	holdParity(t, "parity-leaves", badly{script: leaveScript, far: network.Plain(150 * time.Millisecond), more: `
[edge]
background-fill = "300KB"
[[catalog]]
path = "/film/{n}"
objects = 3
size = "300KB"
cache-control = "max-age=60"
[[catalog]]
path = "/long"
size = "301KB"
cache-control = "max-age=60"
[[catalog]]
path = "/own"
size = "300KB"
cache-control = "private"
`})
}
