// What the faults of links have in common.
package fault

// link is a fault that changes the path between two ends.
type link struct {
	from, to string
	change   Change
}

func (f link) Begin(w World) { w.Link(f.from, f.to, f.change) }
func (f link) End(w World)   { w.Link(f.from, f.to, Change{}) }
