// Filled: a catalog's entry as it is played.
package load

// Filled returns the entry with its defaults, and without the keys that mean
// nothing beside the others.
func (e Entry) Filled() Entry {
	e = e.withDefaults()
	if e.Popularity == "uniform" {
		e.Alpha = nil
	}
	if e.SizeLaw == "constant" {
		e.Spread = nil
	}
	return e
}
