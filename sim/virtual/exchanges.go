// exchanges: the exchanges under way on a link or at a host.
package virtual

// The lists that an exchange may stand in.
const (
	atHost = iota
	onLink
	listsOf
)

// exchanges is a list that an exchange can leave in one step. The order after a
// departure is another, but the same in every run.
type exchanges struct {
	side int // which of the exchange's positions is meant
	list []*exchange
}

func (l *exchanges) add(x *exchange) {
	l.list = append(l.list, x)
	x.pos[l.side] = len(l.list)
}

// remove takes an exchange out; one that is not in the list stays out.
func (l *exchanges) remove(x *exchange) {
	i, last := x.pos[l.side]-1, len(l.list)-1
	if i < 0 {
		return
	}
	l.list[i] = l.list[last]
	l.list[i].pos[l.side] = i + 1
	l.list[last] = nil
	l.list = l.list[:last]
	x.pos[l.side] = 0
}
