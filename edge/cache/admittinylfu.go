// Admission by TinyLFU: who would leave must have come less often than the newcomer.
package cache

func init() {
	Admissions.Add("tiny-lfu", "when it is full, what came more often lately than who would leave first, by any eviction (TinyLFU, ToS 2017)", newAdmitTinyLFU)
}

// admitTinyLFU is that of G. Einziger, R. Friedman, B. Manes, TinyLFU (ACM Transactions
// on Storage 2017): a filter before any eviction policy, of which only the next victim
// is asked. How often keys were asked for is known to a sketch, and to a Bloom filter
// before it (the doorkeeper) that takes what came once: most keys get no further. After a
// sample of ten requests for each entry stored all counts are halved, the sample too,
// and the filter is emptied; the paper leaves the number open, Caffeine has this one.
// Who came as often as the victim stays out, as the victim has shown that it comes.
//
// A newcomer that takes the room of several is held against the first of them alone.
// Memory: 70 to 130 bytes for each entry stored.
type admitTinyLFU struct {
	AdmissionSetup
	door   bloom
	counts sketch
	sample int // requests, when the door was made
	since  int // the last aging, in requests
}

const (
	admitSample = 10   // requests for each entry
	admitLeast  = 1000 // requests: a cache that holds next to nothing learns, too
)

func newAdmitTinyLFU(s AdmissionSetup) Admission {
	return &admitTinyLFU{AdmissionSetup: s, door: newBloom(admitLeast), counts: newSketch(admitLeast / admitSample), sample: admitLeast}
}

// Asked implements Counting.
func (t *admitTinyLFU) Asked(key uint64) {
	if t.door.has(key) {
		t.counts.add(key)
	} else {
		t.door.add(key)
	}
	if t.since++; t.since >= t.sample {
		t.age()
	}
}

// age forgets half, and makes room for as many entries as there are by now.
func (t *admitTinyLFU) age() {
	t.counts.age()
	t.since /= 2
	stored := t.Stored()
	t.counts.room(stored)
	if sample := admitSample * stored; sample > t.sample {
		t.sample = sample
		t.door = newBloom(sample)
		return
	}
	t.door.clear()
}

func (t *admitTinyLFU) Admit(x Newcomer) Reason {
	t.Asked(x.Key)
	victim, full := t.Leaves(x.Cost)
	if full && t.often(x.Key) <= t.often(victim) {
		return WhyNotOftener
	}
	return ""
}

// often is about how many requests there were.
func (t *admitTinyLFU) often(key uint64) uint32 {
	n := t.counts.estimate(key)
	if t.door.has(key) {
		n++
	}
	return n
}
