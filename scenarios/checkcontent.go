// What can be wrong with what there is to ask for.
package scenarios

import (
	"fmt"

	"cdnlab/sim/load"
)

// catalog looks at what there is to ask for. Of a trace that cannot be read nobody
// knows what that is.
func (c *checker) catalog() {
	if c.s.Load.Shape == "trace" && c.s.trace == nil {
		return
	}
	if len(c.s.Catalog) == 0 {
		hint := "add a [[catalog]] with a path"
		if c.s.recorded() {
			hint = `add a [[catalog]] with path = "/*", which says how long what the trace asks for may be kept`
		}
		c.add("there is nothing to ask for", hint, "catalog")
	}
	find := load.CheckCatalog
	if c.s.recorded() {
		find = load.CheckRecorded
	}
	for _, p := range find(c.s.Catalog) {
		c.add(p.Says, "", "catalog", p.Item, p.Key)
	}
	if !c.s.recorded() || len(c.s.Catalog) == 0 || c.lost("catalog") {
		return
	}
	objects := c.s.trace.recorded.objects
	if n, first := load.Uncovered(c.s.Catalog, objects); n > 0 {
		c.add(fmt.Sprintf("says nothing of %s in the load's trace, such as %s", many(n, "object"), first), `the last entry may have path = "/*"`, "catalog")
	}
}
