// Admission by size and chance: the smaller, the likelier.
package cache

import (
	"math"
	"math/rand/v2"
)

func init() {
	Admissions.Add("size-chance", "by chance, the smaller the likelier: exp(-size / admission-size) (AdaptSize's, NSDI 2017)", func(s AdmissionSetup) Admission {
		return &admitSizeChance{float64(s.Size), s.Dice}
	})
}

// admitSizeChance is the admission of D. S. Berger, R. K. Sitaraman, M. Harchol-Balter,
// AdaptSize (NSDI 2017), exp(-size/c), with a fixed c: there a model of the cache finds
// the best c again and again. What is large and asked for often gets in sometime.
type admitSizeChance struct {
	c    float64
	dice *rand.Rand
}

func (a *admitSizeChance) Admit(x Newcomer) Reason {
	if a.dice.Float64() < math.Exp(-float64(x.Size)/a.c) {
		return ""
	}
	return WhySizeChance
}
