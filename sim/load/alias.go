// Choosing among weights in constant time.
package load

import "cdnlab/sim"

// alias is Walker's table in Vose's form (IEEE Trans. Software Eng. 17(9),
// 1991): each of n columns of height 1 holds at most two choices.
type alias struct {
	split []float64 // below it the column's own number, above the other
	other []int32
}

func newAlias(weights []float64) alias {
	n := len(weights)
	a := alias{make([]float64, n), make([]int32, n)}
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	var small, large []int32
	for i, w := range weights {
		a.split[i], a.other[i] = w/sum*float64(n), int32(i)
		if a.split[i] < 1 {
			small = append(small, int32(i))
		} else {
			large = append(large, int32(i))
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		a.other[s] = l
		a.split[l] -= 1 - a.split[s]
		if a.split[l] < 1 {
			large = large[:len(large)-1]
			small = append(small, l)
		}
	}
	for _, i := range append(small, large...) { // what rounding left over
		a.split[i] = 1
	}
	return a
}

func (a alias) pick(roll *sim.Roll) int32 {
	x := roll.Float64() * float64(len(a.split))
	i := int32(x)
	if x-float64(i) < a.split[i] {
		return i
	}
	return a.other[i]
}
