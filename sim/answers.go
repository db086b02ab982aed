// Answers: the memory of answers, used again.
package sim

// Answers is where one node takes its answers from. Those that come back by
// Done are used again; those that do not are the collector's. The zero Answers
// has none yet.
type Answers struct{ free []*Response }

// New returns an empty answer.
func (a *Answers) New() *Response {
	n := len(a.free)
	if n == 0 {
		return &Response{home: a}
	}
	r := a.free[n-1]
	a.free = a.free[:n-1]
	r.home = a
	return r
}

// Done gives an answer back to the node that made it. Who received it last may
// say so, once nobody will look at it again; nobody has to. Its content is
// another matter: a Body lives on.
func (r *Response) Done() {
	home := r.home
	if home == nil {
		return
	}
	r.Status, r.Cause, r.Header, r.Size, r.Body, r.Stamp = 0, OK, nil, 0, nil, Stamp{}
	r.Date, r.Aged, r.Age, r.Late, r.Waited = 0, false, 0, 0, 0
	r.Via.Reset()
	r.home = nil
	home.free = append(home.free, r)
}
