// Random: any entry leaves, each as likely.
package cache

import "math/rand/v2"

func init() {
	Evictions.Add("random", "evicts anyone, each as likely", func(s Setup) Eviction {
		return &random{next: none, release: s.Release, dice: s.Dice}
	})
}

// random keeps its entries in a list without gaps.
type random struct {
	all     []uint32
	at      []uint32 // by id
	next    uint32   // who was drawn and is still there; or none
	dice    *rand.Rand
	release func(id uint32)
}

func (r *random) Admit(Item) bool { return true }

func (r *random) Insert(x Item) bool {
	r.at = grown(r.at, x.ID)
	r.at[x.ID] = uint32(len(r.all))
	r.all = append(r.all, x.ID)
	return true
}

func (r *random) Hit(uint32) {}

func (r *random) Next() uint32 {
	if r.next == none {
		r.next = r.all[r.dice.IntN(len(r.all))]
	}
	return r.next
}

func (r *random) Victim() uint32 {
	id := r.Next()
	r.Remove(id)
	r.release(id)
	return id
}

func (r *random) Remove(id uint32) {
	if id == r.next {
		r.next = none
	}
	last := r.all[len(r.all)-1]
	r.all[r.at[id]], r.at[last] = last, r.at[id]
	r.all = r.all[:len(r.all)-1]
}
