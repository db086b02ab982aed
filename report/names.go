// Names become small numbers, so that counting by name is an array index.
package report

// maxNames bounds the distinct names of one kind; all further ones are counted
// together as otherName.
const (
	maxNames  = 4096
	otherName = "(other)"
)

// names numbers strings from 1 in the order of their first use; "" is 0. The
// hot path asks a small direct-mapped cache: a map would cost as much as all the
// rest of an observation.
type names struct {
	ids   map[string]int32
	list  []string
	cache [64]struct {
		name string
		id   int32
	}
}

func newNames() names { return names{ids: map[string]int32{}, list: []string{""}} }

// id returns the name's number.
func (n *names) id(name string) int32 {
	if name == "" {
		return 0
	}
	// Names of one kind mostly differ at their end ("app-1", "app-2").
	last := name[len(name)-1]
	c := &n.cache[(int(last)+int(name[0])*7+len(name)*13)&63]
	if c.name != name {
		c.name, c.id = name, n.slow(name)
	}
	return c.id
}

func (n *names) slow(name string) int32 {
	if id, known := n.ids[name]; known {
		return id
	}
	if len(n.list) >= maxNames && name != otherName {
		return n.slow(otherName)
	}
	id := int32(len(n.list))
	n.ids[name] = id
	n.list = append(n.list, name)
	return id
}

// bump adds n to the count of number id.
func bump(counts *[]int64, id int32, n int64) {
	if int(id) >= len(*counts) {
		lengthen(counts, int(id)+1)
	}
	(*counts)[id] += n
}

// lengthen makes room for n counts. It is kept out of what is done for every request.
//
//go:noinline
func lengthen(counts *[]int64, n int) {
	for len(*counts) < n {
		*counts = append(*counts, 0)
	}
}

// named returns the counts that are not zero by their names; "" is left out, as
// it means that there was none.
func (n *names) named(counts []int64) map[string]int64 {
	var byName map[string]int64
	for id, count := range counts {
		if id > 0 && count != 0 {
			if byName == nil {
				byName = map[string]int64{}
			}
			byName[n.list[id]] = count
		}
	}
	return byName
}
