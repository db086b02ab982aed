// courier: packets written to where they go when they are due.
package kernel

import (
	"container/heap"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// parcel is a packet on its way.
type parcel struct {
	due   time.Time
	order uint64
	data  []byte
	to    *os.File
}

// courier writes parcels when they are due, by a timer of the kernel's: Go's own
// miss by a millisecond.
type courier struct {
	timer *os.File
	done  chan struct{}

	mu     sync.Mutex // protects what follows
	queue  parcels
	orders uint64
	armed  time.Time // when the timer fires; zero: never
	closed bool
}

func newCourier() (*courier, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	c := &courier{timer: os.NewFile(uintptr(fd), "timer"), done: make(chan struct{})}
	go c.run()
	return c, nil
}

// send takes a parcel on.
func (c *courier) send(p parcel) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.orders++
	p.order = c.orders
	heap.Push(&c.queue, p)
	c.arm()
}

// arm sets the timer for the first parcel.
func (c *courier) arm() {
	if len(c.queue) == 0 || !c.armed.IsZero() && !c.queue[0].due.Before(c.armed) {
		return
	}
	c.armed = c.queue[0].due
	wait := max(time.Until(c.armed), 1)
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(wait))}
	raw, err := c.timer.SyscallConn()
	if err != nil {
		return // it is closed
	}
	_ = raw.Control(func(fd uintptr) { _ = unix.TimerfdSettime(int(fd), 0, &spec, nil) }) // a valid time: it cannot fail
}

func (c *courier) run() {
	defer close(c.done)
	var count [8]byte
	for {
		if _, err := c.timer.Read(count[:]); err != nil {
			return
		}
		c.deliver()
	}
}

// deliver writes all that is due.
func (c *courier) deliver() {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	for len(c.queue) > 0 && !c.queue[0].due.After(now) {
		p := heap.Pop(&c.queue).(parcel)
		_, _ = p.to.Write(p.data) // a host that is gone receives nothing
	}
	c.armed = time.Time{}
	c.arm()
}

func (c *courier) close() {
	c.mu.Lock()
	c.closed, c.queue = true, nil
	c.mu.Unlock()
	c.timer.Close()
	<-c.done
}

// parcels is a heap by due time, and of the same by order.
type parcels []parcel

func (q parcels) Len() int { return len(q) }
func (q parcels) Less(i, j int) bool {
	return q[i].due.Before(q[j].due) || q[i].due.Equal(q[j].due) && q[i].order < q[j].order
}
func (q parcels) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *parcels) Push(x any)   { *q = append(*q, x.(parcel)) }
func (q *parcels) Pop() any {
	old := *q
	last := old[len(old)-1]
	old[len(old)-1] = parcel{}
	*q = old[:len(old)-1]
	return last
}
