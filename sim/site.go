// Site: what a world gives to a node's factory.
package sim

// Site is the place where a world builds a node: its Env, and the ways out that
// only a world can give. It belongs to one incarnation.
type Site struct {
	*Env
	// Dial returns the Handler behind which the named node answers, with the
	// link to it. Call it while building.
	Dial func(node string) Handler
	// Exit ends the node's process, as one that has run out of memory ends.
	Exit func(code int)
}

// Factory builds a node at a site. Both worlds build from the same factories,
// and build anew after a crash.
type Factory func(Site) Handler

// Blueprint is all that a world needs to know of a node's inside. When the
// scenario changes during a run, a world gets a new one: a node that runs is
// changed by its Change, and every later incarnation is built by its Build.
type Blueprint struct {
	Build Factory
	// Change makes a node that an earlier blueprint built what this one says,
	// with what it holds (cache, connections, requests under way) kept, as a
	// reload of its configuration would. site is the one that it was built at.
	// nil: nothing that this node knows can change.
	Change func(site Site, node Handler)
}

// Slower is a node whose work can be made slower (a brown-out). 1 is its own
// speed, 3 makes what starts from now on take three times as long.
type Slower interface{ Slow(factor float64) }
