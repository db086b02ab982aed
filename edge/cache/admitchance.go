// Admission by chance alone: each miss alike.
package cache

import "math/rand/v2"

func init() {
	Admissions.Add("chance", "by chance, admission-chance for each miss: what is asked for often gets in sometime", func(s AdmissionSetup) Admission {
		return &admitChance{s.Chance, s.Dice}
	})
}

// admitChance needs no memory: who is asked for n times with a chance of p each is let
// in with 1 - (1-p)^n.
type admitChance struct {
	chance float64
	dice   *rand.Rand
}

func (a *admitChance) Admit(Newcomer) Reason {
	if a.dice.Float64() < a.chance {
		return ""
	}
	return WhyChance
}
