// Filled: a catalog's entry, and a journey, as they are played.
package load

import "slices"

// Filled returns the entry with its defaults, and without the keys that mean
// nothing beside the others.
func (e Entry) Filled() Entry {
	e = e.withDefaults()
	if e.Popularity != popularityZipf {
		e.Alpha = nil
	}
	if e.Appears > 0 {
		e.Popularity, e.Alpha = "", nil
	}
	if e.SizeLaw == sizesConstant {
		e.Spread = nil
	}
	return e
}

// Filled returns the journey with its defaults.
func (j Journey) Filled() Journey {
	j = j.withDefaults()
	j.Steps = slices.Clone(j.Steps)
	for i := range j.Steps {
		j.Steps[i].Times = j.Steps[i].times()
	}
	return j
}
