// The footprint: how many different objects a trace asks for, and their bytes.
package replay

// Footprint adds up the objects of a trace. It takes 9 to 36 bytes for each.
type Footprint struct {
	Requests int64
	Objects  int64 // as many misses are cold: nobody can have it the first time
	Bytes    int64 // of the objects, at the size of the first request
	Once     int64 // objects that were asked for once (one-hit wonders)
	table    []uint64
	again    []bool // by place: asked for more than once
	zero     int64  // requests for object 0: it stands for a free place
}

// Add takes requests in.
func (f *Footprint) Add(batch []Request) {
	f.Requests += int64(len(batch))
	for i := range batch {
		if f.first(batch[i].ID) {
			f.Objects++
			f.Once++
			f.Bytes += batch[i].Size
		}
	}
}

// first reports whether an object is a new one.
func (f *Footprint) first(id uint64) bool {
	if id == 0 {
		if f.zero++; f.zero == 2 {
			f.Once--
		}
		return f.zero == 1
	}
	if 2*(f.Objects+1) > int64(len(f.table)) {
		f.grow()
	}
	at := f.place(id)
	if f.table[at] == id {
		if !f.again[at] {
			f.again[at] = true
			f.Once--
		}
		return false
	}
	f.table[at] = id
	return true
}

func (f *Footprint) place(id uint64) uint64 {
	mask := uint64(len(f.table) - 1)
	i := hash(id) & mask
	for f.table[i] != 0 && f.table[i] != id {
		i = (i + 1) & mask
	}
	return i
}

func (f *Footprint) grow() {
	old, again := f.table, f.again
	f.table = make([]uint64, max(1024, 2*len(old)))
	f.again = make([]bool, len(f.table))
	for i, id := range old {
		if id != 0 {
			at := f.place(id)
			f.table[at], f.again[at] = id, again[i]
		}
	}
}
