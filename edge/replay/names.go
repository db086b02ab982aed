// What objects are called, for whoever asks for them by their names.
package replay

// Namer is a Reader that can say of each request what its object is called.
type Namer interface {
	Reader
	// Names returns what the objects are called that the last Read returned, in its
	// order. The next Read writes over it.
	Names() []string
	keepNames()
}

// NamesOf returns a Reader that says what objects are called, from its next Read on;
// false when the trace has nothing but numbers.
func NamesOf(r Reader) (Namer, bool) {
	n, can := r.(Namer)
	if can {
		n.keepNames()
	}
	return n, can
}

// HasTimes reports whether a trace says when requests came.
func HasTimes(r Reader) bool {
	c, is := r.(*csv)
	return !is || c.columns.Time >= 0
}

// called remembers what the objects of a batch are called. The zero one does not.
type called struct {
	keep  bool
	name  string // of the line under way
	names []string
}
