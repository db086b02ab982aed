// Parity of content-hashed names: both worlds have the same files under the same
// names before and after a deploy.
package scenarios

import (
	"testing"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/load"
)

const hashedCatalog = `
[[catalog]]
path = "/static/app.{hash}.js"
changes = "at deploy"
cache-control = "public, max-age=31536000, immutable"
[[catalog]]
path = "/static/chunk-{n}.{hash}.js"
objects = 3
changes = "at deploy"
keep-old = false
cache-control = "public, max-age=2"
[[catalog]]
path = "/logo.{hash}.svg"
cache-control = "public, max-age=2"
`

func TestParityHashedNames(t *testing.T) {
	top := parityTopology(t, hashedCatalog)
	names := load.NewNames(top.catalog())
	of := func(written string, number int32, version uint32) string {
		entry, known := top.catalog().Entry(written)
		if !known {
			t.Fatal(written)
		}
		return names.Of(load.Object{Entry: entry, Number: number}, version)
	}
	app, chunk, logo := "/static/app.{hash}.js", "/static/chunk-{n}.{hash}.js", "/logo.{hash}.svg"
	holdParity(t, "parity-hash", badly{deploy: []sim.Time{sim.Time(5 * time.Second)}, more: hashedCatalog, script: []scripted{
		{1 * time.Millisecond, "GET", of(app, 1, 1), 0},
		{1002 * time.Millisecond, "GET", of(app, 1, 2), 0}, // there is none yet
		{1303 * time.Millisecond, "GET", of(chunk, 2, 1), 0},
		{1604 * time.Millisecond, "GET", of(logo, 1, 1), 0},
		{1905 * time.Millisecond, "GET", of(logo, 1, 2), 0}, // nor ever will be
		{2206 * time.Millisecond, "GET", app, 0},            // it is no name itself
		{6001 * time.Millisecond, "GET", of(app, 1, 2), 0},  // the new name: a miss
		{6302 * time.Millisecond, "GET", of(app, 1, 1), 0},  // the old one is still in the cache
		{6603 * time.Millisecond, "GET", of(chunk, 2, 1), 0},
		{6904 * time.Millisecond, "GET", of(chunk, 3, 2), 0},
		{7205 * time.Millisecond, "GET", of(chunk, 3, 1), 0}, // not kept
		{7506 * time.Millisecond, "GET", of(logo, 1, 1), 0},
	}})
}
