// queue: first in, first out, in memory that is used again.
package fabric

// queue is a ring; the zero queue is empty.
type queue[T any] struct {
	items   []T
	from, n int
}

func (q *queue[T]) len() int { return q.n }

// at returns item i, counted from the one that leaves next, until the queue changes.
func (q *queue[T]) at(i int) *T { return &q.items[(q.from+i)%len(q.items)] }

func (q *queue[T]) push(x T) {
	if q.n == len(q.items) {
		grown := make([]T, max(4, 2*q.n))
		for i := range q.n {
			grown[i] = *q.at(i)
		}
		q.items, q.from = grown, 0
	}
	q.n++
	*q.at(q.n - 1) = x
}

func (q *queue[T]) pop() {
	var zero T
	*q.at(0) = zero
	q.from = (q.from + 1) % len(q.items)
	q.n--
}
