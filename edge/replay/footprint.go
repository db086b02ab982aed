// The footprint: how many different objects a trace asks for, and their bytes.
package replay

// Footprint adds up the objects of a trace. It takes 8 to 32 bytes for each.
type Footprint struct {
	Requests int64
	Objects  int64 // as many misses are cold: nobody can have it the first time
	Bytes    int64 // of the objects, at the size of the first request
	table    []uint64
	zero     bool // object 0 was asked for: it stands for a free place
}

// Add takes requests in.
func (f *Footprint) Add(batch []Request) {
	f.Requests += int64(len(batch))
	for i := range batch {
		if f.first(batch[i].ID) {
			f.Objects++
			f.Bytes += batch[i].Size
		}
	}
}

// first reports whether an object is a new one.
func (f *Footprint) first(id uint64) bool {
	if id == 0 {
		first := !f.zero
		f.zero = true
		return first
	}
	if 2*(f.Objects+1) > int64(len(f.table)) {
		f.grow()
	}
	at := f.place(id)
	if f.table[at] == id {
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
	old := f.table
	f.table = make([]uint64, max(1024, 2*len(old)))
	for _, id := range old {
		if id != 0 {
			f.table[f.place(id)] = id
		}
	}
}
