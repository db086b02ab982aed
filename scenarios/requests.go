// The requests of a trace, one after the other: read once for what they are of,
// and again, as they are due, by each run that plays them.
package scenarios

import (
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"strings"
	"time"

	"cdnlab/edge/replay"
	"cdnlab/sim/load"
)

const (
	readAhead = 1024 // requests
	// maxAtOnce bounds the requests of one second of a trace whose times are whole
	// seconds: they are kept until it is over.
	maxAtOnce = 1 << 20
	// maxBins bounds the curve that is made of requests: of a longer trace a bin is
	// more than a second.
	maxBins = 1 << 14
)

// requests reads the part of a trace that is played.
type requests struct {
	part
	r     replay.Reader
	who   replay.Callers // nil: the trace does not say
	names replay.Namer   // nil: its objects are numbers

	batch   []replay.Request
	n, next int
	end     error // of the batches

	begun bool
	first float64       // of the trace, seconds from wherever it counts
	skip  time.Duration // from there to the part
	last  float64
}

// newRequests reads from the beginning of a file.
func newRequests(p part, f io.Reader) (*requests, error) {
	r, err := replay.Open(f, path.Base(p.at), replay.FormatAuto, nil)
	if err != nil {
		return nil, err
	}
	if !replay.HasTimes(r) {
		return nil, errors.New("does not say when its requests came: there is no column of times")
	}
	q := &requests{part: p, r: r, batch: make([]replay.Request, readAhead)}
	if who, err := replay.CallersOf(r, replay.ByClient); err == nil {
		q.who = who
	}
	return q, nil
}

// request is one of a trace.
type request struct {
	at     float64 // seconds since the part began
	id     uint64
	size   int64
	client uint64 // a hash of who asked, where the trace says it
	name   string // of the object, where it has one and somebody wants to know
}

// read returns the next request of the part; io.EOF when there is none. Times never
// go back: a log is written in the order in which answers ended, and a line that is
// of an earlier time than the one before is taken for one of that time.
func (q *requests) read() (request, error) {
	for {
		if q.next == q.n {
			if q.end != nil {
				return request{}, q.end
			}
			q.n, q.end = q.r.Read(q.batch)
			q.next = 0
			continue
		}
		i := q.next
		r := &q.batch[i]
		q.next++
		if !q.begun {
			q.begun, q.first, q.last = true, r.At, r.At
			var err error
			if q.skip, err = startIn(q.from, q.first); err != nil {
				return request{}, err
			}
			if q.skip < 0 {
				return request{}, outside(q.first, 0)
			}
		}
		q.last = max(q.last, r.At)
		at := q.last - q.first - q.skip.Seconds()
		if at < 0 {
			continue
		}
		if q.length > 0 && at >= q.length.Seconds() {
			return request{}, q.over()
		}
		one := request{at: at, id: r.ID, size: r.Size}
		if q.who != nil {
			one.client = q.who.From()[i]
		}
		if q.names != nil {
			one.name = q.names.Names()[i]
		}
		return one, nil
	}
}

// over is the end of a part before that of the trace.
func (q *requests) over() error {
	if err := q.r.Problems().TooMany(); err != nil {
		return err
	}
	return io.EOF
}

// recorded is what is known of a part that is requests.
type recorded struct {
	objects *load.Recorded
	ids     map[uint64]int32 // to the objects' numbers
	clients bool             // the trace says who asked
	whole   bool             // its times are whole seconds
	asked   int64
	leftOut string        // in words, what of the trace up to the part's end is not played; "": all is
	length  time.Duration // of the part
}

// survey reads the part once.
func (q *requests) survey() (*trace, error) {
	q.names, _ = replay.NamesOf(q.r)
	known := &recorded{objects: load.NewRecorded(), ids: map[uint64]int32{}, clients: q.who != nil, whole: true}
	bins := bins{every: 1}
	second, inSecond, last := -1.0, 0, 0.0
	for {
		one, err := q.read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if err := known.add(one); err != nil {
			return nil, err
		}
		if s := math.Floor(one.at); s != second {
			second, inSecond = s, 0
		}
		if inSecond++; inSecond > maxAtOnce {
			return nil, fmt.Errorf("line %d: more than %d requests in one second", q.r.Problems().Lines, maxAtOnce)
		}
		known.whole = known.whole && one.at+q.skip.Seconds() == math.Trunc(one.at+q.skip.Seconds())
		bins.count(one.at)
		last = one.at
	}
	if !q.begun {
		return nil, errors.New("has no request that could be played")
	}
	if known.asked == 0 {
		if q.last-q.first >= q.skip.Seconds() {
			return nil, errFrom{fmt.Sprintf("nobody asks for anything in the %v of the trace from there on: the next request is at %s UTC", q.length, moment0(q.last).Format(momentLayout))}
		}
		return nil, outside(q.first, time.Duration((q.last-q.first)*1e9))
	}
	known.length = time.Duration((math.Floor(last) + 1) * 1e9)
	known.leftOut = leftOut(q.r.Problems())
	curve := &load.Curve{Every: time.Duration(bins.every) * time.Second, Counts: bins.counts, Each: true}
	return &trace{at: q.at, curve: curve, recorded: known}, nil
}

// leftOut says what of a trace is not played.
func leftOut(p *replay.Problems) string {
	var words []string
	if p.Skipped > 0 {
		words = append(words, many(int(p.Skipped), "line")+" that are no GETs with an answer that a cache could keep")
	}
	if p.Empty > 0 {
		words = append(words, many(int(p.Empty), "line")+" without content")
	}
	if p.Bad > 0 {
		words = append(words, fmt.Sprintf("%s that cannot be read (line %d: %s)", many(int(p.Bad), "line"), p.First[0].Line, p.First[0].Why))
	}
	if len(words) == 0 {
		return ""
	}
	return "; left out: " + strings.Join(words, ", ")
}

func (k *recorded) add(one request) error {
	k.asked++
	if _, seen := k.ids[one.id]; seen {
		return nil
	}
	name := one.name
	if name == "" {
		name = fmt.Sprint(one.id)
	}
	number, ok := k.objects.Add(name, one.size)
	if !ok {
		return fmt.Errorf("asks for more than %d objects: play a part of it, with trace-from and duration", load.MaxRecorded)
	}
	k.ids[one.id] = number
	return nil
}

// bins count requests by time.
type bins struct {
	every  int // seconds
	counts []float64
}

func (b *bins) count(at float64) {
	for at >= float64(b.every*maxBins) {
		for i := range (len(b.counts) + 1) / 2 {
			b.counts[i] = b.counts[2*i]
			if 2*i+1 < len(b.counts) {
				b.counts[i] += b.counts[2*i+1]
			}
		}
		b.counts = b.counts[:(len(b.counts)+1)/2]
		b.every *= 2
	}
	for len(b.counts) <= int(at)/b.every {
		b.counts = append(b.counts, 0)
	}
	b.counts[int(at)/b.every]++
}
