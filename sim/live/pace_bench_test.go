//go:build linux

// What pacing costs, and how late it is: the present alarm beside others.
package live

import (
	"net"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"golang.org/x/sys/unix"

	"cdnlab/sim"
)

// threadAlarm waits on a locked thread of its own in ppoll, whose time-out the
// kernel keeps to the µs when the thread's timer slack is 1 ns. To set an earlier
// time it is woken through an eventfd.
type threadAlarm struct {
	fd    int
	begun time.Time
	due   atomic.Int64 // in ns since begun
	until atomic.Int64 // what the thread waits for; 0: it has never, 1: it does not
}

func newThreadAlarm() alarm {
	fd, err := unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC)
	if err != nil {
		panic(err)
	}
	return &threadAlarm{fd: fd, begun: time.Now()}
}

func (a *threadAlarm) set(d time.Duration) {
	at := int64(time.Since(a.begun) + d)
	a.due.Store(at)
	if until := a.until.Load(); until > at {
		_, _ = unix.Write(a.fd, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	}
}

func (a *threadAlarm) wait() {
	if a.until.Load() == 0 {
		runtime.LockOSThread()
		_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
	}
	defer a.until.Store(1)
	for {
		due := a.due.Load()
		a.until.Store(due)
		if a.due.Load() != due {
			continue // set meanwhile, by who did not see it wait
		}
		left := time.Duration(due) - time.Since(a.begun)
		if left <= 0 {
			return
		}
		timeout := unix.NsecToTimespec(int64(left))
		_, _ = unix.Ppoll([]unix.PollFd{{Fd: int32(a.fd), Events: unix.POLLIN}}, &timeout, nil)
		var count [8]byte
		_, _ = unix.Read(a.fd, count[:])
	}
}

func (a *threadAlarm) close() { unix.Close(a.fd) }

// restless is the present alarm without its bound on wakes.
type restless struct{ *sleeper }

func (r restless) wait() {
	var count [8]byte
	_, _ = r.file.Read(count[:])
}

// BenchmarkPace plays a second and a half of evenly spaced events, alone and with
// an exchange over loopback for each, whose answer enters the node: so the driver
// is entered from both sides.
func BenchmarkPace(b *testing.B) {
	alarms := []struct {
		name string
		make func() alarm
	}{
		{"timerfd", newAlarm},
		{"timerfd-unbounded", func() alarm { return restless{newAlarm().(*sleeper)} }},
		{"thread", newThreadAlarm},
		{"go-timer", func() alarm { return newTimerAlarm() }},
	}
	for _, rate := range []int{1000, 10_000, 20_000} {
		for _, with := range []string{"alone", "exchanges"} {
			for _, a := range alarms {
				b.Run(rateName(rate)+"/"+with+"/"+a.name, func(b *testing.B) {
					for b.Loop() {
						pace(b, a.make(), rate, with == "exchanges")
					}
				})
			}
		}
	}
}

func rateName(rate int) string { return map[int]string{1000: "1k", 10_000: "10k", 20_000: "20k"}[rate] }

func pace(b *testing.B, a alarm, rate int, exchanges bool) {
	wall, _ := StartWall()
	n := startNode(wall, a)
	defer n.Close()
	h := hdrhistogram.New(1000, int64(time.Minute), 3)
	left, gap := rate*3/2, time.Second/time.Duration(rate)
	over := make(chan bool)
	send := func() {}
	if exchanges {
		send = echoing(b, n)
	}
	var due sim.Time
	var step func()
	step = func() {
		late(h, n.wall.Now().Sub(due))
		send()
		if left--; left == 0 {
			n.Later(func() { close(over) })
			return
		}
		due = due.Add(gap)
		n.engine.At(due, step)
	}
	before := cpuTime()
	n.Do(func() { due = n.engine.Now(); step() })
	<-over
	b.ReportMetric(float64(cpuTime()-before)/1e3/float64(rate*3/2), "cpu-µs/event")
	b.ReportMetric(float64(h.ValueAtQuantile(50))/1e3, "µs-late-p50")
	b.ReportMetric(float64(h.ValueAtQuantile(99))/1e3, "µs-late-p99")
	b.ReportMetric(0, "ns/op")
}

// echoing returns what sends a byte that comes back and then enters the node. Its
// far end is in this process: a few µs of each event are its.
func echoing(b *testing.B, n *Node) func() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	near, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	far, err := l.Accept()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { near.Close(); far.Close(); l.Close() })
	go func() {
		data := make([]byte, 4096)
		for {
			got, err := far.Read(data)
			if err != nil {
				return
			}
			_, _ = far.Write(data[:got])
		}
	}()
	go func() {
		data := make([]byte, 4096)
		for {
			got, err := near.Read(data)
			if err != nil {
				return
			}
			for range got {
				n.Do(func() {})
			}
		}
	}()
	write := func() { _, _ = near.Write([]byte{1}) }
	return func() { n.Later(write) }
}

func cpuTime() time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
